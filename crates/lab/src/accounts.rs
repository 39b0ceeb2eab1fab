//! The service's accounts and their payments, planned before any call is.

use crate::blocks::GB_ACCOUNTS;
use crate::clock::{UtcS, utc_s};
use crate::draw::{Draw, Purpose};
use crate::phone::{Form, Pool, push_number};
use crate::preset::{BACKUP_AT, BACKUP_PAYMENTS, PERIOD_END, PERIOD_START, Size};
use crate::rates::Rates;

/// When the service opened.
pub(crate) const OPENED: UtcS = utc_s(2020, 12, 1, 9);
/// The first so many accounts are the staff's, the police's, and customers of every sort, all of
/// them registered before the first call: each chunk finds an account of the sort that it needs.
pub(crate) const FOUNDERS: u32 = 16;
/// This account's payments lack what payments seldom lack, and the next one's telephone number
/// cannot exist: so every case shows both.
const ODD: u32 = FOUNDERS;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    Customer,
    Reseller,
    SubAccount,
    Staff,
    PoliceTest,
}

impl Role {
    /// The word in the service's table.
    pub(crate) const fn recorded(self) -> &'static str {
        match self {
            Self::Customer => "user",
            Self::Reseller => "reseller",
            Self::SubAccount => "sub",
            Self::Staff => "admin",
            Self::PoliceTest => "probe",
        }
    }

    /// The word in a case's tables.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Reseller => "reseller",
            Self::SubAccount => "sub-account",
            Self::Staff => "staff",
            Self::PoliceTest => "police-test",
        }
    }

    pub(crate) const fn is_test(self) -> bool {
        matches!(self, Self::Staff | Self::PoliceTest)
    }
}

/// The telephone number that an account gave.
#[derive(Clone)]
pub(crate) enum Phone {
    None,
    Impossible,
    Given { number: u64, home: bool, form: Form },
}

/// An account; its id is its index plus one.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) role: Role,
    /// Index of the reseller.
    pub(crate) parent: Option<u32>,
    /// The person behind it: several accounts may be one person's.
    pub(crate) person: u32,
    pub(crate) username: String,
    pub(crate) phone: Phone,
    pub(crate) created: UtcS,
    pub(crate) plan: &'static str,
    pub(crate) balance_minor: u32,
    pub(crate) paid_minor: i64,
    /// How often it calls, compared to others; 0: never.
    pub(crate) weight: u32,
    /// A number that it likes to show.
    pub(crate) favourite: u16,
    /// Whether the service rings it first and then connects.
    pub(crate) call_back: bool,
    pub(crate) in_backup: bool,
    pub(crate) in_panel: bool,
    /// Whether the backup says otherwise about its telephone and balance.
    pub(crate) changed: bool,
    /// What it gave besides its telephone; `None`: what follows from its name.
    pub(crate) contact: Option<Contact>,
    /// Whether it poses as no organisation.
    pub(crate) honest: bool,
}

/// An account's e-mail address and messenger name.
#[derive(Clone)]
pub(crate) struct Contact {
    pub(crate) email: Option<String>,
    pub(crate) handle: Option<String>,
}

impl Account {
    /// By the rule: a telephone number of the home region, and at least £100 paid.
    pub(crate) fn is_priority(&self) -> bool {
        matches!(self.phone, Phone::Given { home: true, .. }) && self.paid_minor >= 10_000
    }
}

/// A payment; its id is its index plus one.
pub(crate) struct Payment {
    /// Index of the account.
    pub(crate) account: u32,
    pub(crate) at: UtcS,
    pub(crate) dated: bool,
    pub(crate) satoshis: u64,
    pub(crate) has_txid: bool,
    pub(crate) value_minor: Option<i64>,
    /// Whether the main dump still holds it.
    pub(crate) in_panel: bool,
    /// The wallet that it came from, where the service noted one.
    pub(crate) payer: Option<String>,
}

/// Accounts in order of registration, and payments in order of time.
pub(crate) struct Ledger {
    pub(crate) accounts: Vec<Account>,
    pub(crate) payments: Vec<Payment>,
}

