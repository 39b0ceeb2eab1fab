//! Recipients: who gets which text when, with which code. They exist in memory and sealed.

use std::fmt;
use std::io::Write as _;

use ring::hmac;
use unspoof_handover::codes::Code;
use unspoof_handover::{chance, hex};
use unspoof_model::UtcMicros;
use unspoof_numbers::PhoneNumber;
use zeroize::Zeroizing;

use crate::PlanError;

/// The key under which numbers are hashed wherever they must not stand: in ledgers, removal lists
/// and lists of whom earlier campaigns told. One a case, kept with the case's keys: only hashes under
/// one key can be compared.
#[derive(Clone)]
pub struct RecipientKey {
    bytes: Zeroizing<[u8; 32]>,
    key: hmac::Key,
}

impl fmt::Debug for RecipientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecipientKey(•••)")
    }
}

impl RecipientKey {
    /// Takes a key.
    #[must_use]
    pub fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, bytes.as_slice());
        Self { bytes, key }
    }

    /// Draws a key.
    ///
    /// # Errors
    /// [`PlanError::Handover`] without randomness.
    pub fn draw() -> Result<Self, PlanError> {
        Ok(Self::new(Zeroizing::new(chance::bytes()?)))
    }

    /// Gives the key up, to be written where only the case's officers read.
    #[must_use]
    pub fn reveal(&self) -> Zeroizing<[u8; 32]> {
        self.bytes.clone()
    }

    /// Hashes a number: HMAC-SHA-256 under this key over the digits of its E.164 form, without `+`.
    #[must_use]
    pub fn hash(&self, number: PhoneNumber) -> RecipientHash {
        let tag = with_digits(number, |digits| hmac::sign(&self.key, digits));
        let mut hash = [0; 32];
        hash.copy_from_slice(tag.as_ref());
        RecipientHash(hash)
    }
}

/// A number's keyed hash: what ledgers and lists hold in its stead.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecipientHash(pub [u8; 32]);

impl From<RecipientHash> for unspoof_store::ledger::Recipient {
    fn from(hash: RecipientHash) -> Self {
        Self(hash.0)
    }
}

impl From<unspoof_store::ledger::Recipient> for RecipientHash {
    fn from(recipient: unspoof_store::ledger::Recipient) -> Self {
        Self(recipient.0)
    }
}

/// Shows nothing: whoever has the key could try every number.
impl fmt::Debug for RecipientHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecipientHash(…)")
    }
}

/// Somebody who gets a text. `Debug` shows neither number nor code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// The number.
    pub number: PhoneNumber,
    /// Which stage, from 0.
    pub stage: u16,
    /// Which of the plan's texts, from 0.
    pub text: u16,
    /// Which of the plan's clocks, from 0.
    pub clock: u16,
    /// The check code that the text carries.
    pub code: Code,
}

impl Recipient {
    /// Gives up the number's digits without `+`, as senders take them.
    #[must_use]
    pub fn digits(&self) -> Zeroizing<String> {
        with_digits(self.number, |digits| {
            Zeroizing::new(String::from_utf8_lossy(digits).into_owned())
        })
    }
}

/// All recipients of a plan. A recipient's key in the ledger is its place here, from 0: by stage, and
/// within a stage by keyed hash, so that neither place nor order tells anything of a number.
#[derive(Clone, Debug)]
pub struct Recipients {
    /// The campaign's id.
    pub campaign: String,
    /// What their numbers are hashed with.
    pub key: RecipientKey,
    /// By stage, the instant before which nothing of it leaves. It is nowhere else: nobody outside
    /// can foretell it.
    pub not_before_utc: Vec<UtcMicros>,
    /// The recipients.
    pub list: Vec<Recipient>,
}

const FORMAT: &str = "unspoof-recipients-1";

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    format: String,
    campaign: String,
    count: u64,
    recipient_key: String,
    not_before_utc: Vec<UtcMicros>,
}

impl Recipients {
    /// Returns a recipient by its key in the ledger.
    #[must_use]
    pub fn get(&self, key: u64) -> Option<&Recipient> {
        self.list.get(usize::try_from(key).ok()?)
    }

    /// Returns the hash that a recipient has in the ledger.
    #[must_use]
    pub fn hash(&self, recipient: &Recipient) -> RecipientHash {
        self.key.hash(recipient.number)
    }

