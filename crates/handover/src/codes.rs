//! Check codes: what the text carried, and the only form in which the portal knows them.
//!
//! Twelve characters in three groups, `BCDF-GHJK-MNPQ`: eleven of payload and a check character,
//! from an alphabet without vowels (no code spells a word) and without look-alikes. 11 characters
//! of 25 are 51 bits. The portal has keyed hashes alone: whoever takes the bundle without the key
//! cannot try codes offline.

use std::collections::HashSet;
use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{HandoverError, chance};

/// The 25 characters of codes: no vowel, no Y, no `0/O`, `1/I/L`, `5/S`, `8/B` pairs.
pub const ALPHABET: &[u8; 25] = b"BCDFGHJKMNPQRTVWXZ2346789";

/// Characters of a code, check character included.
pub const LENGTH: usize = 12;

/// A code as typed, with a right check character. Never shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(Zeroizing<[u8; LENGTH]>);

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(•••)")
    }
}

/// Why what was typed is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotACode {
    /// Another length, or a character that no code has.
    Form,
    /// The check character does not fit: a slip in typing.
    Check,
}

/// A key of 256 bits under which codes are hashed. Wiped from memory when dropped.
#[derive(Clone)]
pub struct CodeKey(Zeroizing<[u8; 32]>);

impl fmt::Debug for CodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeKey(•••)")
    }
}

impl CodeKey {
    /// Takes a key.
    #[must_use]
    pub fn new(key: Zeroizing<[u8; 32]>) -> Self {
        Self(key)
    }

    /// Hashes a code: HMAC-SHA-256 under this key over its twelve characters without dashes.
    #[must_use]
    pub fn hash(&self, code: &Code) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_slice())
            .expect("HMAC takes a key of any length");
        mac.update(b"unspoof check code v1\0");
        mac.update(code.0.as_slice());
        mac.finalize().into_bytes().into()
    }
}

impl Code {
    /// Reads what somebody typed: case, spaces and dashes do not count.
    ///
    /// # Errors
    /// [`NotACode::Check`] where one character is wrong or two neighbours are swapped;
    /// [`NotACode::Form`] for anything that cannot be a code.
    pub fn parse(typed: &str) -> Result<Self, NotACode> {
        let mut code = Zeroizing::new([0_u8; LENGTH]);
        let mut filled = 0;
        let ignored = |c: &char| c.is_whitespace() || matches!(c, '-' | '–' | '—' | '.' | '_');
        for typed in typed.chars().filter(|c| !ignored(c)) {
            let upper = u8::try_from(typed.to_ascii_uppercase()).map_err(|_| NotACode::Form)?;
            if !ALPHABET.contains(&upper) {
                return Err(NotACode::Form);
            }
            *code.get_mut(filled).ok_or(NotACode::Form)? = upper;
            filled += 1;
        }
        if filled != LENGTH {
            return Err(NotACode::Form);
        }
        let (payload, check) = code.split_at(LENGTH - 1);
        if check.first() != Some(&check_character(payload)) {
            return Err(NotACode::Check);
        }
        Ok(Self(code))
    }

    /// Makes the code with this payload of 11 characters; `None` if it has others.
    #[must_use]
    pub fn of_payload(payload: &[u8]) -> Option<Self> {
        if payload.len() != LENGTH - 1 || !payload.iter().all(|c| ALPHABET.contains(c)) {
            return None;
        }
        let mut code = Zeroizing::new([0_u8; LENGTH]);
        let (head, check) = code.split_at_mut(LENGTH - 1);
        head.copy_from_slice(payload);
        check.copy_from_slice(&[check_character(payload)]);
        Some(Self(code))
    }

    /// Gives the code up as a number below 25¹¹: equal for equal codes.
    #[must_use]
    pub fn number(&self) -> u64 {
        let payload = self.0.split_at(LENGTH - 1).0;
        payload.iter().fold(0, |number, character| {
            let value = ALPHABET.iter().position(|of| of == character);
            number * 25 + value.unwrap_or(0) as u64
        })
    }

    /// Gives the code up, in three groups.
    #[must_use]
    pub fn reveal(&self) -> Zeroizing<String> {
        let mut shown = Zeroizing::new(String::with_capacity(LENGTH + 2));
        for (at, character) in self.0.iter().enumerate() {
            if at > 0 && at % 4 == 0 {
                shown.push('-');
            }
            shown.push(char::from(*character));
        }
        shown
    }
}

/// Draws codes from the operating system's randomness, each of the 25¹¹ as likely as any other, and
/// none twice.
pub struct CodeDraw {
    drawn: HashSet<u64>,
    pool: Zeroizing<[u8; 1024]>,
    used: usize,
}

impl fmt::Debug for CodeDraw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeDraw(•••)")
    }
}

impl Default for CodeDraw {
    fn default() -> Self {
        Self {
            drawn: HashSet::new(),
            pool: Zeroizing::new([0; 1024]),
            used: 1024,
        }
    }
}

