//! What is known of the accounts of a case, as its caller fills it in.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use crate::error::EvidenceError;
use crate::written::{Written, email_parts, name_key, name_words};

/// Text that tells of a person: `Debug` shows its length alone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Private(Arc<str>);

impl Private {
    /// Gives the text up, for a reader who may see it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Private {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Private {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "•••({} chars)", self.0.chars().count())
    }
}

/// Names an account: ids count only within their source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountKey {
    /// Which system the account is of.
    pub source: String,
    /// Its id there.
    pub account_id: String,
}

/// What an account was on the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Role {
    /// Used the service.
    #[default]
    Customer,
    /// Sold it on.
    Reseller,
    /// Was made by a reseller or another customer.
    SubAccount,
    /// Ran the service: kept apart from everybody.
    Staff,
    /// Was opened by the police to test it: kept apart from everybody.
    PoliceTest,
}

impl Role {
    /// Whether such accounts are never compared with any other.
    #[must_use]
    pub fn is_kept_apart(self) -> bool {
        matches!(self, Self::Staff | Self::PoliceTest)
    }
}

/// One account, with what its holder wrote about themselves.
#[derive(Clone)]
pub struct Account {
    /// Its name.
    pub key: AccountKey,
    /// What it was on the service.
    pub role: Role,
    /// The account that made it, an id of the same source. Never evidence that both are one person.
    pub parent_id: Option<String>,
    /// The name it signed in by.
    pub username: Option<String>,
    /// Its e-mail address as written.
    pub email: Option<String>,
    /// Its holder's name as written.
    pub name: Option<String>,
    /// Its telephone number: country code and national number as one integer.
    pub phone_e164: Option<i64>,
    /// Its messenger handles, the messenger's name included where it is known.
    pub handles: Vec<String>,
    /// When it was made, microseconds UTC.
    pub created_utc_us: Option<i64>,
}

impl Account {
    /// Makes a customer's account of which nothing else is known.
    #[must_use]
    pub fn new(source: &str, account_id: &str) -> Self {
        Self {
            key: AccountKey {
                source: source.to_owned(),
                account_id: account_id.to_owned(),
            },
            role: Role::Customer,
            parent_id: None,
            username: None,
            email: None,
            name: None,
            phone_e164: None,
            handles: Vec::new(),
            created_utc_us: None,
        }
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("key", &self.key)
            .field("role", &self.role)
            .field("parent_id", &self.parent_id)
            .finish_non_exhaustive()
    }
}

/// What sort of value two accounts may share.
///
/// There is none for who made whom or who passed credit to whom: such links never mean sameness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Kind {
    /// An internet address; of IPv6 the first 64 bits, which is what a line is given.
    Ip,
    /// A device or browser id, scoped to its source: two systems' ids are different things.
    Device,
    /// What a payment came from: a wallet, a card's token, a bank account.
    PaymentSource,
    /// Where money was paid out to.
    PayoutAddress,
    /// The code an account was recruited by, scoped to its source.
    ReferralCode,
    /// Anything else that was seen, its meaning the caller's.
    Other,
    /// The holder's name.
    Name,
    /// The part of the e-mail address before the `@`.
    Email,
    /// The telephone number.
    Phone,
    /// The name signed in by.
    Username,
    /// A messenger handle.
    Handle,
}

impl Kind {
    /// Every kind, in order.
    pub const ALL: [Self; 11] = [
        Self::Ip,
        Self::Device,
        Self::PaymentSource,
        Self::PayoutAddress,
        Self::ReferralCode,
        Self::Other,
        Self::Name,
        Self::Email,
        Self::Phone,
        Self::Username,
        Self::Handle,
    ];
    pub(crate) const COUNT: usize = Self::ALL.len();

    pub(crate) fn at(self) -> usize {
        self as usize
    }

    /// Returns a short stable name, such as `payment-source`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ip => "ip",
            Self::Device => "device",
            Self::PaymentSource => "payment-source",
            Self::PayoutAddress => "payout-address",
            Self::ReferralCode => "referral-code",
            Self::Other => "other",
            Self::Name => "name",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Username => "username",
            Self::Handle => "handle",
        }
    }

    /// Whether equal text in two sources means nothing.
    fn counts_within_source(self) -> bool {
        matches!(self, Self::Device | Self::ReferralCode)
    }
}

