//! One pass over a file: copied, hashed twice, and its decompressed stream hashed, at once.
//!
//! The reading thread copies and takes SHA-256; SHA-512, decompression and the stream's SHA-256
//! each have a thread. Channels are bounded, so memory is too.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use sha2::{Digest as _, Sha256, Sha512};
use unspoof_model::Sha256Hash;

use crate::durable::NewFile;
use crate::exhibit::Sha512Hash;
use crate::stream::{Compression, StreamError, StreamLimits, StreamReader};

const BLOCK_BYTES: usize = 1 << 20;
/// Blocks that wait at most before each thread.
const WAITING: usize = 4;

/// What one pass found.
pub(super) struct Pass {
    pub(super) bytes: u64,
    pub(super) sha256: Sha256Hash,
    pub(super) sha512: Sha512Hash,
    pub(super) compression: Compression,
    pub(super) stream_sha256: Sha256Hash,
    pub(super) stream_bytes: u64,
    pub(super) stream_error: Option<StreamError>,
}

/// What stopped a pass.
pub(super) enum PassError {
    Read { read_bytes: u64, source: io::Error },
    Write(io::Error),
}

type Block = Arc<Vec<u8>>;

struct Stream {
    sha256: Sha256Hash,
    bytes: u64,
    error: Option<StreamError>,
}

/// Runs the pass.
pub(super) fn run(
    file: &mut File,
    mut copy: Option<&mut NewFile>,
    total_bytes: u64,
    limits: &StreamLimits,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Pass, PassError> {
    thread::scope(|scope| {
        let (to_sha512, blocks) = sync_channel::<Block>(WAITING);
        let sha512 = scope.spawn(move || hash_512(&blocks));
        let mut sha256 = Sha256::new();
        let mut read_bytes = 0;
        let mut compression = None;
        let mut stream = None;
        loop {
            let block =
                read_block(file).map_err(|source| PassError::Read { read_bytes, source })?;
            let compression = *compression.get_or_insert_with(|| Compression::of(&block));
            if block.is_empty() {
                break;
            }
            let block = Arc::new(block);
            // A thread that is gone has nothing left to do; what it found comes with its result.
            let _sent = to_sha512.send(Arc::clone(&block));
            if compression != Compression::Plain {
                let (sender, _) = stream.get_or_insert_with(|| {
                    let (sender, blocks) = sync_channel::<Block>(WAITING);
                    let limits = *limits;
                    (
                        sender,
                        scope.spawn(move || decompress(blocks, total_bytes, &limits)),
                    )
                });
                let _sent = sender.send(Arc::clone(&block));
            }
            sha256.update(&*block);
            if let Some(copy) = &mut copy {
                copy.write_all(&block).map_err(PassError::Write)?;
            }
            read_bytes += block.len() as u64;
            progress(read_bytes, total_bytes);
        }
        drop(to_sha512);
        let sha256 = Sha256Hash(sha256.finalize().into());
        let joined = |_| PassError::Write(io::Error::other("a hashing thread failed"));
        let sha512 = Sha512Hash(sha512.join().map_err(joined)?);
        let stream = match stream {
            None => Stream {
                sha256,
                bytes: read_bytes,
                error: None,
            },
            Some((sender, thread)) => {
                drop(sender);
                thread.join().map_err(joined)?
            }
        };
        Ok(Pass {
            bytes: read_bytes,
            sha256,
            sha512,
            compression: compression.unwrap_or(Compression::Plain),
            stream_sha256: stream.sha256,
            stream_bytes: stream.bytes,
            stream_error: stream.error,
        })
    })
}

/// Reads until a block is full or the file ends, so that the first one shows the magic bytes.
fn read_block(file: &mut File) -> io::Result<Vec<u8>> {
    let mut block = Vec::with_capacity(BLOCK_BYTES);
    file.take(BLOCK_BYTES as u64).read_to_end(&mut block)?;
    Ok(block)
}

fn hash_512(blocks: &Receiver<Block>) -> [u8; 64] {
    let mut sha512 = Sha512::new();
    for block in blocks {
        sha512.update(&*block);
    }
    sha512.finalize().into()
}

fn decompress(blocks: Receiver<Block>, compressed_bytes: u64, limits: &StreamLimits) -> Stream {
    thread::scope(|scope| {
        let (to_hash, pieces) = sync_channel::<Vec<u8>>(WAITING);
        let hash = scope.spawn(move || {
            let mut sha256 = Sha256::new();
            for piece in pieces {
                sha256.update(&piece);
            }
            Sha256Hash(sha256.finalize().into())
        });
        let (bytes, error) = send_pieces(blocks, compressed_bytes, limits, &to_hash);
        drop(to_hash);
        match hash.join() {
            Ok(sha256) => Stream {
                sha256,
                bytes,
                error,
            },
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

fn send_pieces(
    blocks: Receiver<Block>,
    compressed_bytes: u64,
    limits: &StreamLimits,
    to_hash: &SyncSender<Vec<u8>>,
) -> (u64, Option<StreamError>) {
    use std::io::BufRead as _;
    let source = Blocks {
        blocks,
        block: Block::default(),
        start: 0,
    };
    let mut reader = match StreamReader::new(source, compressed_bytes, limits) {
        Ok(reader) => reader,
        Err(error) => return (0, Some(error)),
    };
    let mut piece = Vec::with_capacity(BLOCK_BYTES);
    let error = loop {
        let some = match reader.next_bytes() {
            Ok([]) => break None,
            Ok(bytes) => {
                piece.extend_from_slice(bytes);
                bytes.len()
            }
            Err(error) => break Some(error),
        };
        reader.consume(some);
        if piece.len() >= BLOCK_BYTES {
            let full = std::mem::replace(&mut piece, Vec::with_capacity(BLOCK_BYTES * 2));
            let _sent = to_hash.send(full);
        }
    };
    let _sent = to_hash.send(piece);
    (reader.position(), error)
}

/// The file's blocks as they come from the reading thread.
struct Blocks {
    blocks: Receiver<Block>,
    block: Block,
    start: usize,
}

impl Read for Blocks {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.start == self.block.len() {
            let Ok(next) = self.blocks.recv() else {
                return Ok(0);
            };
            self.block = next;
            self.start = 0;
        }
        let left = &self.block[self.start..];
        let some = left.len().min(out.len());
        out[..some].copy_from_slice(&left[..some]);
        self.start += some;
        Ok(some)
    }
}
