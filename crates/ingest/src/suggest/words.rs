//! Words by which services class their rows, and what they mean in ours.

/// A list of our words, each with what sources write for it: letters and digits only.
pub(super) type Vocabulary = &'static [(&'static str, &'static str)];

pub(super) const DISPOSITION: Vocabulary = &[
    (
        "answered",
        "answered answer ans ok completed complete success connected 200",
    ),
    (
        "no-answer",
        "noanswer noans na unanswered missed cancel cancelled canceled timeout \
         nouserresponse originatorcancel ringing",
    ),
    ("busy", "busy userbusy engaged"),
    (
        "failed",
        "failed fail failure congestion chanunavail error rejected callrejected \
         unallocatednumber invalid invalidnumber invalidnumberformat unavailable \
         normaltemporaryfailure",
    ),
];

pub(super) const LEG: Vocabulary = &[
    ("user", "cb callback user aleg ringuser ringback"),
    ("target", "out outbound outgoing target bleg victim dial"),
    ("transfer", "xfer transfer transferred blindxfer atxfer"),
];

pub(super) const KIND: Vocabulary = &[
    ("live", "live manual human voice"),
    (
        "recorded",
        "ivr recorded prerecorded recording playback broadcast",
    ),
    ("bot", "bot otpbot"),
    ("test", "test testcall echo"),
];

pub(super) const ROLE: Vocabulary = &[
    (
        "customer",
        "customer user client member normal regular retail enduser",
    ),
    ("reseller", "reseller agent dealer partner"),
    ("sub-account", "sub subaccount subuser child"),
    (
        "staff",
        "admin administrator staff support operator owner root superadmin moderator",
    ),
];

pub(super) const DURATION_KIND: Vocabulary = &[
    ("talk", "talk billsec exact"),
    ("with-ringing", "total withringing full"),
    ("billed-rounded", "billed rounded billedrounded minutes"),
];

/// Flags, as columns of yes and no hold them.
pub(super) const CODE_CAPTURED: Vocabulary = &[("yes", "1 y yes t true"), ("no", "0 n no f false")];

/// Returns our word for a source's.
pub(super) fn meaning(vocabulary: Vocabulary, theirs: &str) -> Option<&'static str> {
    let compact: String = theirs
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    vocabulary
        .iter()
        .find(|(_, known)| known.split(' ').any(|known| known == compact))
        .map(|(ours, _)| *ours)
}

/// Codes of currencies that services take.
pub(super) const CURRENCIES: [&str; 17] = [
    "BTC", "XBT", "LTC", "ETH", "XMR", "BCH", "TRX", "USDT", "USDC", "USD", "GBP", "EUR", "RUB",
    "UAH", "CAD", "AUD", "CHF",
];