    /// Returns the SHA-256 over all numbers, `+` and digits a line, sorted.
    #[must_use]
    pub fn numbers_sha256(&self) -> [u8; 32] {
        let mut numbers: Vec<PhoneNumber> = self.list.iter().map(|of| of.number).collect();
        numbers.sort_unstable();
        let mut digest = ring::digest::Context::new(&ring::digest::SHA256);
        for number in numbers {
            digest.update(b"+");
            with_digits(number, |digits| digest.update(digits));
            digest.update(b"\n");
        }
        finished(digest)
    }

    /// Returns the SHA-256 of what [`Recipients::to_bytes`] writes: numbers, texts, stages, codes.
    /// The key within makes it impossible to try numbers against it.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        let mut digest = ring::digest::Context::new(&ring::digest::SHA256);
        digest.update(&self.to_bytes());
        finished(digest)
    }

    /// Writes them down, to be sealed at once: a line of JSON, then
    /// `+NUMBER,STAGE,TEXT,CLOCK,CODE` a line.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let head = Head {
            format: FORMAT.to_owned(),
            campaign: self.campaign.clone(),
            count: self.list.len() as u64,
            recipient_key: hex::encode(self.key.bytes.as_slice()),
            not_before_utc: self.not_before_utc.clone(),
        };
        // Room for all, so that no copy is left behind by growing.
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.list.len() * 56 + 4096));
        let written = serde_json::to_writer(&mut *bytes, &head);
        debug_assert!(written.is_ok(), "texts and numbers are JSON");
        bytes.push(b'\n');
        for recipient in &self.list {
            let code = recipient.code.reveal();
            let line = writeln!(
                bytes,
                "+{},{},{},{},{}",
                recipient.number.key(),
                recipient.stage,
                recipient.text,
                recipient.clock,
                code.as_str()
            );
            debug_assert!(line.is_ok(), "memory takes what is written");
        }
        bytes
    }

    /// Reads what [`Recipients::to_bytes`] wrote, and nothing else.
    ///
    /// # Errors
    /// [`PlanError::Recipients`] for anything else.
    pub fn of_bytes(bytes: &[u8]) -> Result<Self, PlanError> {
        let wrong = |detail| PlanError::Recipients { detail };
        let text = std::str::from_utf8(bytes).map_err(|_| wrong("they are no text"))?;
        let (head, rest) = text
            .split_once('\n')
            .ok_or(wrong("they have no first line"))?;
        let head: Head = serde_json::from_str(head)
            .map_err(|_| wrong("their first line says something else"))?;
        if head.format != FORMAT {
            return Err(wrong("they are of another format"));
        }
        let key = hex::decode::<32>(&head.recipient_key).ok_or(wrong("their key is no key"))?;
        let mut list = Vec::new();
        for line in rest.split_terminator('\n') {
            list.push(recipient(line).ok_or(wrong("a line says something else"))?);
        }
        let recipients = Self {
            campaign: head.campaign,
            key: RecipientKey::new(Zeroizing::new(key)),
            not_before_utc: head.not_before_utc,
            list,
        };
        // Whatever can be written in two ways was not written by us.
        if recipients.list.len() as u64 != head.count || recipients.to_bytes().as_slice() != bytes {
            return Err(wrong("they are not whole, or written in another way"));
        }
        Ok(recipients)
    }
}

fn recipient(line: &str) -> Option<Recipient> {
    let mut cells = line.split(',');
    let number = cells.next()?.strip_prefix('+')?.parse().ok()?;
    let recipient = Recipient {
        number: PhoneNumber::from_key(number).ok()?,
        stage: cells.next()?.parse().ok()?,
        text: cells.next()?.parse().ok()?,
        clock: cells.next()?.parse().ok()?,
        code: Code::parse(cells.next()?).ok()?,
    };
    cells.next().is_none().then_some(recipient)
}

pub(crate) fn finished(digest: ring::digest::Context) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest.finish().as_ref());
    hash
}

/// Lends a number's digits without writing them to the heap.
pub(crate) fn with_digits<T>(number: PhoneNumber, then: impl FnOnce(&[u8]) -> T) -> T {
    let mut digits = Zeroizing::new([0_u8; 20]);
    let mut rest = number.key();
    let mut from = digits.len();
    while rest > 0 {
        from -= 1;
        if let (Some(place), Ok(digit)) = (digits.get_mut(from), u8::try_from(rest % 10)) {
            *place = b'0' + digit;
        }
        rest /= 10;
    }
    then(digits.split_at(from).1)
}
