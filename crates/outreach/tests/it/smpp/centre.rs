//! A message centre on a socket, small and fast, which does what a test tells it to. It looks at
//! lengths, commands and sequence numbers alone, by code of its own.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// What it does about each request: command, sequence number, whole bytes, and where answers go.
pub(crate) type Behaviour =
    Arc<dyn Fn(&Connection, u32, u32, &[u8], &mut Vec<u8>) -> Go + Send + Sync>;

/// Whether the connection goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Go {
    On,
    /// Send what there is and close.
    Close,
    /// Keep it open and read nothing more, until the test ends.
    Sleep,
}

/// Which connection it is, from 0, and how many submits came over all of them.
pub(crate) struct Connection {
    pub(crate) number: usize,
    pub(crate) submits: Arc<AtomicUsize>,
    pub(crate) seen: Arc<Mutex<Vec<(usize, u32, u32)>>>,
}

pub(crate) struct Centre {
    pub(crate) address: SocketAddr,
    pub(crate) submits: Arc<AtomicUsize>,
    /// Connection, command and sequence number of all requests and answers but submits.
    pub(crate) seen: Arc<Mutex<Vec<(usize, u32, u32)>>>,
}

impl Centre {
    pub(crate) fn start(behaviour: Behaviour) -> Self {
        Self::start_with(behaviour, |stream| Box::new(stream))
    }

    /// `wrap` makes what is read from and written to, such as TLS.
    pub(crate) fn start_with(
        behaviour: Behaviour,
        wrap: impl Fn(TcpStream) -> Box<dyn ReadWrite> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let submits = Arc::new(AtomicUsize::new(0));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let wrap = Arc::new(wrap);
        let (all_submits, all_seen) = (Arc::clone(&submits), Arc::clone(&seen));
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let stream = stream.unwrap();
                stream.set_nodelay(true).unwrap();
                let connection = Connection {
                    number,
                    submits: Arc::clone(&all_submits),
                    seen: Arc::clone(&all_seen),
                };
                let (behaviour, wrap) = (Arc::clone(&behaviour), Arc::clone(&wrap));
                thread::spawn(move || serve(wrap(stream), &connection, &behaviour));
            }
        });
        Self {
            address,
            submits,
            seen,
        }
    }

    pub(crate) fn submits(&self) -> usize {
        self.submits.load(Ordering::SeqCst)
    }
}

pub(crate) trait ReadWrite: Read + Write + Send {}
impl<T: Read + Write + Send> ReadWrite for T {}

fn serve(mut stream: Box<dyn ReadWrite>, connection: &Connection, behaviour: &Behaviour) {
    let (mut bytes, mut out) = (Vec::new(), Vec::new());
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let Ok(read @ 1..) = stream.read(&mut buffer) else {
            return;
        };
        bytes.extend_from_slice(&buffer[..read]);
        let word =
            |bytes: &[u8], at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
        let (mut used, mut go) = (0, Go::On);
        while go == Go::On && bytes.len() - used >= 16 {
            let length = usize::try_from(word(&bytes, used)).unwrap();
            if bytes.len() - used < length {
                break;
            }
            let pdu = &bytes[used..used + length];
            let (command, sequence) = (word(pdu, 4), word(pdu, 12));
            if command == 4 {
                connection.submits.fetch_add(1, Ordering::SeqCst);
            } else {
                let mut seen = connection.seen.lock().unwrap();
                seen.push((connection.number, command, sequence));
            }
            go = behaviour(connection, command, sequence, pdu, &mut out);
            used += length;
        }
        bytes.drain(..used);
        if stream.write_all(&out).is_err() || stream.flush().is_err() {
            return;
        }
        out.clear();
        match go {
            Go::On => {}
            Go::Close => return,
            Go::Sleep => loop {
                thread::park();
            },
        }
    }
}

/// Writes an answer with this status and body.
pub(crate) fn answer(out: &mut Vec<u8>, command: u32, status: u32, sequence: u32, body: &[u8]) {
    let length = u32::try_from(16 + body.len()).unwrap();
    for word in [length, command, status, sequence] {
        out.extend(word.to_be_bytes());
    }
    out.extend_from_slice(body);
}

/// Lets in, accepts each submit with its sequence number as its id, answers all else.
pub(crate) fn honest(command: u32, sequence: u32, out: &mut Vec<u8>) {
    match command {
        1 | 2 | 9 => answer(out, command | 0x8000_0000, 0, sequence, b"SMSC\0"),
        4 => {
            let mut id = [b'0'; 9];
            let mut rest = sequence;
            for digit in id[..8].iter_mut().rev() {
                *digit = b"0123456789abcdef"[usize::try_from(rest & 0xf).unwrap()];
                rest >>= 4;
            }
            id[8] = 0;
            answer(out, 0x8000_0004, 0, sequence, &id);
        }
        0x06 | 0x15 => answer(out, command | 0x8000_0000, 0, sequence, b""),
        _ => {}
    }
}
