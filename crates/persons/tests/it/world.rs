//! Made-up accounts of known persons, for tests and benchmarks; everything follows from a seed.
//!
//! [`Mode::Plain`] draws as `gen.py` of the comparison script does. Persons own 1 to 25 accounts
//! (Zipf, exponent 2.2). An account signs in 3 to 14 times within a year: from its person's line
//! 50 %, from one of 120 VPN exits 40 % (the n-th is used 1/n as often as the first), from
//! anywhere 10 %; on one of its person's two devices 80 %, on a device of its own 10 %, under one
//! of two default device ids 10 %. It signs up from the line 55 %, else over a VPN exit. It pays 1
//! to 5 times: from one of its person's two wallets 75 %, from one of six exchange wallets 25 %.
//! It gives its person's name 40 % (one in five with a letter left out), telephone 30 %, an e-mail
//! local part that is its person's 35 %, one with name and digits drawn anew 25 %, one of digits
//! only 40 %.
//!
//! [`Mode::Hard`] changes these shares:
//!
//! | what | share |
//! |---|---|
//! | persons whose line is a carrier's NAT address, shared with 14 to 59 strangers | 40 % |
//! | persons of the others who live in a household of 2 to 4 and share its line and surname | 15 % |
//! | households with one device that all of them use as their second | 30 % |
//! | persons whose first device was another person's before: his until a day, theirs from it on | 8 % |
//! | payments through a mixer's wallet, each wallet's payers any 20 or so accounts | 20 % |
//! | names with a letter left out | 30 % |
//! | telephones with a digit changed | 5 % |
//! | e-mail local parts of the person with a letter left out | 10 % |
//! | accounts whose holder wrote somebody else's name | 10 % |

#![expect(
    unreachable_pub,
    reason = "examples include this file as a module of their own"
)]

use unspoof_persons::{Account, Evidence, EvidenceError, Kind, Persons, Sighting};

/// Which world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// As the comparison script's generator has it.
    Plain,
    /// As criminals might have it.
    Hard,
}

/// SplitMix64 (Steele, Lea & Flood 2014).
pub struct Draw(u64);

impl Draw {
    /// Mixes the seed first: SplitMix64 steps by a constant, and states that lie a multiple of it
    /// apart give one stream, shifted.
    pub fn new(seed: u64) -> Self {
        let mut first = Self(seed);
        let (a, b) = (first.next(), first.next());
        Self(a ^ b.rotate_left(32))
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number of `from..to`.
    pub fn of(&mut self, from: u64, to: u64) -> u64 {
        from + self.next() % (to - from)
    }

    pub fn chance(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn is(&mut self, share: f64) -> bool {
        self.chance() < share
    }

    pub fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.of(0, from.len() as u64) as usize]
    }

    /// A place in cumulated weights.
    fn weighted(&mut self, cumulated: &[f64]) -> usize {
        let at = self.chance() * cumulated.last().copied().unwrap_or(1.0);
        cumulated.partition_point(|&sum| sum <= at)
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.of(0, at as u64 + 1) as usize);
        }
    }
}