/// The place of an account within its [`Evidence`], in the order it was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountNo(pub(crate) u32);

/// One time that an account was seen with a value.
#[derive(Clone, Copy)]
pub struct Sighting<'a> {
    /// Whose.
    pub account: AccountNo,
    /// Of what sort.
    pub kind: Kind,
    /// The value as recorded.
    pub value: &'a str,
    /// When, microseconds UTC.
    pub at_utc_us: Option<i64>,
}

impl fmt::Debug for Sighting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sighting")
            .field("account", &self.account)
            .field("kind", &self.kind)
            .field("at_utc_us", &self.at_utc_us)
            .finish_non_exhaustive()
    }
}

/// What a named person decided about accounts. Of two about one pair, the later counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Both accounts are one person's.
    Same(AccountNo, AccountNo),
    /// The accounts are of different persons.
    Different(AccountNo, AccountNo),
    /// Several persons use this account, so it joins nobody to anybody.
    SeveralPersons(AccountNo),
}

/// A verdict with its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Judgement {
    /// When it was made, microseconds UTC.
    pub at_utc_us: i64,
    /// What it says.
    pub verdict: Verdict,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Seen {
    pub(crate) account: u32,
    pub(crate) value: u32,
    /// `i64::MAX` where nothing is known, so that it sorts last.
    pub(crate) at_utc_us: i64,
}

pub(crate) const NO_TIME: i64 = i64::MAX;

/// A distinct value: its kind, the source it counts within (or none), its text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Value {
    pub(crate) kind: Kind,
    pub(crate) source: Option<Arc<str>>,
    pub(crate) text: Arc<str>,
}

type NumberOf = HashMap<Arc<str>, u32>;

/// All that is known of the accounts of a case.
#[derive(Default, Clone)]
pub struct Evidence {
    pub(crate) accounts: Vec<Account>,
    pub(crate) written: Vec<Written>,
    numbers: HashMap<AccountKey, u32>,
    pub(crate) values: Vec<Value>,
    value_numbers: BTreeMap<(Kind, Option<Arc<str>>), NumberOf>,
    pub(crate) seen: Vec<Seen>,
    pub(crate) judgements: Vec<Judgement>,
    empty_values: u64,
}

impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Evidence")
            .field("accounts", &self.accounts.len())
            .field("values", &self.values.len())
            .field("sightings", &self.seen.len())
            .field("judgements", &self.judgements.len())
            .finish_non_exhaustive()
    }
}

impl Evidence {
    /// Starts with nothing known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an account and what its holder wrote about themselves.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::AccountTwice`] if its source has such an id already.
    pub fn add_account(&mut self, account: Account) -> Result<AccountNo, EvidenceError> {
        let number = fitting(self.accounts.len(), "accounts")?;
        if self.numbers.contains_key(&account.key) {
            return Err(EvidenceError::AccountTwice {
                source_name: account.key.source,
                account_id: account.key.account_id,
            });
        }
        self.numbers.insert(account.key.clone(), number);
        let written = self.write_down(number, &account)?;
        self.written.push(written);
        self.accounts.push(account);
        Ok(AccountNo(number))
    }

    /// Makes values of what the holder wrote, so that they weigh by rarity like all others.
    fn write_down(&mut self, number: u32, account: &Account) -> Result<Written, EvidenceError> {
        let name = name_words(account.name.as_deref().unwrap_or_default());
        let email = account.email.as_deref().and_then(email_parts);
        let phone = account
            .phone_e164
            .filter(|&number| number > 0)
            .map(|number| number.to_string());
        let folded = |text: &str| text.trim().to_lowercase();
        let mut said: Vec<(Kind, String)> = Vec::new();
        said.push((Kind::Name, name_key(&name)));
        said.extend(email.iter().map(|(_, local)| (Kind::Email, local.clone())));
        said.extend(phone.iter().map(|digits| (Kind::Phone, digits.clone())));
        said.extend(
            account
                .username
                .iter()
                .map(|name| (Kind::Username, folded(name))),
        );
        said.extend(
            account
                .handles
                .iter()
                .map(|name| (Kind::Handle, folded(name))),
        );
        for (kind, text) in said.into_iter().filter(|(_, text)| !text.is_empty()) {
            let value = self.value(kind, None, &text)?;
            self.seen.push(Seen {
                account: number,
                value,
                at_utc_us: NO_TIME,
            });
        }
        Ok(Written {
            whole_name: name.join(" "),
            name,
            email,
            phone,
        })
    }

