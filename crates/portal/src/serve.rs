//! The running server: connections, TLS, signals.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::http::{self, Answer, Body, Head, Method, Response};
use crate::limits::Network;
use crate::net::{Listener, Reactor, Socket};
use crate::portal::Portal;
use crate::route::Router;
use crate::{PortalError, bundle::Bundle};

/// Connections at one time; more wait to be accepted.
const MAX_CONNECTIONS: usize = 4096;
/// Connections of one network at one time, where no proxy stands in between; more are closed.
const MAX_OF_NETWORK: usize = 256;

/// How many connections each network has. Held in memory only.
#[derive(Debug, Default)]
struct Open(Mutex<BTreeMap<Network, usize>>);

/// A connection that counts for its network until it is dropped.
struct Counted {
    open: Arc<Open>,
    network: Network,
}

impl Open {
    fn count(self: &Arc<Self>, network: Network) -> Option<Counted> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(network).or_default();
        if *count >= MAX_OF_NETWORK {
            return None;
        }
        *count += 1;
        Some(Counted {
            open: Arc::clone(self),
            network,
        })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut open = self.open.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.network);
            }
        }
    }
}

/// Certificate chain and key, PEM files.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The chain, the host's own certificate first.
    pub cert: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

impl TlsFiles {
    fn load(&self) -> Result<TlsAcceptor, PortalError> {
        let wrong = |detail: String| PortalError::Tls { detail };
        let chain: Vec<_> = CertificateDer::pem_file_iter(&self.cert)
            .and_then(Iterator::collect)
            .map_err(|source| wrong(format!("`{}`: {source}", self.cert.display())))?;
        let key = PrivateKeyDer::from_pem_file(&self.key)
            .map_err(|source| wrong(format!("`{}`: {source}", self.key.display())))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|source| wrong(source.to_string()))?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|source| wrong(source.to_string()))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

/// Where and how to listen.
#[derive(Clone, Debug)]
pub struct Listen {
    /// The address of the pages.
    pub address: SocketAddr,
    /// An address for `/health` and `/metrics`, which the public must not reach.
    pub observe: Option<SocketAddr>,
    /// TLS ends here.
    pub tls: Option<TlsFiles>,
    /// TLS ended at a proxy in front.
    pub is_behind_proxy: bool,
}

/// A server that runs until it is told to stop.
pub struct Server {
    /// The address of the pages.
    pub address: SocketAddr,
    /// The address of health and metrics.
    pub observe: Option<SocketAddr>,
    portal: Arc<Portal>,
    tls_files: Option<TlsFiles>,
    tls: Arc<RwLock<Option<TlsAcceptor>>>,
    runtime: tokio::runtime::Runtime,
    stop: watch::Sender<bool>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// Turns core dumps off, for a dump would hold what visitors write and the keys.
///
/// # Errors
/// [`PortalError::System`] where the system refuses.
pub fn forbid_core_dumps() -> Result<(), PortalError> {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none).map_err(|_| PortalError::System {
        what: "to forbid core dumps",
    })?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(|_| PortalError::System {
        what: "to forbid core dumps",
    })
}

impl Server {
    /// Listens and serves.
    ///
    /// # Errors
    /// [`PortalError::Plain`] for pages without TLS at an address that others reach;
    /// [`PortalError::Tls`], [`PortalError::Io`].
    pub fn start(portal: Portal, listen: &Listen) -> Result<Self, PortalError> {
        let is_open = !listen.address.ip().is_loopback();
        if is_open && listen.tls.is_none() && !listen.is_behind_proxy {
            return Err(PortalError::Plain {
                listen: listen.address.to_string(),
            });
        }
        let acceptor = listen.tls.as_ref().map(TlsFiles::load).transpose()?;
        let tls = Arc::new(RwLock::new(acceptor));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_time()
            .thread_name("portal")
            .build()
            .map_err(PortalError::io("start", "tokio"))?;
        let reactor = Reactor::start().map_err(PortalError::io("start", "reactor"))?;
        let bind = |address: SocketAddr| {
            let listener = Listener::bind(&reactor, address);
            let bound = listener.and_then(|listener| Ok((listener.address()?, listener)));
            bound.map_err(PortalError::io("listen on", address.to_string()))
        };
        let (address, listener) = bind(listen.address)?;
        let observed = listen.observe.map(bind).transpose()?;
        let portal = Arc::new(portal);
        let (stop, stopped) = watch::channel(false);
        let router = {
            let portal = Arc::clone(&portal);
            move |peer| Router {
                portal: Arc::clone(&portal),
                peer,
            }
        };
        runtime.spawn(accept(
            listener,
            Arc::clone(&portal),
            Arc::clone(&tls),
            router,
            stopped.clone(),
        ));
        let mut observe = None;
        if let Some((address, listener)) = observed {
            observe = Some(address);
            let observer = {
                let portal = Arc::clone(&portal);
                move |_| Observer {
                    portal: Arc::clone(&portal),
                }
            };
            runtime.spawn(accept(
                listener,
                Arc::clone(&portal),
                Arc::default(),
                observer,
                stopped,
            ));
        }
        let frozen = Arc::clone(&portal);
        runtime.spawn(async move { frozen.report_frozen_codes().await });
        let swept = Arc::clone(&portal);
        runtime.spawn(async move {
            loop {
                let sweeping = Arc::clone(&swept);
                // What cannot be removed now is tried again.
                let _ = tokio::task::spawn_blocking(move || sweeping.sweep()).await;
                tokio::time::sleep(Duration::from_secs(600)).await;
            }
        });
        Ok(Self {
            address,
            observe,
            portal,
            tls_files: listen.tls.clone(),
            tls,
            runtime,
            stop,
        })
    }

