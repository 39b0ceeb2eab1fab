//! For fuzz targets: every parser of what lies in a case's folder, given the same bytes.
//!
//! None of them may panic, and what they accept they write back as it was.

use camino::Utf8Path;

use crate::event::LoggedEvent;
use crate::exhibit::Exhibit;
use crate::log::{Log, tile_of, tile_path};
use crate::state::{State, decode_path, encode_path};
use crate::{bag, case, clock};

/// A key that signs nothing here, so that the checkpoint's parser has one to look for.
const KEY: &str =
    "unspoof-case-0123456789abcdef+be3ecff6+AVhmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZm";

/// Parses bytes as each kind of file.
pub fn parse_as_anything(bytes: &[u8]) {
    let _event = LoggedEvent::from_entry(0, bytes);
    let _exhibit = Exhibit::from_record(bytes, "x");
    if let Ok(log) = Log::with_key(Utf8Path::new("case"), KEY) {
        let _head = log.check_note(bytes);
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Some(state) = State::from_text(text) {
        assert_eq!(state.to_text(), text);
        let _clash = state.clash();
    }
    if let Some(path) = decode_path(text) {
        assert_eq!(decode_path(&encode_path(&path)).as_ref(), Some(&path));
    }
    if let Some(tile) = tile_of(text) {
        assert_eq!(tile_path(&tile), text);
    }
    if let Some(at_utc) = clock::parse_rfc3339_utc(text) {
        assert_eq!(clock::rfc3339_utc(at_utc), text);
    }
    let _log = Log::with_key(Utf8Path::new("case"), text);
    let _config = case::parse_config(Utf8Path::new("case.toml"), text);
    let _manifest = bag::parse_manifest(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_one() {
        assert!(Log::with_key(Utf8Path::new("case"), KEY).is_ok());
    }
}