impl Ledger {
    pub(crate) fn new(
        seed: u64,
        size: &Size,
        pool: &Pool,
        rates: &Rates,
        mut favourite: impl FnMut(&mut Draw) -> u16,
    ) -> Self {
        let mut draw = Draw::new(seed, Purpose::Accounts, 0);
        let mut created: Vec<UtcS> = (FOUNDERS..size.accounts)
            .map(|_| registration(&mut draw))
            .collect();
        created.sort_unstable();
        let mut ledger = Self {
            accounts: Vec::new(),
            payments: Vec::new(),
        };
        for index in 0..size.accounts {
            let created = match index.checked_sub(FOUNDERS) {
                Some(later) => created[later as usize],
                None => OPENED + i64::from(index) * 3_607,
            };
            let role = role(&mut draw, index);
            let mut account = Account {
                role,
                parent: None,
                person: index,
                username: username(&mut draw, index),
                phone: phone(&mut draw, pool, index),
                created,
                plan: draw.pick::<&str>(&["trial", "basic", "pro", "pro", "unlimited"]),
                balance_minor: draw.below(20_000),
                paid_minor: 0,
                weight: 0,
                favourite: favourite(&mut draw),
                call_back: draw.chance(2_000),
                in_backup: created < BACKUP_AT - 86_400 && draw.chance(7_000),
                in_panel: true,
                changed: draw.chance(1_500),
                contact: None,
                honest: false,
            };
            ledger.relate(&mut draw, &mut account);
            account.in_panel = index < FOUNDERS || !account.in_backup || !draw.chance(60);
            ledger.pay(&mut draw, index, &mut account, rates, size);
            account.weight = weight(&mut draw, &account);
            ledger.accounts.push(account);
        }
        ledger
            .payments
            .sort_by_key(|payment| (payment.at, payment.account));
        ledger
    }

    /// Gives the account of a reseller's customer its parent, and some accounts an owner who has
    /// one already; such a person keeps to one telephone number.
    fn relate(&self, draw: &mut Draw, account: &mut Account) {
        if account.role == Role::SubAccount {
            let resellers = self.accounts.iter().enumerate().take(2_000);
            let resellers: Vec<u32> = resellers
                .filter(|(_, other)| other.role == Role::Reseller)
                .map(|(index, _)| index as u32)
                .collect();
            account.parent = (!resellers.is_empty()).then(|| *draw.pick(&resellers));
        }
        if self.accounts.len() > ODD as usize + 1 && draw.chance(1_500) {
            let other = &self.accounts[draw.below(self.accounts.len() as u32) as usize];
            if !other.role.is_test() && !account.role.is_test() {
                account.person = other.person;
                if draw.chance(6_000) {
                    account.phone = other.phone.clone();
                    if let Phone::Given { form, .. } = &mut account.phone {
                        *form = Form::by_hand(draw);
                    }
                }
            }
        }
    }

    fn pay(
        &mut self,
        draw: &mut Draw,
        index: u32,
        account: &mut Account,
        rates: &Rates,
        size: &Size,
    ) {
        let founder = index < FOUNDERS && !account.role.is_test();
        let odd = index == ODD;
        if account.role.is_test() || !(founder || odd || draw.chance(2_400)) {
            return;
        }
        let payments = draw.long_tail(1, 6);
        for _ in 0..payments {
            let from = account.created + 600;
            let span = (PERIOD_END - from).max(60) as u32;
            let at = from + i64::from(draw.below(span));
            let minor = if founder {
                if index.is_multiple_of(2) {
                    15_000
                } else {
                    4_000 / payments
                }
            } else {
                draw.long_tail(2_000, 60_000)
            };
            let whole = u64::from(minor) * 100_000_000 / rates.pence_at(at);
            let satoshis = (whole + u64::from(draw.below(1_000))).max(1);
            let dated = founder || !(draw.chance(5 * size.dirt_per_10k) || odd);
            let value_minor = dated.then(|| rates.value_minor(satoshis, at));
            account.paid_minor += value_minor.unwrap_or(0);
            let in_slice = (BACKUP_PAYMENTS.0..BACKUP_PAYMENTS.1).contains(&at);
            let in_panel = !(draw.chance(200) && in_slice);
            self.payments.push(Payment {
                account: index,
                at,
                dated,
                satoshis,
                has_txid: !(draw.chance(300) || odd),
                value_minor,
                in_panel,
                payer: None,
            });
        }
    }
}

