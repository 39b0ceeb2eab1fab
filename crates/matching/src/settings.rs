use crate::MatchError;

/// How likely each agreement is among true pairs of a report and its call, and where tiers begin.
///
/// These are the `m` of Fellegi and Sunter (A Theory for Record Linkage, 1969). Their `u`, how
/// often calls agree by chance, is never set but counted from the calls at hand ([`Rarity`](crate::Rarity)). What each `m` rests on stands beside it; they are rounded, and no result here
/// hangs on the second digit: bits move by the logarithm. One setting serves all data.
#[derive(Clone, PartialEq, Debug)]
pub struct Settings {
    /// Threads that reports are matched on. What comes out is the same with any number.
    pub threads: usize,

    /// Share of reports that tell of a call in these records at all. Even odds: nobody knows.
    pub prior: f64,

    /// A victim's own number is written as it was called. Typing slips hit about one telephone
    /// number in twenty, and some give another line than the one that was rung.
    pub number_equal_m: f64,
    /// One digit differs: the most frequent slip.
    pub one_digit_differs_m: f64,
    /// Two neighbouring digits are swapped.
    pub digits_swapped_m: f64,
    /// One digit too many.
    pub digit_too_many_m: f64,
    /// One digit left out.
    pub digit_missing_m: f64,
    /// The victim gave another line than the one that was rung.
    pub other_number_m: f64,

    /// The call lies inside the window that the report states.
    pub inside_m: f64,
    /// Outside, by up to so many hours, and the share of true pairs there. People are wrong about
    /// days more often than about weeks; dates of banking stand for dates of calls.
    pub outside_m: [(u32, f64); 3],
    /// Hours before the report that a report without any date may speak of.
    pub undated_h: u32,

    /// The call showed a number of the organisation that the report names.
    pub organisation_m: f64,
    /// It showed no number of any organisation known: lists of numbers have gaps.
    pub no_organisation_m: f64,
    /// It showed another organisation's number: rare, as victims remember who rang.
    pub other_organisation_m: f64,
    /// The call showed a number of the victim's bank, where the report names nobody else.
    pub bank_m: f64,
    /// The call showed the very number that the report gives.
    pub presented_m: f64,

    /// Talk time of calls that led to a report: below so many seconds, and the share of true pairs
    /// there. Money moves in long calls. The last band has no end.
    pub talk_m: [(u32, f64); 6],
    /// The share of true pairs on a call that the record has as not answered.
    pub unanswered_m: f64,
    /// Talk of so many seconds supports a match.
    pub long_talk_s: u32,

    /// Calls to one number by one account within so many hours are one episode: which of them a
    /// report tells of does not change whom it concerns.
    pub episode_h: u32,
    /// An exact match has at least this share of all that explains the report.
    pub exact_share: f64,
    /// A probable match has at least this share.
    pub probable_share: f64,
    /// So many possible calls are listed for a report; the others are counted.
    pub possible_listed: usize,

    /// Share of reports that repeat another one, of another centre or the same.
    pub repeated: f64,
    /// Two reports are of one loss from this probability on.
    pub one_loss: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            threads: 1,
            prior: 0.5,
            number_equal_m: 0.90,
            one_digit_differs_m: 0.04,
            digits_swapped_m: 0.01,
            digit_too_many_m: 0.01,
            digit_missing_m: 0.01,
            other_number_m: 0.03,
            inside_m: 0.62,
            outside_m: [(24, 0.20), (48, 0.09), (96, 0.07)],
            undated_h: 60 * 24,
            organisation_m: 0.85,
            no_organisation_m: 0.10,
            other_organisation_m: 0.05,
            bank_m: 0.50,
            presented_m: 0.90,
            talk_m: [
                (30, 0.04),
                (60, 0.06),
                (120, 0.13),
                (300, 0.30),
                (900, 0.30),
                (u32::MAX, 0.15),
            ],
            unanswered_m: 0.02,
            long_talk_s: 60,
            episode_h: 24,
            exact_share: 0.90,
            probable_share: 0.6,
            possible_listed: 10,
            repeated: 0.05,
            one_loss: 0.90,
        }
    }
}

impl Settings {
    /// Checks that shares are shares and bands grow.
    ///
    /// # Errors
    /// [`MatchError::Setting`] names the first field that is out of range.
    pub fn check(&self) -> Result<(), MatchError> {
        let shares = [
            ("prior", self.prior),
            ("number_equal_m", self.number_equal_m),
            ("one_digit_differs_m", self.one_digit_differs_m),
            ("digits_swapped_m", self.digits_swapped_m),
            ("digit_too_many_m", self.digit_too_many_m),
            ("digit_missing_m", self.digit_missing_m),
            ("other_number_m", self.other_number_m),
            ("inside_m", self.inside_m),
            ("organisation_m", self.organisation_m),
            ("no_organisation_m", self.no_organisation_m),
            ("other_organisation_m", self.other_organisation_m),
            ("bank_m", self.bank_m),
            ("presented_m", self.presented_m),
            ("unanswered_m", self.unanswered_m),
            ("exact_share", self.exact_share),
            ("probable_share", self.probable_share),
            ("repeated", self.repeated),
            ("one_loss", self.one_loss),
        ];
        let outside = self.outside_m.iter().map(|band| ("outside_m", band.1));
        let talk = self.talk_m.iter().map(|band| ("talk_m", band.1));
        for (name, share) in shares.into_iter().chain(outside).chain(talk) {
            if !(share > 0.0 && share < 1.0) {
                return Err(MatchError::Setting { name });
            }
        }
        // At half or less, two calls could both be the one that explains a report best.
        for (name, share) in [
            ("exact_share", self.exact_share),
            ("probable_share", self.probable_share),
        ] {
            if share <= 0.5 {
                return Err(MatchError::Setting { name });
            }
        }
        let grows = |bands: &[(u32, f64)]| bands.is_sorted_by(|a, b| a.0 < b.0);
        if !grows(&self.outside_m) {
            return Err(MatchError::Setting { name: "outside_m" });
        }
        if !grows(&self.talk_m) || self.talk_m.last().is_none_or(|b| b.0 != u32::MAX) {
            return Err(MatchError::Setting { name: "talk_m" });
        }
        Ok(())
    }

    /// Hours outside its window that a report is looked for.
    pub(crate) fn reach_h(&self) -> u32 {
        self.outside_m.last().map_or(0, |band| band.0)
    }
}
