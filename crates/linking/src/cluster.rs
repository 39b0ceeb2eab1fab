//! Records that hang together.

/// Joins records by pairs and returns the cluster of each: the lowest record number in it. Numbers
/// that are not below `records` are passed over.
///
/// Union by lowest number with halved paths (Tarjan and van Leeuwen 1984), in no particular order of
/// pairs: the result does not depend on it.
pub fn cluster(records: usize, pairs: impl IntoIterator<Item = (u32, u32)>) -> Vec<u32> {
    let mut parents: Vec<u32> = (0..records as u32).collect();
    for (one, other) in pairs {
        if one as usize >= parents.len() || other as usize >= parents.len() {
            continue;
        }
        let (one, other) = (root(&mut parents, one), root(&mut parents, other));
        let (low, high) = (one.min(other), one.max(other));
        parents[high as usize] = low;
    }
    for record in 0..parents.len() as u32 {
        let root = root(&mut parents, record);
        parents[record as usize] = root;
    }
    parents
}

fn root(parents: &mut [u32], mut record: u32) -> u32 {
    loop {
        let parent = parents[record as usize];
        let grand = parents[parent as usize];
        if parent == grand {
            return parent;
        }
        parents[record as usize] = grand;
        record = grand;
    }
}