pub(crate) fn registration(draw: &mut Draw) -> UtcS {
    // Two in five were there when the period began.
    let (from, to) = if draw.chance(4_000) {
        (OPENED, PERIOD_START)
    } else {
        (PERIOD_START, PERIOD_END)
    };
    from + 90_000 + i64::from(draw.below((to - from - 180_000) as u32))
}

fn role(draw: &mut Draw, index: u32) -> Role {
    match index {
        0 | 1 => Role::Staff,
        2 => Role::PoliceTest,
        3 | 4 => Role::Reseller,
        _ if index <= ODD => Role::Customer,
        _ => match draw.below(1_000) {
            0..=7 => Role::Reseller,
            8..=90 => Role::SubAccount,
            91 => Role::PoliceTest,
            _ => Role::Customer,
        },
    }
}

fn phone(draw: &mut Draw, pool: &Pool, index: u32) -> Phone {
    let form = Form::by_hand(draw);
    let home = |draw: &mut Draw| Phone::Given {
        number: GB_ACCOUNTS.0 + u64::from(draw.below(GB_ACCOUNTS.1)),
        home: true,
        form,
    };
    if index < FOUNDERS {
        return home(draw);
    }
    if index == ODD + 1 {
        return Phone::Impossible;
    }
    match draw.below(1_000) {
        0..=149 => Phone::None,
        150..=159 => Phone::Impossible,
        160..=519 => {
            let region = 1 + draw.below(7) as u8;
            let ids = pool.abroad(region);
            let number = pool.number(ids.start + draw.below(ids.len() as u32));
            Phone::Given {
                number,
                home: false,
                form,
            }
        }
        _ => home(draw),
    }
}

pub(crate) const NAMES: [&str; 24] = [
    "amber", "basil", "cedar", "delta", "ember", "flint", "gale", "heron", "iris", "jasper",
    "karst", "linden", "mica", "nova", "onyx", "pike", "quill", "raven", "slate", "thorn", "umber",
    "vale", "wren", "zephyr",
];

fn username(draw: &mut Draw, index: u32) -> String {
    let (first, second) = (draw.pick(&NAMES), draw.pick(&NAMES));
    // The index keeps names unique.
    format!("{first}_{second}{index}")
}

fn weight(draw: &mut Draw, account: &Account) -> u32 {
    let paying = account.paid_minor > 0;
    let drawn = draw.long_tail(2, 600);
    let trial = u32::from(draw.chance(6_000));
    match account.role {
        Role::Staff | Role::PoliceTest => 0,
        Role::Customer | Role::Reseller | Role::SubAccount if paying => drawn,
        Role::Customer | Role::Reseller | Role::SubAccount => trial,
    }
}

/// Accounts that may place a call of some sort, in order of registration.
pub(crate) struct Callers {
    indexes: Vec<u32>,
    created: Vec<UtcS>,
    weights: Vec<u64>,
}

impl Callers {
    pub(crate) fn new(accounts: &[Account], weight: impl Fn(&Account) -> u32) -> Self {
        let mut made = Self {
            indexes: Vec::new(),
            created: Vec::new(),
            weights: Vec::new(),
        };
        let mut sum = 0;
        for (index, account) in accounts.iter().enumerate() {
            let weight = weight(account);
            if weight > 0 {
                sum += u64::from(weight);
                made.indexes.push(index as u32);
                made.created.push(account.created);
                made.weights.push(sum);
            }
        }
        made
    }

    /// Returns how many were registered before an instant.
    pub(crate) fn registered(&self, before: UtcS) -> usize {
        self.created.partition_point(|&created| created < before)
    }

    /// Draws one of the first `registered`.
    pub(crate) fn draw(&self, draw: &mut Draw, registered: usize) -> u32 {
        self.indexes[draw.weighted(&self.weights[..registered])]
    }

    /// Returns the first `registered`.
    pub(crate) fn all(&self, registered: usize) -> &[u32] {
        &self.indexes[..registered]
    }
}

/// Appends an account's telephone number as it stands in the table.
pub(crate) fn push_phone(out: &mut Vec<u8>, phone: &Phone) {
    match phone {
        Phone::None => out.extend_from_slice(b"NULL"),
        Phone::Impossible => out.extend_from_slice(b"'+440000000000000'"),
        Phone::Given { number, form, .. } => {
            out.push(b'\'');
            push_number(out, *number, *form);
            out.push(b'\'');
        }
    }
}
