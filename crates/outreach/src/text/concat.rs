//! What joins the parts of one text on the phone: a header in each part (3GPP TS 23.040,
//! 9.2.3.24.1 and 9.2.3.24.8), or SMPP's `sar_*` parameters, from which the centre makes one.

/// How wide the reference is that the parts of one text share.
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, Debug, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum ReferenceSize {
    /// 8 bits, information element 0x00: all phones know it.
    #[default]
    Eight,
    /// 16 bits, information element 0x08: a septet or a unit less in each part.
    Sixteen,
}

impl ReferenceSize {
    /// Returns the octets of the header, its length octet included.
    #[must_use]
    pub const fn header_octets(self) -> usize {
        match self {
            Self::Eight => 6,
            Self::Sixteen => 7,
        }
    }
}

/// The reference that the parts of one text share, never 0.
///
/// A phone joins parts of one sender that carry one reference. So it comes from a count, such as the
/// message's key: neighbours differ, and the same message, asked for again after its centre was too
/// busy for some of its parts, has the one that it had. Chance would let two texts to one phone meet
/// after 20, and a constant after two.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Concatenation {
    size: ReferenceSize,
    reference: u16,
}

/// SMPP's parameters for one part: `sar_msg_ref_num`, `sar_total_segments`, `sar_segment_seqnum`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Sar {
    /// `sar_msg_ref_num` (0x020C).
    pub reference: u16,
    /// `sar_total_segments` (0x020E).
    pub total: u8,
    /// `sar_segment_seqnum` (0x020F), from 1.
    pub number: u8,
}

impl Concatenation {
    /// Makes the reference of the message that this count stands for.
    #[must_use]
    pub fn of(size: ReferenceSize, count: u64) -> Self {
        let most = match size {
            ReferenceSize::Eight => u64::from(u8::MAX),
            ReferenceSize::Sixteen => u64::from(u16::MAX),
        };
        let reference = u16::try_from(count % most + 1).expect("at most 65,535");
        Self { size, reference }
    }

    /// Returns how wide it is.
    #[must_use]
    pub fn size(self) -> ReferenceSize {
        self.size
    }

    /// Returns the reference.
    #[must_use]
    pub fn reference(self) -> u16 {
        self.reference
    }

    /// Returns the user data header of part `number` (from 1) of `total`, its length octet first.
    #[must_use]
    pub fn header(self, total: u8, number: u8) -> Vec<u8> {
        let [high, low] = self.reference.to_be_bytes();
        match self.size {
            ReferenceSize::Eight => vec![0x05, 0x00, 0x03, low, total, number],
            ReferenceSize::Sixteen => vec![0x06, 0x08, 0x04, high, low, total, number],
        }
    }

    /// Returns SMPP's parameters for part `number` (from 1) of `total`.
    #[must_use]
    pub fn sar(self, total: u8, number: u8) -> Sar {
        Sar {
            reference: self.reference,
            total,
            number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn headers_are_those_of_the_standard() {
        let eight = Concatenation::of(ReferenceSize::Eight, 0xab);
        assert_eq!(eight.header(3, 2), [0x05, 0x00, 0x03, 0xac, 3, 2]);
        let sixteen = Concatenation::of(ReferenceSize::Sixteen, 0xabcc);
        assert_eq!(sixteen.header(3, 1), [0x06, 0x08, 0x04, 0xab, 0xcd, 3, 1]);
        for size in [ReferenceSize::Eight, ReferenceSize::Sixteen] {
            let header = Concatenation::of(size, 7).header(2, 1);
            assert_eq!(header.len(), size.header_octets());
            assert_eq!(usize::from(header[0]), header.len() - 1);
        }
    }

    #[test]
    fn references_run_through_all_but_zero_before_one_comes_back() {
        for (size, all) in [
            (ReferenceSize::Eight, 255),
            (ReferenceSize::Sixteen, 65_535),
        ] {
            let seen: BTreeSet<u16> = (0..all)
                .map(|count| Concatenation::of(size, count).reference())
                .collect();
            assert_eq!(u64::try_from(seen.len()).unwrap(), all);
            assert!(!seen.contains(&0));
            assert_eq!(Concatenation::of(size, all), Concatenation::of(size, 0));
            let _ = Concatenation::of(size, u64::MAX);
        }
    }
}
