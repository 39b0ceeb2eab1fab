//! A socket, with TLS or without, for one session: it moves bytes and says how many have left.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use camino::Utf8Path;
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};

use crate::smpp::SmppError;
use crate::smpp::config::TlsConfig;
use crate::smpp::session::Session;

/// Bytes that go into one TLS record at most.
const RECORD_BYTES: usize = 16 * 1024;
/// Reads from one socket before the others have their turn.
const READS_A_TURN: usize = 16;

/// What is needed to speak TLS with the centre.
#[derive(Clone, Debug)]
pub(super) struct Tls {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
}

impl Tls {
    pub(super) fn of(config: &TlsConfig, host: &str) -> Result<Self, SmppError> {
        let wrong = |what: String| SmppError::Tls { what };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|why| wrong(why.to_string()))?
            .with_root_certificates(roots(&config.roots)?)
            .with_no_client_auth();
        let name = config.server_name.as_deref().unwrap_or(host);
        Ok(Self {
            config: Arc::new(client),
            name: ServerName::try_from(name.to_owned())
                .map_err(|_| wrong(format!("`{name}` is no name of a server")))?,
        })
    }
}

fn roots(path: &Utf8Path) -> Result<RootCertStore, SmppError> {
    let wrong = |what: String| SmppError::Tls {
        what: format!("`{path}`: {what}"),
    };
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(path).map_err(|why| wrong(why.to_string()))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|why| wrong(why.to_string()))?;
        roots
            .add(certificate)
            .map_err(|why| wrong(why.to_string()))?;
    }
    if roots.is_empty() {
        return Err(wrong("holds no certificate".into()));
    }
    Ok(roots)
}

/// A socket that is open or opening.
pub(super) struct Line {
    stream: TcpStream,
    tls: Option<Box<ClientConnection>>,
    is_open: bool,
    may_read: bool,
    may_write: bool,
    /// Bytes of the session that are sealed in a record of which nothing has left.
    sealed: usize,
    /// Nothing more is written: half a record, or half a message, stays half.
    is_mute: bool,
}

