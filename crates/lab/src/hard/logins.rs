//! Where and on what the accounts of hard mode signed in.

use super::people::{Line, People, Shows};
use super::shares::{ON_DEFAULT_DEVICE, ON_OWN_DEVICE, ON_OWN_LINE, ON_VPN, SET_UP};
use crate::accounts::Account;
use crate::clock::UtcS;
use crate::draw::{Draw, Purpose};
use crate::preset::PERIOD_END;

/// One login.
pub(crate) struct Login {
    /// Index of the account.
    pub(crate) account: u32,
    pub(crate) at: UtcS,
    pub(crate) ip: String,
    pub(crate) device: u64,
}

/// Exits of VPN services.
const EXITS: u32 = 120;

/// Draws all logins, in order of account, and notes in `people` what each account shows by them.
pub(crate) fn logins(seed: u64, accounts: &[Account], people: &mut People) -> Vec<Login> {
    let mut draw = Draw::new(seed, Purpose::HardLogins, 0);
    // The n-th exit is used 1/n as often as the first.
    let mut sum = 0;
    let exits: Vec<u64> = (1..=u64::from(EXITS))
        .map(|rank| {
            sum += 1_000_000 / rank;
            sum
        })
        .collect();
    let mut made = Vec::new();
    for (index, account) in accounts.iter().enumerate() {
        let holder = people.holder(index as u32).clone();
        let office = account.role.is_test();
        let mut shows = Shows::default();
        let count = draw.between(4, 15);
        for number in 0..count {
            let span = (PERIOD_END - account.created).max(60) as u32;
            // The first is the one in which the account was opened.
            let at = if number == 0 {
                account.created + 30
            } else {
                account.created + 60 + i64::from(draw.below(span))
            };
            let host = draw.u32() as u16;
            let turn = draw.below(10_000);
            let set_up = match account.parent {
                Some(parent) if number == 0 && draw.chance(SET_UP) => Some(parent),
                Some(_) | None => None,
            };
            let ip = if let Some(parent) = set_up {
                written(&people.holder(parent).line, host)
            } else if office || turn < ON_OWN_LINE {
                if holder.own_line {
                    shows.add(Shows::LINE);
                }
                written(&holder.line, host)
            } else if turn < ON_OWN_LINE + ON_VPN {
                let exit = draw.weighted(&exits) as u32;
                // 198.18.0.0/15 is for benchmarks between networks (RFC 2544).
                written(
                    &Line::V4(u32::from_be_bytes([198, 18, 0, 1]) + exit * 7),
                    host,
                )
            } else {
                written(&Line::V4((250 << 24) + (draw.u32() >> 8)), host)
            };
            let turn = draw.below(10_000);
            let first_is_theirs = (holder.device_from..holder.device_to).contains(&at);
            let device = if turn < ON_OWN_DEVICE || office {
                let second = turn >= ON_OWN_DEVICE / 2 || !first_is_theirs;
                if second && holder.own_second {
                    shows.add(Shows::DEVICE_2);
                }
                if !second && holder.own_first() {
                    shows.add(Shows::DEVICE_1);
                }
                holder.devices[usize::from(second)]
            } else if turn < ON_OWN_DEVICE + ON_DEFAULT_DEVICE {
                [0, 0xffff_ffff_ffff][draw.below(2) as usize]
            } else {
                (2 << 44) + (draw.u64() >> 21)
            };
            made.push(Login {
                account: index as u32,
                at,
                ip,
                device,
            });
        }
        people.shows[index].add(shows);
    }
    made
}

/// Writes an address; of an IPv6 network any host.
fn written(line: &Line, host: u16) -> String {
    match *line {
        Line::V4(address) => std::net::Ipv4Addr::from(address).to_string(),
        Line::V6(third, fourth) => {
            std::net::Ipv6Addr::new(0x2001, 0xdb8, third, fourth, 0, 0, 0, host.max(1)).to_string()
        }
    }
}
