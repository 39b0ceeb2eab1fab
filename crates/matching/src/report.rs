use std::fmt;

use unspoof_model::{RowRef, UtcMicros};
use unspoof_numbers::PhoneNumber;

use crate::OrganisationNo;

/// Which report: ids count only within their source.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct ReportKey {
    /// The reporting centre, bank or file.
    pub source: String,
    /// The report's id there.
    pub report_id: String,
}

/// A span of time in which the incident may lie, in microseconds of UTC, both ends included.
///
/// A date alone is the whole of that day where the victim lives.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Window {
    /// The first instant.
    pub from_utc: UtcMicros,
    /// The last instant.
    pub to_utc: UtcMicros,
}

/// A currency's three letters (ISO 4217).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Currency(pub [u8; 3]);

impl Currency {
    /// Pounds sterling.
    pub const GBP: Self = Self(*b"GBP");
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|&b| write!(f, "{}", char::from(b)))
    }
}

/// An amount lost, as a report states it: gross, before refunds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Money {
    /// The currency.
    pub currency: Currency,
    /// Its smallest units, such as pence.
    pub minor: i64,
}

/// One fraud report as the caller's table has it. `Debug` shows its key and place only.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Which report.
    pub key: ReportKey,
    /// Where it stands in the evidence.
    pub place: Option<RowRef>,
    /// When it was made.
    pub reported_utc: Option<UtcMicros>,
    /// When the incident was. Several where the date can be read in several ways, such as 3 April
    /// and 4 March; [`windows_of_day`](crate::windows_of_day) gives them.
    pub windows: Vec<Window>,
    /// The victim's own number. Several where it is another one in each of several regions.
    pub called: Vec<PhoneNumber>,
    /// The victim's own number as written: what slips are looked for in.
    pub called_raw: Option<String>,
    /// The number that was shown to the victim.
    pub presented: Vec<PhoneNumber>,
    /// Who the caller claimed to be, where the caller of this library knows.
    pub organisations: Vec<OrganisationNo>,
    /// The same in words.
    pub organisation_raw: Option<String>,
    /// The victim's bank.
    pub banks: Vec<OrganisationNo>,
    /// The same in words.
    pub bank_raw: Option<String>,
    /// The victim's name.
    pub victim_name: Option<String>,
    /// What was lost.
    pub loss: Option<Money>,
    /// What the victim wrote.
    pub narrative: Option<String>,
    /// Numbers of which people decided that the report tells of a call to them. Nothing else is
    /// looked at then.
    pub judged: Vec<PhoneNumber>,
    /// Numbers of which people decided that it does not, whatever it looks like.
    pub not_about: Vec<PhoneNumber>,
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Report")
            .field("key", &self.key)
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}