    /// Finds an account that was added.
    #[must_use]
    pub fn account_no(&self, key: &AccountKey) -> Option<AccountNo> {
        self.numbers.get(key).copied().map(AccountNo)
    }

    /// Adds one sighting. An empty value is counted in [`Self::empty_values`] and says nothing.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::NoSuchAccount`] if the account is of other evidence.
    pub fn add_sighting(&mut self, sighting: Sighting<'_>) -> Result<(), EvidenceError> {
        let source = &self.account(sighting.account)?.key.source;
        let source = sighting
            .kind
            .counts_within_source()
            .then(|| Arc::<str>::from(source.as_str()));
        let text = sighting.value.trim();
        if text.is_empty() {
            self.empty_values += 1;
            return Ok(());
        }
        let value = if sighting.kind == Kind::Ip {
            self.value(sighting.kind, source, &line_of(text))?
        } else {
            self.value(sighting.kind, source, text)?
        };
        self.seen.push(Seen {
            account: sighting.account.0,
            value,
            at_utc_us: sighting.at_utc_us.unwrap_or(NO_TIME),
        });
        Ok(())
    }

    /// Adds what a person decided.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::NoSuchAccount`] if an account is of other evidence.
    pub fn add_judgement(&mut self, judgement: Judgement) -> Result<(), EvidenceError> {
        match judgement.verdict {
            Verdict::Same(one, other) | Verdict::Different(one, other) => {
                self.account(one)?;
                self.account(other)?;
            }
            Verdict::SeveralPersons(one) => {
                self.account(one)?;
            }
        }
        self.judgements.push(judgement);
        Ok(())
    }

    /// Returns how many sightings had no value.
    #[must_use]
    pub fn empty_values(&self) -> u64 {
        self.empty_values
    }

    /// Returns how many accounts were added.
    #[must_use]
    pub fn accounts(&self) -> usize {
        self.accounts.len()
    }

    fn account(&self, no: AccountNo) -> Result<&Account, EvidenceError> {
        self.accounts
            .get(no.0 as usize)
            .ok_or(EvidenceError::NoSuchAccount {
                number: no.0,
                accounts: u32::try_from(self.accounts.len()).unwrap_or(u32::MAX),
            })
    }

    fn value(
        &mut self,
        kind: Kind,
        source: Option<Arc<str>>,
        text: &str,
    ) -> Result<u32, EvidenceError> {
        let numbers = self
            .value_numbers
            .entry((kind, source.clone()))
            .or_default();
        if let Some(&number) = numbers.get(text) {
            return Ok(number);
        }
        let number = fitting(self.values.len(), "values")?;
        let text: Arc<str> = text.into();
        numbers.insert(Arc::clone(&text), number);
        self.values.push(Value { kind, source, text });
        Ok(number)
    }
}

/// The most values that one run takes: a shared value and how it was shared fit into 32 bits.
const MOST: u32 = (1 << 28) - 1;

fn fitting(count: usize, what: &'static str) -> Result<u32, EvidenceError> {
    u32::try_from(count)
        .ok()
        .filter(|&count| count < MOST)
        .ok_or(EvidenceError::TooMany { what, most: MOST })
}

/// What a line is given: an IPv4 address, or the first 64 bits of an IPv6 one.
fn line_of(text: &str) -> String {
    match text.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(IpAddr::V4(ip)) => ip.to_string(),
        Ok(IpAddr::V6(ip)) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Err(_) => text.to_owned(),
    }
}