const FIRST: [&str; 32] = [
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
const LAST: [&str; 33] = [
    "smith", "jones", "taylor", "brown", "williams", "wilson", "johnson", "davies", "patel",
    "wright", "walker", "white", "edwards", "hughes", "green", "hall", "lewis", "clarke", "garcia",
    "lopez", "jansen", "visser", "dubois", "moreau", "murphy", "kelly", "nguyen", "chen", "khan",
    "ali", "kaur", "singh", "okafor",
];
const DOMAINS: [&str; 3] = ["mail.example", "post.example", "secure.example"];
const START_US: i64 = 1_609_459_200_000_000;
const YEAR_S: u64 = 365 * 86_400;

struct Holder {
    first: &'static str,
    last: &'static str,
    tag: u64,
    line: String,
    devices: [String; 2],
    wallets: [String; 2],
    phone: i64,
    /// The second within the year from which, or until which, the first device is theirs.
    device_from_s: u64,
    device_to_s: u64,
}

/// Evidence and, by the account's number in `gen`, its true person.
pub struct World {
    pub evidence: Evidence,
    pub truth: Vec<usize>,
}

/// Draws a world of so many accounts.
pub fn world(mode: Mode, accounts: usize, seed: u64) -> Result<World, EvidenceError> {
    let mut draw = Draw::new(seed);
    let (truth, holders) = holders(mode, accounts, &mut draw);
    let exits: Vec<String> = (0..120)
        .map(|at| format!("185.220.{}.{}", at / 250, at % 250 + 1))
        .collect();
    let mut sum = 0.0;
    let exit_weights: Vec<f64> = (1..=120)
        .map(|rank| {
            sum += 1.0 / f64::from(rank);
            sum
        })
        .collect();
    let mixers = (accounts as u64 / 30).max(1);
    let mut evidence = Evidence::new();
    for (number, &person) in truth.iter().enumerate() {
        let holder = &holders[person];
        let exit = |draw: &mut Draw| exits[draw.weighted(&exit_weights)].clone();
        let account = evidence.add_account(account(mode, number, holder, &mut draw))?;
        let line = if draw.is(0.55) {
            holder.line.clone()
        } else {
            exit(&mut draw)
        };
        let mut see = |kind, value: &str, at_s: u64| {
            let at_utc_us = i64::try_from(at_s)
                .ok()
                .map(|at_s| START_US + at_s * 1_000_000);
            evidence.add_sighting(Sighting {
                account,
                kind,
                value,
                at_utc_us,
            })
        };
        see(Kind::Ip, &line, draw.of(0, YEAR_S))?;
        for _ in 0..draw.of(3, 15) {
            let at_s = draw.of(0, YEAR_S);
            let chance = draw.chance();
            let line = if chance < 0.5 {
                holder.line.clone()
            } else if chance < 0.9 {
                exit(&mut draw)
            } else {
                address(&mut draw)
            };
            see(Kind::Ip, &line, at_s)?;
            let chance = draw.chance();
            let first_is_theirs = (holder.device_from_s..holder.device_to_s).contains(&at_s);
            let device = if chance < 0.4 && first_is_theirs {
                holder.devices[0].clone()
            } else if chance < 0.8 {
                holder.devices[1].clone()
            } else if chance < 0.9 {
                device(&mut draw)
            } else {
                ["d000000000000", "dffffffffffff"][usize::from(draw.is(0.5))].to_owned()
            };
            see(Kind::Device, &device, at_s)?;
        }
        for _ in 0..draw.of(1, 6) {
            let chance = draw.chance();
            let wallet = if mode == Mode::Hard && draw.is(0.2) {
                format!("bc1qmixer{:06}", draw.of(0, mixers))
            } else if chance < 0.75 {
                holder.wallets[usize::from(chance > 0.45)].clone()
            } else {
                format!("bc1qexchange{:04}", draw.of(0, 6))
            };
            see(Kind::PaymentSource, &wallet, draw.of(0, YEAR_S))?;
        }
    }
    Ok(World { evidence, truth })
}

fn holders(mode: Mode, accounts: usize, draw: &mut Draw) -> (Vec<usize>, Vec<Holder>) {
    let mut sum = 0.0;
    // Everything from 25 on counts as 25; a hundred thousand terms are the tail to five digits.
    let mut weights = [0.0; 25];
    for count in 1..100_000_usize {
        weights[count.min(25) - 1] += (count as f64).powf(-2.2);
    }
    let cumulated: Vec<f64> = weights
        .iter()
        .map(|weight| {
            sum += weight;
            sum
        })
        .collect();
    let mut truth = Vec::with_capacity(accounts);
    let mut holders = Vec::new();
    while truth.len() < accounts {
        let count = draw.weighted(&cumulated) + 1;
        truth.extend(std::iter::repeat_n(
            holders.len(),
            count.min(accounts - truth.len()),
        ));
        holders.push(Holder {
            first: draw.pick(&FIRST),
            last: draw.pick(&LAST),
            tag: draw.of(0, 9999),
            line: address(draw),
            devices: [device(draw), device(draw)],
            wallets: [wallet(draw), wallet(draw)],
            // Numbers for drama are too few. No country's code begins with 999.
            phone: 999_000_000_000 + i64::try_from(draw.of(0, 1_000_000_000)).unwrap_or(0),
            device_from_s: 0,
            device_to_s: YEAR_S,
        });
    }
    draw.shuffle(&mut truth);
    if mode == Mode::Hard {
        harden(&mut holders, draw);
    }
    (truth, holders)
}

fn harden(holders: &mut [Holder], draw: &mut Draw) {
    let mut order: Vec<usize> = (0..holders.len()).collect();
    draw.shuffle(&mut order);
    let (nat, others) = order.split_at(holders.len() * 2 / 5);
    let mut rest = nat;
    while !rest.is_empty() {
        let (group, more) = rest.split_at(rest.len().min(draw.of(15, 61) as usize));
        let line = format!("100.64.{}.{}", draw.of(0, 256), draw.of(0, 1 << 40));
        for &at in group {
            holders[at].line.clone_from(&line);
        }
        rest = more;
    }
    let mut rest = &others[..others.len() * 15 / 100];
    while rest.len() > 1 {
        let (group, more) = rest.split_at(rest.len().min(draw.of(2, 5) as usize));
        let (line, last) = (holders[group[0]].line.clone(), holders[group[0]].last);
        let shared = draw.is(0.3).then(|| holders[group[0]].devices[1].clone());
        for &at in group {
            holders[at].line.clone_from(&line);
            holders[at].last = last;
            if let Some(device) = &shared {
                holders[at].devices[1].clone_from(device);
            }
        }
        rest = more;
    }
    draw.shuffle(&mut order);
    let sold = holders.len() * 8 / 100;
    for pair in order[..sold * 2].chunks_exact(2) {
        let day_s = draw.of(YEAR_S / 4, YEAR_S * 3 / 4);
        let device = holders[pair[0]].devices[0].clone();
        holders[pair[0]].device_to_s = day_s;
        holders[pair[1]].device_from_s = day_s;
        holders[pair[1]].devices[0] = device;
    }
}

fn account(mode: Mode, number: usize, holder: &Holder, draw: &mut Draw) -> Account {
    let hard = mode == Mode::Hard;
    let mut account = Account::new("gen", &number.to_string());
    account.username = Some(format!("u{}", draw.of(0, 100_000_000)));
    let initial = holder.first.chars().take(1).collect::<String>();
    let chance = draw.chance();
    let mut local = if chance < 0.35 {
        format!("{}.{}{}", holder.first, holder.last, holder.tag)
    } else if chance < 0.6 {
        format!("{initial}{}{}", holder.last, draw.of(0, 9999))
    } else {
        format!("user{}", draw.of(0, 10_000_000))
    };
    if hard && chance < 0.35 && draw.is(0.1) {
        leave_one_out(&mut local, draw);
    }
    account.email = Some(format!("{local}@{}", draw.pick(&DOMAINS)));
    if draw.is(0.4) {
        let mut name = if hard && draw.is(0.1) {
            format!("{} {}", draw.pick(&FIRST), draw.pick(&LAST))
        } else {
            format!("{} {}", holder.first, holder.last)
        };
        if draw.is(if hard { 0.3 } else { 0.2 }) {
            leave_one_out(&mut name, draw);
        }
        account.name = Some(name);
    }
    if draw.is(0.3) {
        let slip = if hard && draw.is(0.05) {
            10_i64.pow(draw.of(0, 8) as u32)
        } else {
            0
        };
        account.phone_e164 = Some(holder.phone + slip);
    }
    account
}

fn leave_one_out(text: &mut String, draw: &mut Draw) {
    text.remove(draw.of(1, text.len() as u64 - 1) as usize);
}

fn address(draw: &mut Draw) -> String {
    format!(
        "{}.{}.{}.{}",
        draw.of(5, 185),
        draw.of(0, 255),
        draw.of(0, 255),
        draw.of(1, 254)
    )
}

fn device(draw: &mut Draw) -> String {
    format!("d{:012x}", draw.of(0, 1 << 47))
}

fn wallet(draw: &mut Draw) -> String {
    format!("bc1q{:016x}", draw.of(0, 1 << 62))
}

/// Pairs of accounts that are, and that are taken for, one person's.
pub struct Score {
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
}

/// Scores persons against the truth.
pub fn score(persons: &Persons, truth: &[usize]) -> Score {
    let mut both = std::collections::BTreeMap::new();
    let mut are = std::collections::BTreeMap::new();
    let mut taken = 0;
    for (number, person) in persons.persons().iter().enumerate() {
        taken += pairs(person.members.len() as u64);
        for &member in &person.members {
            let id = &persons.accounts()[member as usize].account_id;
            let person = truth[id.parse::<usize>().expect("the world numbers its accounts")];
            *both.entry((number, person)).or_insert(0_u64) += 1;
            *are.entry(person).or_insert(0_u64) += 1;
        }
    }
    let both: u64 = both.values().copied().map(pairs).sum();
    let are: u64 = are.values().copied().map(pairs).sum();
    let share = |of: u64| both as f64 / of.max(1) as f64;
    Score {
        precision: share(taken),
        recall: share(are),
        f1: 2.0 * both as f64 / (taken + are).max(1) as f64,
    }
}

fn pairs(count: u64) -> u64 {
    count * count.saturating_sub(1) / 2
}
