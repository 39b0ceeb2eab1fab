//! Where tiles stand, and what is in them.

use std::cell::RefCell;

use camino::{Utf8Path, Utf8PathBuf};
use tlog_tiles::{Error, HASH_SIZE, Hash, HashReader, Tile, TileReader};

use super::read_capped;

/// Height of a tile: 256 hashes (C2SP tlog-tiles fixes it).
const HEIGHT: u8 = 8;
const FULL: u64 = 1 << HEIGHT;

/// Writes a tile's place under `log/`: `tile/<level>/<index>[.p/<width>]`, with `entries` for the
/// level of a bundle.
pub(crate) fn tile_path(tile: &Tile) -> String {
    // The crate writes the older form of the Go checksum database, with the height in the path.
    let path = tile.path();
    let rest = path.strip_prefix("tile/8/").unwrap_or(&path);
    match rest.strip_prefix("data/") {
        Some(rest) => format!("tile/entries/{rest}"),
        None => format!("tile/{rest}"),
    }
}

/// Undoes [`tile_path`]; `None` for any other text. (`Tile::from_path` panics on a width of 0 and
/// on levels over 63, and whoever can write to the folder chooses the names in it.)
pub(crate) fn tile_of(path: &str) -> Option<Tile> {
    let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
    let (is_data, level) = match level {
        "entries" => (true, 0),
        level => (false, level.parse::<u8>().ok().filter(|&level| level < 64)?),
    };
    let (index, width) = match rest.split_once(".p/") {
        Some((index, width)) => (index, width.parse::<u32>().ok()?),
        None => (rest, 1 << HEIGHT),
    };
    let index = index.split('/').try_fold(0_u64, |index, part| {
        let digits = part.strip_prefix('x').unwrap_or(part).parse::<u64>().ok()?;
        index.checked_mul(1000)?.checked_add(digits)
    })?;
    if !(1..=1 << HEIGHT).contains(&width) || index > u64::MAX >> HEIGHT {
        return None;
    }
    let tile = Tile::new(HEIGHT, level, index, width, is_data);
    (tile_path(&tile) == path).then_some(tile)
}

/// Returns the tiles that a tree of this size consists of, bundles included.
pub(crate) fn expected_tiles(size: u64) -> Vec<Tile> {
    let hashes = Tile::new_tiles(HEIGHT, 0, size);
    let bundles = hashes.iter().filter(|tile| tile.level() == 0).map(|tile| {
        let mut bundle = *tile;
        bundle.set_is_data();
        bundle
    });
    let bundles: Vec<Tile> = bundles.collect();
    hashes.into_iter().chain(bundles).collect()
}

/// Returns the last tile and the one before it, of each level and of the bundles.
pub(super) fn right_edge(size: u64) -> Vec<Tile> {
    let mut edge = Vec::new();
    let mut level = 0;
    while size >> (HEIGHT * level) > 0 {
        let hashes = size >> (HEIGHT * level);
        let last = (hashes - 1) / FULL;
        for index in last.saturating_sub(1)..=last {
            let width = u32::try_from((hashes - index * FULL).min(FULL)).unwrap_or(1);
            edge.push(Tile::new(HEIGHT, level, index, width, false));
            if level == 0 {
                edge.push(Tile::new(HEIGHT, 0, index, width, true));
            }
        }
        level += 1;
    }
    edge
}

/// Returns the tiles that one more entry changes, its bundle left out.
pub(super) fn changed_tiles(size: u64) -> Vec<Tile> {
    Tile::new_tiles(HEIGHT, size, size + 1)
}

/// Returns the bundle that holds an entry of a tree of this size.
pub(super) fn bundle_of(seq: u64, size: u64) -> Tile {
    let index = seq / FULL;
    let width = (size - index * FULL).min(FULL);
    Tile::new(HEIGHT, 0, index, u32::try_from(width).unwrap_or(1), true)
}

/// Splits a bundle into its entries, each after its length in two bytes, most significant first;
/// `None` unless it holds this many exactly.
pub(super) fn bundle_entries(bundle: &[u8], width: u32) -> Option<Vec<&[u8]>> {
    let mut rest = bundle;
    let mut entries = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let (entry, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        entries.push(entry);
        rest = after;
    }
    (rest.is_empty() && entries.len() == width as usize).then_some(entries)
}

/// Reads tiles from a log's folder.
pub(super) struct TileFiles<'a> {
    dir: &'a Utf8Path,
    /// The tile that could not be read: the trait has no room to say which.
    missed: RefCell<Option<String>>,
}

