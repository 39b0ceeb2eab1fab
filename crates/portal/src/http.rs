//! HTTP/1.1 (RFC 9112), as little of it as the pages need: GET, HEAD and POST, bodies of a stated
//! length, keep-alive. What two programs could read in two ways is refused, so that no proxy in
//! front and the portal can disagree on where a request ends.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

pub(crate) mod head;
pub(crate) mod response;

pub(crate) use head::{Head, Method};
pub(crate) use response::Response;

/// A request's head, in bytes, at most.
const MAX_HEAD_BYTES: usize = 16 * 1024;
/// From one request's end to the next one's first byte.
const IDLE: Duration = Duration::from_secs(30);
/// From a head's first byte to its last.
const HEAD: Duration = Duration::from_secs(10);
/// Between two pieces of a body, and for a piece of the answer to be taken.
const PIECE: Duration = Duration::from_secs(20);

/// Any connection, plain or TLS.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

/// Why a body could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyError {
    TooLarge,
    TooSlow,
    Gone,
}

/// A request's body, read as it comes.
pub(crate) struct Body<'a> {
    wire: &'a mut dyn Wire,
    buffered: &'a mut Vec<u8>,
    remaining: u64,
    expects_continue: bool,
}

impl Body<'_> {
    pub(crate) fn remaining(&self) -> u64 {
        self.remaining
    }

    /// The next piece, `None` at the end.
    pub(crate) async fn piece(&mut self) -> Result<Option<Vec<u8>>, BodyError> {
        if self.remaining == 0 {
            return Ok(None);
        }
        if self.expects_continue {
            self.expects_continue = false;
            let answer = self.wire.write_all(b"HTTP/1.1 100 Continue\r\n\r\n");
            timeout(PIECE, answer)
                .await
                .map_err(|_| BodyError::TooSlow)?
                .map_err(|_| BodyError::Gone)?;
        }
        if self.buffered.is_empty() {
            let mut piece = vec![0; 16 * 1024];
            let read = timeout(PIECE, self.wire.read(&mut piece)).await;
            let read = read
                .map_err(|_| BodyError::TooSlow)?
                .map_err(|_| BodyError::Gone)?;
            if read == 0 {
                return Err(BodyError::Gone);
            }
            piece.truncate(read);
            *self.buffered = piece;
        }
        let wanted = usize::try_from(self.remaining)
            .unwrap_or(usize::MAX)
            .min(self.buffered.len());
        let after = self.buffered.split_off(wanted);
        let piece = std::mem::replace(self.buffered, after);
        self.remaining -= piece.len() as u64;
        Ok(Some(piece))
    }

    /// The whole body, of at most `limit` bytes, within two minutes: a form over 2G takes that long.
    pub(crate) async fn whole(&mut self, limit: u64) -> Result<Vec<u8>, BodyError> {
        if self.remaining > limit {
            return Err(BodyError::TooLarge);
        }
        let all = async {
            let mut all = Vec::with_capacity(usize::try_from(self.remaining).unwrap_or(0));
            while let Some(piece) = self.piece().await? {
                all.extend_from_slice(&piece);
            }
            Ok(all)
        };
        timeout(Duration::from_secs(120), all)
            .await
            .unwrap_or(Err(BodyError::TooSlow))
    }

    /// Reads on after the answer was given, so that a browser in the midst of sending sees it.
    async fn discard(&mut self) -> bool {
        let drain = async {
            let mut budget = 32_u64 << 20;
            while self.remaining > 0 && budget > 0 {
                match self.piece().await {
                    Ok(Some(piece)) => budget = budget.saturating_sub(piece.len() as u64),
                    Ok(None) | Err(_) => return,
                }
            }
        };
        // Out of time or budget: the connection is closed.
        let _ = timeout(Duration::from_secs(30), drain).await;
        self.remaining == 0
    }
}

/// Whoever answers requests.
pub(crate) trait Answer: Send + Sync {
    fn answer(&self, head: &Head, body: &mut Body<'_>) -> impl Future<Output = Response> + Send;
}

/// Serves a connection until it closes.
pub(crate) async fn serve(wire: &mut dyn Wire, answer: &impl Answer) -> io::Result<()> {
    let mut buffered = Vec::new();
    loop {
        let head = match next_head(wire, &mut buffered).await {
            Ok(Some(head)) => head,
            Ok(None) => break,
            Err(status) => {
                write(wire, Response::plain(status).encode(false, true)).await?;
                break;
            }
        };
        let mut body = Body {
            wire,
            buffered: &mut buffered,
            remaining: head.content_length,
            expects_continue: head.expects_continue,
        };
        let response = answer.answer(&head, &mut body).await;
        // Nothing was asked for yet, so nothing will come: there is no body to skip.
        let is_skipped = body.expects_continue && body.remaining > 0;
        let closes = head.closes || response.closes || is_skipped || body.remaining > (1 << 16);
        let encoded = response.encode(head.method == Method::Head, closes);
        write(body.wire, encoded).await?;
        let is_read = !is_skipped && body.discard().await;
        if closes || !is_read {
            break;
        }
    }
    let _ = timeout(PIECE, wire.shutdown()).await;
    Ok(())
}

async fn write(wire: &mut dyn Wire, bytes: Vec<u8>) -> io::Result<()> {
    for piece in bytes.chunks(16 * 1024) {
        timeout(PIECE, wire.write_all(piece))
            .await
            .map_err(|_| io::ErrorKind::TimedOut)??;
    }
    timeout(PIECE, wire.flush())
        .await
        .map_err(|_| io::ErrorKind::TimedOut)?
}

/// The next request's head; `None` where the connection ends between requests.
async fn next_head(wire: &mut dyn Wire, buffered: &mut Vec<u8>) -> Result<Option<Head>, u16> {
    if buffered.is_empty() && !matches!(timeout(IDLE, more(wire, buffered)).await, Ok(Ok(true))) {
        return Ok(None);
    }
    let whole = async {
        loop {
            if let Some(end) = buffered.windows(4).position(|four| four == b"\r\n\r\n") {
                if end + 4 > MAX_HEAD_BYTES {
                    return Err(431);
                }
                let after = buffered.split_off(end + 4);
                let head = std::mem::replace(buffered, after);
                return Head::parse(&head).map(Some);
            }
            if buffered.len() > MAX_HEAD_BYTES {
                return Err(431);
            }
            match more(wire, buffered).await {
                Ok(true) => {}
                Ok(false) | Err(_) => return Ok(None),
            }
        }
    };
    timeout(HEAD, whole).await.unwrap_or(Err(408))
}

async fn more(wire: &mut dyn Wire, buffered: &mut Vec<u8>) -> io::Result<bool> {
    let mut piece = [0_u8; 4096];
    let read = wire.read(&mut piece).await?;
    buffered.extend(piece.iter().take(read));
    Ok(read > 0)
}
