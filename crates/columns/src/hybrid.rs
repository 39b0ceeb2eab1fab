//! Runs and packed bits: Parquet's hybrid of run lengths and bit packing, as it codes dictionary
//! codes and definition levels (Apache Parquet, Encodings, `RLE = 3`).

/// Bits that the codes of `entries` dictionary entries need.
pub(crate) fn bits_for(entries: usize) -> u32 {
    let last = entries.saturating_sub(1) as u64;
    u64::BITS - last.leading_zeros()
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn run(value: u32, count: usize, width: u32, out: &mut Vec<u8>) {
    varint((count as u64) << 1, out);
    let bytes = width.div_ceil(8) as usize;
    out.extend_from_slice(&value.to_le_bytes()[..bytes]);
}

/// Groups of eight that one header of packed bits may announce: readers take the count as 32 bits.
const MOST_GROUPS: usize = 1 << 20;

/// Appends `codes`, each below `2^width`.
pub(crate) fn encode(codes: &[u32], width: u32, out: &mut Vec<u8>) {
    let mut at = 0;
    while at < codes.len() {
        let repeats = repeats_at(codes, at);
        if repeats >= 8 {
            run(codes[at], repeats, width, out);
            at += repeats;
            continue;
        }
        // Packed bits come in groups of eight until a run of at least two groups begins.
        let start = at;
        while at < codes.len() && (at - start) / 8 < MOST_GROUPS {
            if at > start && starts_long_run(codes, at) {
                break;
            }
            at += 8;
        }
        let end = at.min(codes.len());
        let groups = (end - start).div_ceil(8);
        varint((groups as u64) << 1 | 1, out);
        for group in codes[start..end].chunks(8) {
            pack(group, width, out);
        }
        at = end;
    }
}

fn repeats_at(codes: &[u32], at: usize) -> usize {
    let rest = &codes[at..];
    let first = rest[0];
    rest.iter().take_while(|code| **code == first).count()
}

fn starts_long_run(codes: &[u32], at: usize) -> bool {
    codes[at..]
        .first_chunk::<16>()
        .is_some_and(|chunk| chunk.iter().all(|code| *code == chunk[0]))
}

/// Packs up to eight codes into `width` bytes, least bits first; missing ones are zero.
fn pack(group: &[u32], width: u32, out: &mut Vec<u8>) {
    let (mut held, mut bits) = (0_u64, 0);
    for place in 0..8 {
        held |= u64::from(group.get(place).copied().unwrap_or(0)) << bits;
        bits += width;
        while bits >= 8 {
            out.push(held as u8);
            held >>= 8;
            bits -= 8;
        }
    }
}

/// Appends definition levels of 0 or 1, given as a bitmap of which values are there.
pub(crate) fn encode_levels(valid: &[u8], count: usize, out: &mut Vec<u8>) {
    let whole = |byte: u8| byte == 0xff || byte == 0;
    let (mut at, bytes) = (0, count.div_ceil(8));
    while at < bytes {
        let byte = valid[at];
        let same = valid[at..bytes].iter().take_while(|b| **b == byte).count();
        if whole(byte) && (same >= 2 || at + same == bytes) {
            let values = (same * 8).min(count - at * 8);
            run(u32::from(byte & 1), values, 1, out);
            at += same;
            continue;
        }
        let start = at;
        while at < bytes && at - start < MOST_GROUPS {
            let pair = valid.get(at + 1).filter(|_| at + 1 < bytes);
            if at > start && whole(valid[at]) && pair == Some(&valid[at]) {
                break;
            }
            at += 1;
        }
        varint(((at - start) as u64) << 1 | 1, out);
        out.extend_from_slice(&valid[start..at]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Reads the hybrid as the format describes it.
    fn decode(bytes: &[u8], width: u32, count: usize) -> Vec<u32> {
        let mut at = 0;
        let mut out = Vec::new();
        while out.len() < count {
            let (mut header, mut shift) = (0_u64, 0);
            loop {
                let byte = bytes[at];
                at += 1;
                header |= u64::from(byte & 0x7f) << shift;
                shift += 7;
                if byte < 0x80 {
                    break;
                }
            }
            if header & 1 == 0 {
                let mut value = 0;
                for place in 0..width.div_ceil(8) {
                    value |= u32::from(bytes[at]) << (8 * place);
                    at += 1;
                }
                out.extend(std::iter::repeat_n(value, (header >> 1) as usize));
            } else {
                let values = (header >> 1) as usize * 8;
                for value in 0..values {
                    let mut code = 0;
                    for bit in 0..width as usize {
                        let place = value * width as usize + bit;
                        code |= u32::from(bytes[at + place / 8] >> (place % 8) & 1) << bit;
                    }
                    out.push(code);
                }
                at += values / 8 * width as usize;
            }
        }
        assert_eq!(at, bytes.len());
        out.truncate(count);
        out
    }

    fn runs_of(width: u32) -> impl Strategy<Value = Vec<u32>> {
        let most = if width == 0 {
            0
        } else {
            u32::MAX >> (32 - width)
        };
        let runs = proptest::collection::vec((0..=most, 1..40_usize), 0..60);
        runs.prop_map(|runs| {
            let each = runs.into_iter();
            each.flat_map(|(code, count)| {
                std::iter::repeat_n(code, if count > 20 { 1 } else { count })
            })
            .collect()
        })
    }

    proptest! {
        #[test]
        fn what_is_coded_comes_back((width, codes) in (0..=32_u32).prop_flat_map(|w| (Just(w), runs_of(w)))) {
            let mut out = Vec::new();
            encode(&codes, width, &mut out);
            prop_assert_eq!(decode(&out, width, codes.len()), codes);
        }

        #[test]
        fn levels_come_back(runs in proptest::collection::vec((any::<bool>(), 1..50_usize), 0..30)) {
            let levels: Vec<bool> = runs.into_iter().flat_map(|(v, n)| std::iter::repeat_n(v, n)).collect();
            let mut bitmap = vec![0_u8; levels.len().div_ceil(8)];
            for (place, _) in levels.iter().enumerate().filter(|(_, level)| **level) {
                bitmap[place / 8] |= 1 << (place % 8);
            }
            let mut out = Vec::new();
            encode_levels(&bitmap, levels.len(), &mut out);
            let levels: Vec<u32> = levels.into_iter().map(u32::from).collect();
            prop_assert_eq!(decode(&out, 1, levels.len()), levels);
        }
    }

    #[test]
    fn a_column_of_one_word_is_one_run() {
        let mut out = Vec::new();
        encode(&[0; 100_000], bits_for(1), &mut out);
        assert_eq!(out.len(), 3);
        assert_eq!(bits_for(2), 1);
        assert_eq!(bits_for(257), 9);
    }
}
