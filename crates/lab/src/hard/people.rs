//! Who holds the accounts: persons with lines, devices, wallets, and what they share with strangers.

use super::shares::{
    FRAUD, HEAVY_PRIVATE, HOME, HOUSEHOLD, HOUSEHOLD_DEVICE, IPV6, NAT, POLICE_TEST, RESOLD, STAFF,
};
use crate::accounts::FOUNDERS;
use crate::blocks::GB_ACCOUNTS;
use crate::clock::{DAY_S, UtcS};
use crate::draw::{Draw, Purpose, Shuffle};
use crate::phone::Pool;
use crate::preset::{PERIOD_END, PERIOD_START};

/// Numbers of [`GB_ACCOUNTS`] from here on are given by one account alone.
pub(crate) const BURNERS_FROM: u32 = 60_000;

/// What somebody uses the service for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Trade {
    Fraud,
    /// Anything else, at length or now and then.
    Heavy,
    Private,
    Staff,
    Police,
}

/// Where somebody's line ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Line {
    V4(u32),
    /// The network's third and fourth group of 2001:db8::/32.
    V6(u16, u16),
}

/// A person.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) trade: Trade,
    pub(crate) home: bool,
    pub(crate) first: &'static str,
    pub(crate) last: &'static str,
    pub(crate) tag: u32,
    pub(crate) phone: u64,
    pub(crate) line: Line,
    /// Whether nobody else has the line.
    pub(crate) own_line: bool,
    pub(crate) devices: [u64; 2],
    /// Whether the second device is in nobody else's hands.
    pub(crate) own_second: bool,
    /// When the first device became theirs, and when it ceased to be.
    pub(crate) device_from: UtcS,
    pub(crate) device_to: UtcS,
    pub(crate) wallets: [u64; 2],
    /// 0 to 999: how good at fraud.
    pub(crate) skill: u32,
    /// The person's accounts, by index.
    pub(crate) accounts: Vec<u32>,
}

impl Person {
    /// Whether the first device is in nobody else's hands at any time.
    pub(crate) fn own_first(&self) -> bool {
        self.device_from == UtcS::MIN && self.device_to == UtcS::MAX
    }
}

/// What an account shows of its person alone, as bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Shows(u16);

impl Shows {
    pub(crate) const LINE: Self = Self(1);
    pub(crate) const DEVICE_1: Self = Self(1 << 1);
    pub(crate) const DEVICE_2: Self = Self(1 << 2);
    pub(crate) const WALLET_1: Self = Self(1 << 3);
    pub(crate) const WALLET_2: Self = Self(1 << 4);
    pub(crate) const PHONE: Self = Self(1 << 5);
    pub(crate) const EMAIL: Self = Self(1 << 6);
    pub(crate) const HANDLE: Self = Self(1 << 7);

