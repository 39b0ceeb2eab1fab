//! Bytes that wait for the socket, and how many of the connection's it has taken.

use zeroize::Zeroize;

use crate::smpp::pdu::PduError;

/// What waits to be written. Numbers and texts stand in it, so it is wiped as it empties.
#[derive(Default)]
pub(super) struct Outbound {
    bytes: Vec<u8>,
    /// Where what waits begins.
    from: usize,
    /// Bytes of this connection that the socket has taken.
    taken: u64,
}

impl std::fmt::Debug for Outbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Outbound({} waiting)", self.waiting().len())
    }
}

impl Drop for Outbound {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl Outbound {
    pub(super) fn waiting(&self) -> &[u8] {
        self.bytes.get(self.from..).unwrap_or_default()
    }

    /// Returns how many bytes of the connection the socket has taken.
    pub(super) fn written(&self) -> u64 {
        self.taken
    }

    /// Returns where the next byte stands in all bytes of the connection.
    pub(super) fn end(&self) -> u64 {
        self.taken + self.waiting().len() as u64
    }

    pub(super) fn write(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), PduError>,
    ) -> Result<(), PduError> {
        // What was taken goes before the buffer grows.
        if self.from > 0 && self.bytes.len() + 512 > self.bytes.capacity() {
            let waiting = self.waiting().len();
            self.bytes.copy_within(self.from.., 0);
            if let Some(taken) = self.bytes.get_mut(waiting..) {
                taken.zeroize();
            }
            self.bytes.truncate(waiting);
            self.from = 0;
        }
        if self.bytes.capacity() == 0 {
            // Room for what waits at most, so that hardly ever a copy of it is left behind.
            self.bytes.reserve(super::ENOUGH_WAITING + 4096);
        }
        write(&mut self.bytes)
    }

    pub(super) fn took(&mut self, bytes: usize) {
        let bytes = bytes.min(self.waiting().len());
        if let Some(taken) = self.bytes.get_mut(self.from..self.from + bytes) {
            taken.zeroize();
        }
        self.from += bytes;
        self.taken += bytes as u64;
        if self.from == self.bytes.len() {
            self.bytes.clear();
            self.from = 0;
        }
    }

    /// Takes back what has not been taken: spans in all bytes of the connection, in any order.
    pub(super) fn withdraw(&mut self, spans: impl Iterator<Item = (u64, u64)>) {
        let mut spans: Vec<(usize, usize)> = spans
            .filter_map(|(start, end)| {
                let place = |at: u64| usize::try_from(at.checked_sub(self.taken)?).ok();
                Some((place(start)?, place(end)?))
            })
            .collect();
        spans.sort_unstable();
        let mut kept = Vec::with_capacity(self.bytes.capacity());
        let mut from = 0;
        for (start, end) in spans {
            let waiting = self.waiting();
            kept.extend_from_slice(waiting.get(from..start).unwrap_or_default());
            from = end;
        }
        kept.extend_from_slice(self.waiting().get(from..).unwrap_or_default());
        self.bytes.zeroize();
        (self.bytes, self.from) = (kept, 0);
    }

    /// A new connection begins, or the old one ended.
    pub(super) fn clear(&mut self) {
        self.bytes.as_mut_slice().zeroize();
        self.bytes.clear();
        (self.from, self.taken) = (0, 0);
    }
}
