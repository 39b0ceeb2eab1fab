//! Sockets for tokio's runtime without tokio's `net`, which would turn on a feature of a crate that
//! the query engine is built on (docs/decisions/0010): one thread waits for the system's events and
//! wakes whoever waits for them.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll, Waker};
use std::thread;

use mio::{Events, Interest, Registry, Token};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

#[derive(Debug, Default)]
struct Waiting {
    read: Mutex<Option<Waker>>,
    write: Mutex<Option<Waker>>,
}

fn keep(slot: &Mutex<Option<Waker>>, context: &Context<'_>) {
    let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
    if !slot
        .as_ref()
        .is_some_and(|kept| kept.will_wake(context.waker()))
    {
        *slot = Some(context.waker().clone());
    }
}

fn wake(slot: &Mutex<Option<Waker>>) {
    let waker = slot.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(waker) = waker {
        waker.wake();
    }
}

#[derive(Debug)]
pub(crate) struct Reactor {
    registry: Registry,
    sources: Mutex<(usize, BTreeMap<usize, Arc<Waiting>>)>,
}

impl Reactor {
    /// Starts the thread that waits for events. It ends when nothing holds the reactor any more.
    pub(crate) fn start() -> io::Result<Arc<Self>> {
        let mut poll = mio::Poll::new()?;
        let reactor = Arc::new(Self {
            registry: poll.registry().try_clone()?,
            sources: Mutex::new((0, BTreeMap::new())),
        });
        let held: Weak<Self> = Arc::downgrade(&reactor);
        thread::Builder::new()
            .name("reactor".into())
            .spawn(move || {
                let mut events = Events::with_capacity(1024);
                let pause = std::time::Duration::from_millis(500);
                while held.strong_count() > 0 {
                    // An interrupted wait is a wait that found nothing.
                    if poll.poll(&mut events, Some(pause)).is_err() {
                        continue;
                    }
                    let Some(reactor) = held.upgrade() else {
                        return;
                    };
                    for event in &events {
                        let Some(waiting) = reactor.waiting(event.token()) else {
                            continue;
                        };
                        let is_end = event.is_error();
                        if event.is_readable() || event.is_read_closed() || is_end {
                            wake(&waiting.read);
                        }
                        if event.is_writable() || event.is_write_closed() || is_end {
                            wake(&waiting.write);
                        }
                    }
                }
            })?;
        Ok(reactor)
    }

    fn waiting(&self, token: Token) -> Option<Arc<Waiting>> {
        let sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        sources.1.get(&token.0).cloned()
    }

    fn enter<S: mio::event::Source>(
        self: &Arc<Self>,
        mut source: S,
        interest: Interest,
    ) -> io::Result<Registered<S>> {
        let waiting = Arc::new(Waiting::default());
        let token = {
            let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
            sources.0 += 1;
            let token = sources.0;
            sources.1.insert(token, Arc::clone(&waiting));
            Token(token)
        };
        let outcome = self.registry.register(&mut source, token, interest);
        let registered = Registered {
            source,
            waiting,
            token,
            reactor: Arc::clone(self),
        };
        outcome.map(|()| registered)
    }
}

#[derive(Debug)]
struct Registered<S: mio::event::Source> {
    source: S,
    waiting: Arc<Waiting>,
    token: Token,
    reactor: Arc<Reactor>,
}

impl<S: mio::event::Source> Drop for Registered<S> {
    fn drop(&mut self) {
        // Closing the socket takes it off as well: a failure here has no effect.
        let _ = self.reactor.registry.deregister(&mut self.source);
        let mut sources = self
            .reactor
            .sources
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        sources.1.remove(&self.token.0);
    }
}

/// Waits for connections.
#[derive(Debug)]
pub(crate) struct Listener(Registered<mio::net::TcpListener>);

impl Listener {
    pub(crate) fn bind(reactor: &Arc<Reactor>, address: SocketAddr) -> io::Result<Self> {
        let listener = mio::net::TcpListener::bind(address)?;
        reactor.enter(listener, Interest::READABLE).map(Self)
    }

    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.0.source.local_addr()
    }

    pub(crate) async fn accept(&self) -> io::Result<(Socket, SocketAddr)> {
        std::future::poll_fn(|context| {
            // First the waker, then the try: an event between the two wakes us.
            keep(&self.0.waiting.read, context);
            match self.0.source.accept() {
                Ok((stream, peer)) => {
                    // A page is one write: it must not wait for the answer to an earlier one.
                    let _ = stream.set_nodelay(true);
                    let both = Interest::READABLE | Interest::WRITABLE;
                    Poll::Ready(
                        self.0
                            .reactor
                            .enter(stream, both)
                            .map(|s| (Socket(s), peer)),
                    )
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
                Err(error) => Poll::Ready(Err(error)),
            }
        })
        .await
    }
}

/// A connection.
#[derive(Debug)]
pub(crate) struct Socket(Registered<mio::net::TcpStream>);

fn poll_io<T>(outcome: io::Result<T>, context: &Context<'_>) -> Poll<io::Result<T>> {
    match outcome {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
        Err(error) if error.kind() == io::ErrorKind::Interrupted => {
            context.waker().wake_by_ref();
            Poll::Pending
        }
        other => Poll::Ready(other),
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        keep(&self.0.waiting.read, context);
        let read = (&self.0.source).read(into.initialize_unfilled());
        poll_io(read, context).map_ok(|count| into.advance(count))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        keep(&self.0.waiting.write, context);
        poll_io((&self.0.source).write(bytes), context)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.0.source.shutdown(Shutdown::Write) {
            Err(error) if error.kind() != io::ErrorKind::NotConnected => Poll::Ready(Err(error)),
            _ => Poll::Ready(Ok(())),
        }
    }
}