    const NAMES: [(Self, &'static str); 8] = [
        (Self::LINE, "line"),
        (Self::DEVICE_1, "device-1"),
        (Self::DEVICE_2, "device-2"),
        (Self::WALLET_1, "wallet-1"),
        (Self::WALLET_2, "wallet-2"),
        (Self::PHONE, "phone"),
        (Self::EMAIL, "email"),
        (Self::HANDLE, "handle"),
    ];

    pub(crate) fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// The names of what is shown, by spaces.
    pub(crate) fn text(self) -> String {
        let names = Self::NAMES.iter();
        let shown: Vec<&str> = names
            .filter(|(value, _)| self.0 & value.0 != 0)
            .map(|&(_, name)| name)
            .collect();
        shown.join(" ")
    }
}

/// Everybody, and whose each account is.
pub(crate) struct People {
    pub(crate) persons: Vec<Person>,
    /// Index of the person by index of the account.
    pub(crate) of_account: Vec<u32>,
    /// What each account shows of its person alone.
    pub(crate) shows: Vec<Shows>,
}

/// Cumulated weights of owning 1 to 25 accounts: n to the power of -2.2, in millionths; more than
/// 25 count as 25.
const ACCOUNTS_OF_ONE: [u32; 25] = [
    670_897, 816_909, 876_749, 908_526, 927_977, 941_000, 950_278, 957_194, 962_531, 966_764,
    970_196, 973_031, 975_408, 977_427, 979_162, 980_667, 981_984, 983_146, 984_177, 985_098,
    985_926, 986_673, 987_350, 987_967, 1_000_000,
];

pub(super) const FIRST: [&str; 32] = [
    "james",
    "mary",
    "john",
    "patricia",
    "robert",
    "jennifer",
    "michael",
    "linda",
    "david",
    "elizabeth",
    "william",
    "barbara",
    "richard",
    "susan",
    "joseph",
    "jessica",
    "thomas",
    "sarah",
    "carlos",
    "maria",
    "luca",
    "sofia",
    "pierre",
    "claire",
    "daan",
    "sanne",
    "sean",
    "aoife",
    "liam",
    "emma",
    "noah",
    "olivia",
];
pub(super) const LAST: [&str; 33] = [
    "smith", "jones", "taylor", "brown", "williams", "wilson", "johnson", "davies", "patel",
    "wright", "walker", "white", "edwards", "hughes", "green", "hall", "lewis", "clarke", "garcia",
    "lopez", "jansen", "visser", "dubois", "moreau", "murphy", "kelly", "nguyen", "chen", "khan",
    "ali", "kaur", "singh", "okafor",
];

impl People {
    /// Draws the persons behind so many accounts: two of the staff hold the first two, two of the
    /// police the next, customers the other founders'.
    pub(crate) fn new(seed: u64, accounts: u32, pool: &Pool) -> Self {
        let mut draw = Draw::new(seed, Purpose::People, 0);
        // Staff and police come first: two accounts of each, then as many as their shares say.
        let staff = (accounts * STAFF / 10_000).max(2);
        let police = (accounts * POLICE_TEST / 10_000).max(2);
        let office = staff + police;
        let mut made = Drawn {
            lines: Shuffle::new(&mut draw, 1 << 24),
            devices: Shuffle::new(&mut draw, 1 << 40),
            phones: Shuffle::new(&mut draw, BURNERS_FROM.into()),
            abroad: pool.abroad(1).start..pool.abroad(2).end,
            draw,
            pool,
            persons: Vec::new(),
        };
        for number in 0..office {
            let trade = if number < staff {
                Trade::Staff
            } else {
                Trade::Police
            };
            made.person(trade);
        }
        let mut owners: Vec<u32> = Vec::new();
        while (owners.len() as u32) < accounts - office {
            let turn = made.draw.below(1_000_000);
            let count = ACCOUNTS_OF_ONE.partition_point(|&sum| sum <= turn) + 1;
            let left = (accounts - office) as usize - owners.len();
            let person = made.persons.len() as u32;
            owners.extend(std::iter::repeat_n(person, count.min(left)));
            let trade = match made.draw.below(10_000) {
                turn if turn < FRAUD => Trade::Fraud,
                _ if made.draw.chance(HEAVY_PRIVATE) => Trade::Heavy,
                _ => Trade::Private,
            };
            made.person(trade);
        }
        made.draw.shuffle(&mut owners);
        let mut later = owners.split_off(FOUNDERS as usize - 4);
        later.extend((2..staff).chain(staff + 2..office));
        made.draw.shuffle(&mut later);
        made.harden(office as usize);
        let mut persons = made.persons;
        let first = [0, 1, staff, staff + 1];
        let of_account: Vec<u32> = first.into_iter().chain(owners).chain(later).collect();
        for (account, &person) in of_account.iter().enumerate() {
            persons[person as usize].accounts.push(account as u32);
        }
        Self {
            shows: vec![Shows::default(); accounts as usize],
            of_account,
            persons,
        }
    }

    /// The person behind an account.
    pub(crate) fn holder(&self, account: u32) -> &Person {
        &self.persons[self.of_account[account as usize] as usize]
    }
}

struct Drawn<'a> {
    draw: Draw,
    pool: &'a Pool,
    persons: Vec<Person>,
    lines: Shuffle,
    devices: Shuffle,
    phones: Shuffle,
    abroad: std::ops::Range<u32>,
}