impl<'a> TileFiles<'a> {
    pub(super) fn new(dir: &'a Utf8Path) -> Self {
        Self {
            dir,
            missed: RefCell::new(None),
        }
    }

    pub(super) fn missed(&self) -> Option<String> {
        self.missed.borrow_mut().take()
    }
}

impl TileReader for TileFiles<'_> {
    fn height(&self) -> u8 {
        HEIGHT
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, Error> {
        let read = |tile: &Tile| {
            let path = tile_path(tile);
            read_capped(&self.dir.join(&path))
                .ok()
                .filter(|data| data.len() == tile.width() as usize * HASH_SIZE)
                .ok_or_else(|| {
                    *self.missed.borrow_mut() = Some(path);
                    Error::InvalidTile
                })
        };
        tiles.iter().map(read).collect()
    }

    fn save_tiles(&self, _tiles: &[Tile], _data: &[Vec<u8>]) {}
}

/// A tree's hashes in memory, in storage order; or a few new ones that follow stored ones.
pub(super) struct Hashes<'a> {
    /// Place of the first hash in `new`.
    pub(super) from: u64,
    pub(super) new: Vec<Hash>,
    pub(super) stored: Option<&'a dyn HashReader>,
}

impl HashReader for Hashes<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        let old: Vec<u64> = indexes
            .iter()
            .copied()
            .filter(|&index| index < self.from)
            .collect();
        let mut old = match (self.stored, old.is_empty()) {
            (_, true) => Vec::new(),
            (Some(stored), false) => stored.read_hashes(&old)?,
            (None, false) => return Err(Error::IndexesNotInTree),
        }
        .into_iter();
        let at = |&index: &u64| {
            match index.checked_sub(self.from) {
                Some(place) => usize::try_from(place)
                    .ok()
                    .and_then(|place| self.new.get(place))
                    .copied(),
                None => old.next(),
            }
            .ok_or(Error::IndexesNotInTree)
        };
        indexes.iter().map(at).collect()
    }
}

/// The folders from a tile's own up to `log/`, all of which its name depends on.
pub(super) fn folders_of(path: &str) -> impl Iterator<Item = Utf8PathBuf> {
    Utf8Path::new(path)
        .ancestors()
        .skip(1)
        .map(Utf8Path::to_owned)
        .collect::<Vec<_>>()
        .into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_stand_where_the_specification_says() {
        // The examples of C2SP tlog-tiles, "Merkle Tree": a tree of 70,000 entries.
        let paths: Vec<String> = expected_tiles(70_000).iter().map(tile_path).collect();
        for path in [
            "tile/0/000",
            "tile/0/001",
            "tile/0/272",
            "tile/0/273.p/112",
            "tile/1/000",
            "tile/1/001.p/17",
            "tile/2/000.p/1",
            "tile/entries/000",
            "tile/entries/272",
            "tile/entries/273.p/112",
        ] {
            assert!(paths.iter().any(|found| found == path), "{path}");
        }
        assert_eq!(paths.len(), 274 + 2 + 1 + 274);
        for path in &paths {
            assert_eq!(
                tile_of(path).map(|tile| tile_path(&tile)).as_deref(),
                Some(path.as_str())
            );
        }
        assert_eq!(
            tile_path(&Tile::new(8, 0, 1_234_067, 256, true)),
            "tile/entries/x001/x234/067"
        );
        for path in [
            "",
            "tile",
            "tile/0/0",
            "tile/8/0/000",
            "tile/data/000",
            "tile/0/000.p/256",
            "tile/0/000.p/0",
            "tile/64/000",
            "tile/255/000",
            "tile/00/000",
            "tile/0/x018/x446/x744/x073/x709/x551/616",
            "tile/entries/000.p/-1",
            "tile/0/+00",
            "tile/0/000.p/1.p/1",
            "tile/0/000/",
        ] {
            assert_eq!(tile_of(path), None, "{path}");
        }
    }

    #[test]
    fn a_bundle_is_split_to_its_last_byte() {
        assert_eq!(
            bundle_entries(&[0, 1, 7, 0, 0, 0, 2, 8, 9], 3),
            Some(vec![&[7][..], &[], &[8, 9]])
        );
        assert_eq!(bundle_entries(&[0, 1, 7], 2), None);
        assert_eq!(bundle_entries(&[0, 1, 7, 0], 1), None);
        assert_eq!(bundle_entries(&[0, 2, 7], 1), None);
    }
}