impl Line {
    pub(super) fn open(
        address: SocketAddr,
        tls: Option<&Tls>,
        registry: &Registry,
        token: Token,
    ) -> Result<Self, String> {
        let mut stream = TcpStream::connect(address).map_err(|why| why.to_string())?;
        registry
            .register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)
            .map_err(|why| why.to_string())?;
        let tls = match tls {
            None => None,
            Some(tls) => Some(Box::new(
                ClientConnection::new(Arc::clone(&tls.config), tls.name.clone())
                    .map_err(|why| why.to_string())?,
            )),
        };
        Ok(Self {
            stream,
            tls,
            is_open: false,
            may_read: false,
            may_write: false,
            sealed: 0,
            is_mute: false,
        })
    }

    pub(super) fn ready(&mut self, event: &mio::event::Event) {
        self.may_read |= event.is_readable() || event.is_read_closed() || event.is_error();
        self.may_write |= event.is_writable() || event.is_write_closed() || event.is_error();
    }

    /// Says whether the connection has come to stand since it was last asked.
    pub(super) fn has_opened(&mut self) -> Result<bool, String> {
        if self.is_open || !self.may_write {
            return Ok(false);
        }
        if let Some(why) = self.stream.take_error().map_err(|why| why.to_string())? {
            return Err(why.to_string());
        }
        match self.stream.peer_addr() {
            Ok(_) => {
                // Small messages that wait for each other.
                let _ = self.stream.set_nodelay(true);
                self.is_open = true;
                Ok(true)
            }
            Err(why) if why.kind() == io::ErrorKind::NotConnected => {
                self.may_write = false;
                Ok(false)
            }
            Err(why) => Err(why.to_string()),
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.is_open
    }

    /// Says whether there may be something to read without waiting.
    pub(super) fn may_read(&self) -> bool {
        self.is_open && self.may_read
    }

    /// Says whether a record waits of which nothing has left, and which may hold messages.
    pub(super) fn is_sealed(&self) -> bool {
        self.sealed > 0
    }

    pub(super) fn is_mute(&self) -> bool {
        self.is_mute
    }

    /// Gives the session what has come in.
    pub(super) fn read(
        &mut self,
        session: &mut Session,
        buffer: &mut [u8],
        now_ms: u64,
    ) -> Result<(), String> {
        if !self.is_open || buffer.is_empty() {
            return Ok(());
        }
        for _ in 0..READS_A_TURN {
            if !self.may_read || !session.wants_read() || session.end().is_some() {
                return Ok(());
            }
            let came = match &mut self.tls {
                None => self.stream.read(buffer),
                Some(tls) => tls.read_tls(&mut self.stream),
            };
            match came {
                Ok(0) => return Err("the message centre closed it".into()),
                Ok(bytes) => match &mut self.tls {
                    None => session.read(buffer.get(..bytes).unwrap_or_default(), now_ms),
                    Some(tls) => {
                        tls.process_new_packets().map_err(|why| why.to_string())?;
                        read_opened(tls, session, buffer, now_ms)?;
                    }
                },
                Err(why) if why.kind() == io::ErrorKind::WouldBlock => self.may_read = false,
                Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
                Err(why) => return Err(why.to_string()),
            }
        }
        Ok(())
    }

    /// Hands the socket what the session has to say, and tells the session how much it took.
    pub(super) fn write(&mut self, session: &mut Session) -> Result<(), String> {
        while self.is_open && self.may_write && !self.is_mute {
            let took = match &mut self.tls {
                None => {
                    let bytes = session.unwritten();
                    if bytes.is_empty() {
                        return Ok(());
                    }
                    self.stream.write(bytes)
                }
                Some(tls) if tls.wants_write() => tls.write_tls(&mut self.stream),
                Some(tls) => {
                    let bytes = session.unwritten();
                    if tls.is_handshaking() || bytes.is_empty() {
                        return Ok(());
                    }
                    let record = bytes.get(..RECORD_BYTES).unwrap_or(bytes);
                    self.sealed = tls.writer().write(record).map_err(|why| why.to_string())?;
                    session.seals(self.sealed);
                    continue;
                }
            };
            match took {
                Ok(0) => return Err("it takes no more".into()),
                Ok(bytes) if self.tls.is_none() => session.wrote(bytes),
                Ok(_) => session.wrote(std::mem::take(&mut self.sealed)),
                Err(why) if why.kind() == io::ErrorKind::WouldBlock => self.may_write = false,
                Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
                Err(why) => return Err(why.to_string()),
            }
        }
        Ok(())
    }

    /// Nothing more of a message may leave. Says whether the line has to be given up for that.
    pub(super) fn stop(&mut self) -> bool {
        let Some(tls) = &self.tls else {
            return false;
        };
        if tls.is_handshaking() {
            // No message was ever sealed.
            return false;
        }
        // A record that has begun to leave may hold messages: its rest stays here.
        self.is_mute |= tls.wants_write();
        // One that has not begun holds what was called unsent.
        self.sealed > 0
    }

    /// Closes it so that what the system still holds is thrown away, not sent.
    pub(super) fn abort(self, registry: &Registry) {
        let _ = socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
        self.close(registry);
    }

    pub(super) fn close(mut self, registry: &Registry) {
        // It goes with the socket in any case.
        let _ = registry.deregister(&mut self.stream);
    }
}

fn read_opened(
    tls: &mut ClientConnection,
    session: &mut Session,
    buffer: &mut [u8],
    now_ms: u64,
) -> Result<(), String> {
    loop {
        match tls.reader().read(buffer) {
            Ok(0) => return Err("the message centre closed it".into()),
            Ok(bytes) => session.read(buffer.get(..bytes).unwrap_or_default(), now_ms),
            Err(why) if why.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(why) => return Err(why.to_string()),
        }
    }
}