impl Drawn<'_> {
    fn person(&mut self, trade: Trade) {
        let number = self.persons.len() as u64;
        let draw = &mut self.draw;
        let office = matches!(trade, Trade::Staff | Trade::Police);
        let home = office || draw.chance(HOME);
        let phone = if home {
            GB_ACCOUNTS.0 + self.phones.at(number)
        } else {
            let abroad = self.abroad.len() as u64;
            // 48,271 is prime and larger than nothing that it could divide here.
            let id = self.abroad.start + (number * 48_271 % abroad) as u32;
            self.pool.number(id)
        };
        let place = self.lines.at(number) as u32;
        let line = match trade {
            // Networks for documentation (RFC 5737): the service's office, and the testers'.
            Trade::Staff => Line::V4(u32::from_be_bytes([198, 51, 100, 7])),
            Trade::Police => Line::V4(u32::from_be_bytes([203, 0, 113, 9])),
            Trade::Fraud | Trade::Heavy | Trade::Private if draw.chance(IPV6) => {
                Line::V6((place >> 16) as u16, place as u16)
            }
            // 240.0.0.0/8, which nobody was ever given (RFC 1112).
            Trade::Fraud | Trade::Heavy | Trade::Private => Line::V4((240 << 24) + place),
        };
        let device = |half: u64| (1 << 44) + self.devices.at(number * 2 + half);
        self.persons.push(Person {
            trade,
            home,
            first: draw.pick::<&str>(&FIRST),
            last: draw.pick::<&str>(&LAST),
            tag: draw.below(9_999),
            phone,
            line,
            own_line: !office,
            devices: [device(0), device(1)],
            own_second: true,
            device_from: UtcS::MIN,
            device_to: UtcS::MAX,
            wallets: [draw.u64(), draw.u64()],
            skill: draw.below(1_000),
            accounts: Vec::new(),
        });
    }

    /// Lets persons share lines, households and devices, as [`super::SHARES`] says.
    fn harden(&mut self, office: usize) {
        let draw = &mut self.draw;
        let persons = &mut self.persons;
        let mut order: Vec<usize> = (office..persons.len()).collect();
        draw.shuffle(&mut order);
        let (nat, others) = order.split_at(order.len() * NAT as usize / 10_000);
        let mut rest = nat;
        let mut carrier = 0;
        while !rest.is_empty() {
            // What is left after the last whole group joins it, so that no group is too small.
            let wanted = draw.between(15, 60) as usize;
            let size = if rest.len() < wanted + 15 {
                rest.len().min(60)
            } else {
                wanted
            };
            let (group, more) = rest.split_at(size);
            // 100.64.0.0/10 is what carriers share among customers (RFC 6598).
            let line = Line::V4(u32::from_be_bytes([100, 64, 0, 1]) + carrier);
            carrier += 1;
            for &at in group {
                persons[at].line = line.clone();
                persons[at].own_line = false;
            }
            rest = more;
        }
        let mut rest = &others[..others.len() * HOUSEHOLD as usize / 10_000];
        while rest.len() > 1 {
            let (group, more) = rest.split_at(rest.len().min(draw.between(2, 4) as usize));
            let first = persons[group[0]].clone();
            let shared = draw.chance(HOUSEHOLD_DEVICE) && group.len() > 1;
            for &at in group {
                let person = &mut persons[at];
                person.line = first.line.clone();
                person.own_line = group.len() == 1;
                person.last = first.last;
                if shared {
                    person.devices[1] = first.devices[1];
                    person.own_second = false;
                }
            }
            rest = more;
        }
        draw.shuffle(&mut order);
        let sold = order.len() * RESOLD as usize / 10_000;
        for pair in order[..sold * 2].chunks_exact(2) {
            let quarter = (PERIOD_END - PERIOD_START) / DAY_S / 4;
            let day = PERIOD_START + (quarter + i64::from(draw.below(quarter as u32 * 2))) * DAY_S;
            persons[pair[0]].device_to = day;
            persons[pair[1]].device_from = day;
            persons[pair[1]].devices[0] = persons[pair[0]].devices[0];
        }
    }
}