    /// Reads the bundle, and the certificate where there is one, again; requests under way finish
    /// with the old ones.
    ///
    /// # Errors
    /// As at the start; everything stays as it was then.
    pub fn reload(&self, bundle: &Path, key: &[u8; 32]) -> Result<(), PortalError> {
        let file = std::fs::read(bundle).map_err(PortalError::io("read", bundle))?;
        let acceptor = self.tls_files.as_ref().map(TlsFiles::load).transpose()?;
        self.portal.replace_bundle(Bundle::open(&file, key)?)?;
        *self.tls.write().unwrap_or_else(PoisonError::into_inner) = acceptor;
        Ok(())
    }

    /// Takes no new connections, and gives those under way five seconds.
    pub fn stop(self) {
        // Nobody listening any more is what is wanted.
        let _ = self.stop.send(true);
        let portal = Arc::clone(&self.portal);
        self.runtime.block_on(async {
            for _ in 0..50 {
                let open = portal.metrics.connections.load(Ordering::Relaxed);
                if open == 0 && portal.has_reported_all() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        });
        self.runtime.shutdown_timeout(Duration::from_secs(1));
    }
}

async fn accept<A: Answer + 'static>(
    listener: Listener,
    portal: Arc<Portal>,
    tls: Arc<RwLock<Option<TlsAcceptor>>>,
    answer: impl Fn(IpAddr) -> A,
    mut stopped: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let open = Arc::new(Open::default());
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let accepted = {
            let next = std::pin::pin!(listener.accept());
            let end = std::pin::pin!(stopped.wait_for(|is_stopped| *is_stopped));
            match futures::future::select(next, end).await {
                futures::future::Either::Left((accepted, _)) => accepted,
                futures::future::Either::Right(_) => return,
            }
        };
        let Ok((socket, peer)) = accepted else {
            // Out of file descriptors: some will close.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let counted = if portal.is_behind_proxy {
            None
        } else {
            let Some(counted) = open.count(Network::of(peer.ip())) else {
                portal.metrics.count("too_many_connections");
                continue;
            };
            Some(counted)
        };
        let acceptor = tls.read().unwrap_or_else(PoisonError::into_inner).clone();
        let answer = answer(peer.ip());
        let metrics = Arc::clone(&portal);
        metrics.metrics.connections.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(async move {
            // A connection that breaks is the visitor's affair.
            let _ = converse(socket, acceptor, &answer).await;
            metrics.metrics.connections.fetch_sub(1, Ordering::Relaxed);
            drop((place, counted));
        });
    }
}

async fn converse(
    mut socket: Socket,
    tls: Option<TlsAcceptor>,
    answer: &impl Answer,
) -> std::io::Result<()> {
    match tls {
        Some(acceptor) => {
            let shaken = timeout(Duration::from_secs(10), acceptor.accept(socket)).await;
            let mut stream = shaken.map_err(|_| std::io::ErrorKind::TimedOut)??;
            http::serve(&mut stream, answer).await
        }
        None => http::serve(&mut socket, answer).await,
    }
}

struct Observer {
    portal: Arc<Portal>,
}

impl Answer for Observer {
    async fn answer(&self, head: &Head, _: &mut Body<'_>) -> Response {
        let text = match (head.method, head.path.as_str()) {
            (Method::Get | Method::Head, "/metrics") => self.portal.metrics.text(),
            (Method::Get | Method::Head, "/health") => "ok\n".to_owned(),
            _ => return Response::plain(404),
        };
        Response::new(200, "text/plain; charset=utf-8", text.into_bytes())
    }
}
