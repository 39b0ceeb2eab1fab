//! How much of everything hard mode holds.

/// A share of hard mode: what has it, and in how many of 10,000 cases.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Share {
    /// Of what it is a share.
    pub what: &'static str,
    /// How many in 10,000.
    pub per_10k: u32,
}

macro_rules! shares {
    ($($name:ident $per_10k:literal $what:literal)*) => {
        $(pub(crate) const $name: u32 = $per_10k;)*

        /// Every share of hard mode, in the order in which `docs/reference/lab.md` lists them.
        pub const SHARES: &[Share] = &[$(Share { what: $what, per_10k: $per_10k }),*];
    };
}

shares! {
    HOME 6_000 "persons who live in the home region"
    FRAUD 3_500 "persons who run fraud"
    HEAVY_PRIVATE 500 "other persons who call and pay as much as fraudsters do"
    NAT 4_000 "persons whose line is a carrier's NAT address, shared by 15 to 60 strangers"
    HOUSEHOLD 1_500 "persons with a line of their own who live in a household of 2 to 4 and share its line and surname"
    HOUSEHOLD_DEVICE 3_000 "households with one device that all of them use"
    RESOLD 800 "persons who sold their first device, to somebody who then uses it"
    IPV6 1_500 "private lines that are IPv6 networks"
    ON_OWN_LINE 5_000 "logins from the person's line"
    ON_VPN 4_000 "logins from one of 120 VPN exits, the n-th used 1/n as often as the first"
    ON_OWN_DEVICE 8_000 "logins on one of the person's two devices"
    ON_DEFAULT_DEVICE 1_000 "logins under one of two default device ids"
    PAYS 9_800 "customers' accounts that paid at least once"
    MIXER 2_000 "payments out of a mixer's wallet, each used by 20 or so accounts"
    EXCHANGE 2_500 "payments of the rest out of one of six exchange wallets"
    OWN_PHONE 3_500 "accounts that give the person's own telephone"
    BURNER 2_500 "accounts that give a telephone that no other account gives"
    PHONE_SLIP 500 "own telephones given with a digit changed"
    OWN_EMAIL 3_500 "accounts that give the person's own e-mail address"
    EMAIL_SLIP 1_000 "own e-mail addresses with a letter left out"
    NAMED_EMAIL 2_500 "accounts whose e-mail address holds the person's surname and digits drawn anew"
    OWN_HANDLE 2_500 "accounts that give the person's own messenger name"
    HANDLE_SLIP 500 "own messenger names with a letter left out"
    NAMED 4_000 "accounts whose user name holds a person's name"
    NAME_SLIP 3_000 "such names with a letter left out"
    ALIAS 1_000 "such names that are somebody else's"
    RESELLER 80 "accounts of resellers"
    SUB_ACCOUNT 820 "accounts that a reseller sold, whoever holds them"
    SET_UP 1_000 "sub-accounts that their reseller signed in to once, from his line"
    STAFF 30 "accounts of the service's staff, on one office line"
    POLICE_TEST 20 "accounts of police testers, on one office line"
    SECOND_FRAUD 800 "contacts whom a second fraudster calls as well"
    PATIENT 600 "contacts who lose nothing and stay on the line for long"
    PERSISTENT 600 "contacts of the rest who lose nothing and are called three to five times"
    BLOCKED 300 "contacts of the rest who lose nothing though a code was captured"
    PLAIN_LOSS 600 "losses in one call like any other"
    FRIEND 2_000 "numbers that others call at length and often, for each contact of a fraudster"
    REPORT_SLIP 500 "reports whose own number has one digit wrong"
    REPORT_SWAP 200 "reports whose own number has two neighbouring digits swapped"
    NUMBER_IN_WORDS 900 "reports that give the own number in their words alone"
    NO_NUMBER 700 "reports that give no own number at all"
    MONTH_FIRST 500 "reports that write the month before the day"
    NO_DAY 200 "reports without a day of the call"
    DAY_OFF 1_500 "reports whose day of the call is one to three days off"
    AMOUNT_ROUNDED 1_500 "reports of a loss that round it"
    AMOUNT_MISSING 800 "reports of a loss without an amount"
    REPORTED_AGAIN 800 "reports of a loss that are followed by another one of the same loss"
    REPORT_UNRELATED 1_500 "reports of fraud that the service has nothing to do with, for each that it has"
    REPORT_NO_LOSS 100 "contacts who lost nothing and report the attempt"
}