impl CodeDraw {
    /// Draws the next code.
    ///
    /// # Errors
    /// [`HandoverError::System`] without randomness.
    pub fn draw(&mut self) -> Result<Code, HandoverError> {
        loop {
            let code = self.any()?;
            if self.drawn.insert(code.number()) {
                return Ok(code);
            }
        }
    }

    fn any(&mut self) -> Result<Code, HandoverError> {
        let mut payload = Zeroizing::new([0_u8; LENGTH - 1]);
        let mut filled = 0;
        while filled < payload.len() {
            // 250 is ten times 25: the bytes from there on would favour the first six characters.
            let byte = self.byte()?;
            if byte >= 250 {
                continue;
            }
            let place = payload
                .get_mut(filled)
                .zip(ALPHABET.get(usize::from(byte) % 25));
            if let Some((place, character)) = place {
                *place = *character;
            }
            filled += 1;
        }
        Ok(Code::of_payload(payload.as_slice()).expect("made of the alphabet's characters"))
    }

    fn byte(&mut self) -> Result<u8, HandoverError> {
        if self.used >= self.pool.len() {
            *self.pool = chance::bytes::<1024>()?;
            self.used = 0;
        }
        let place = self.pool.get_mut(self.used);
        self.used += 1;
        // A byte that made a code stays nowhere else.
        Ok(place.map(std::mem::take).unwrap_or_default())
    }
}

/// The check character: a weighted sum modulo 25. All weights, and the differences between
/// neighbouring ones, are prime to 25, so each wrong character and each swap of neighbours within
/// the payload changes it.
fn check_character(payload: &[u8]) -> u8 {
    const WEIGHTS: [usize; 11] = [1, 2, 3, 4, 6, 7, 8, 9, 11, 12, 13];
    let value = |character: &u8| ALPHABET.iter().position(|of| of == character).unwrap_or(0);
    let sum: usize = payload
        .iter()
        .zip(WEIGHTS)
        .map(|(character, weight)| value(character) * weight)
        .sum();
    ALPHABET.get(sum % ALPHABET.len()).copied().unwrap_or(b'B')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn payload() -> impl Strategy<Value = Vec<u8>> {
        proptest::collection::vec(0_usize..25, 11)
            .prop_map(|at| at.into_iter().map(|at| ALPHABET[at]).collect())
    }

    proptest! {
        #[test]
        fn every_slip_of_one_character_is_found(payload in payload(), at in 0_usize..12, to in 0_usize..25) {
            let code = Code::of_payload(&payload).unwrap();
            let mut typed: Vec<char> = code.reveal().chars().filter(|c| *c != '-').collect();
            let before = typed[at];
            typed[at] = char::from(ALPHABET[to]);
            let read = Code::parse(&typed.iter().collect::<String>());
            if typed[at] == before {
                prop_assert!(read.is_ok());
            } else {
                prop_assert_eq!(read, Err(NotACode::Check));
            }
        }

        #[test]
        fn every_swap_of_neighbours_within_the_payload_is_found(payload in payload(), at in 0_usize..10) {
            let code = Code::of_payload(&payload).unwrap();
            let mut typed: Vec<char> = code.reveal().chars().filter(|c| *c != '-').collect();
            prop_assume!(typed[at] != typed[at + 1]);
            typed.swap(at, at + 1);
            prop_assert_eq!(Code::parse(&typed.iter().collect::<String>()), Err(NotACode::Check));
        }

        #[test]
        fn nothing_typed_panics(typed: String) {
            let _ = Code::parse(&typed);
        }
    }

    #[test]
    fn drawn_codes_differ_and_use_every_character_alike() {
        let mut draw = CodeDraw::default();
        let mut seen = std::collections::BTreeSet::new();
        let mut counts = [[0_u32; 25]; LENGTH];
        let rounds = 20_000;
        for _ in 0..rounds {
            let code = draw.draw().unwrap();
            assert_eq!(Code::parse(&code.reveal()).unwrap(), code);
            for (counts, character) in counts.iter_mut().zip(code.0.iter()) {
                counts[ALPHABET.iter().position(|of| of == character).unwrap()] += 1;
            }
            assert!(seen.insert(code.reveal().to_string()));
        }
        // Pearson's χ² with 24 degrees of freedom goes beyond 80 once in 10⁷ draws of 12 places.
        for counts in counts {
            let expected = f64::from(rounds) / 25.0;
            let chi: f64 = counts
                .iter()
                .map(|count| (f64::from(*count) - expected).powi(2) / expected)
                .sum();
            assert!(chi < 80.0, "{chi}");
        }
    }

    #[test]
    fn case_spaces_and_dashes_do_not_count() {
        let code = Code::of_payload(b"BCDFGHJKMNP").unwrap();
        let shown = code.reveal();
        assert_eq!(shown.len(), 14);
        let loose = shown.to_lowercase().replace('-', " ");
        assert_eq!(Code::parse(&loose).unwrap(), code);
        assert_eq!(Code::parse("hello"), Err(NotACode::Form));
        assert_eq!(format!("{code:?}"), "Code(•••)");
    }
}
