//! The accounts and payments of hard mode.

use super::people::{BURNERS_FROM, FIRST, LAST, People, Person, Shows, Trade};
use super::shares::{
    ALIAS, BURNER, EMAIL_SLIP, EXCHANGE, HANDLE_SLIP, MIXER, NAME_SLIP, NAMED, NAMED_EMAIL,
    OWN_EMAIL, OWN_HANDLE, OWN_PHONE, PAYS, PHONE_SLIP, RESELLER, SUB_ACCOUNT,
};
use crate::accounts::{
    Account, Contact, FOUNDERS, Ledger, NAMES, OPENED, Payment, Phone, Role, registration,
};
use crate::blocks::GB_ACCOUNTS;
use crate::clock::UtcS;
use crate::draw::{Draw, Purpose};
use crate::organisations::Organisations;
use crate::phone::Form;
use crate::preset::{BACKUP_AT, BACKUP_PAYMENTS, PERIOD_END, Size};
use crate::rates::Rates;

/// Draws the accounts and payments, and notes in `people` what each account shows.
pub(crate) fn ledger(
    seed: u64,
    size: &Size,
    rates: &Rates,
    organisations: &Organisations,
    people: &mut People,
) -> Ledger {
    let mut draw = Draw::new(seed, Purpose::HardAccounts, 0);
    let mut created: Vec<UtcS> = (FOUNDERS..size.accounts)
        .map(|_| registration(&mut draw))
        .collect();
    created.sort_unstable();
    let mut ledger = Ledger {
        accounts: Vec::new(),
        payments: Vec::new(),
    };
    let mut resellers = Vec::new();
    for index in 0..size.accounts {
        let holder = people.holder(index);
        let role = match (holder.trade, index) {
            (Trade::Staff, _) => Role::Staff,
            (Trade::Police, _) => Role::PoliceTest,
            (_, 4 | 5) => Role::Reseller,
            (_, 0..FOUNDERS) => Role::Customer,
            _ => match draw.below(10_000) {
                turn if turn < RESELLER => Role::Reseller,
                turn if turn < RESELLER + SUB_ACCOUNT => Role::SubAccount,
                _ => Role::Customer,
            },
        };
        if role == Role::Reseller {
            resellers.push(index);
        }
        let created = match index.checked_sub(FOUNDERS) {
            Some(later) => created[later as usize],
            None => OPENED + i64::from(index) * 3_607,
        };
        let mut shows = Shows::default();
        let phone = phone(&mut draw, holder, index, &mut shows);
        let username = username(&mut draw, holder, index);
        let contact = Contact {
            email: email(&mut draw, holder, &mut shows),
            handle: handle(&mut draw, people.of_account[index as usize], &mut shows),
        };
        let in_backup = created < BACKUP_AT - 86_400 && draw.chance(7_000);
        let account = Account {
            role,
            parent: (role == Role::SubAccount).then(|| *draw.pick(&resellers)),
            person: people.of_account[index as usize],
            username,
            phone,
            created,
            plan: draw.pick::<&str>(&["trial", "basic", "pro", "pro", "unlimited"]),
            balance_minor: draw.below(20_000),
            paid_minor: 0,
            weight: weight(&mut draw, holder.trade, index),
            favourite: match holder.trade {
                Trade::Fraud => organisations.draw(&mut draw),
                Trade::Heavy | Trade::Private | Trade::Staff | Trade::Police => {
                    organisations.draw_unlisted(&mut draw)
                }
            },
            call_back: draw.chance(2_000),
            in_backup,
            in_panel: index < FOUNDERS || !in_backup || !draw.chance(60),
            changed: draw.chance(1_500),
            contact: Some(contact),
            honest: holder.trade != Trade::Fraud,
        };
        people.shows[index as usize].add(shows);
        ledger.accounts.push(account);
    }
    pay(seed, size, rates, people, &mut ledger);
    ledger
        .payments
        .sort_by_key(|payment| (payment.at, payment.account));
    ledger
}

fn phone(draw: &mut Draw, holder: &Person, index: u32, shows: &mut Shows) -> Phone {
    let form = Form::by_hand(draw);
    if (4..FOUNDERS).contains(&index) {
        // Founders are at home by their telephone, wherever else their person may be.
        let number = GB_ACCOUNTS.0 + u64::from(BURNERS_FROM + index);
        return Phone::Given {
            number,
            home: true,
            form,
        };
    }
    match draw.below(10_000) {
        turn if turn < OWN_PHONE => {
            let mut number = holder.phone;
            if draw.chance(PHONE_SLIP) {
                // One of the last five digits, so that it stays a number of the same block.
                let place = 10_u64.pow(draw.below(5));
                let digit = number / place % 10;
                number = number - digit * place + (digit + 1) % 10 * place;
            } else {
                shows.add(Shows::PHONE);
            }
            Phone::Given {
                number,
                home: holder.home,
                form,
            }
        }
        turn if turn < OWN_PHONE + BURNER => Phone::Given {
            number: GB_ACCOUNTS.0
                + u64::from(BURNERS_FROM + index % (GB_ACCOUNTS.1 - BURNERS_FROM)),
            home: true,
            form,
        },
        turn if turn > 9_900 => Phone::Impossible,
        _ => Phone::None,
    }
}

fn username(draw: &mut Draw, holder: &Person, index: u32) -> String {
    // The index keeps names unique.
    if !draw.chance(NAMED) {
        return format!("{}_{}{index}", draw.pick(&NAMES), draw.pick(&NAMES));
    }
    let mut name = if draw.chance(ALIAS) {
        format!("{}_{}", draw.pick(&FIRST), draw.pick(&LAST))
    } else {
        format!("{}_{}", holder.first, holder.last)
    };
    if draw.chance(NAME_SLIP) {
        leave_one_out(&mut name, draw);
    }
    format!("{name}{index}")
}

fn email(draw: &mut Draw, holder: &Person, shows: &mut Shows) -> Option<String> {
    let domain = *draw.pick(&["mail.example", "post.example", "secure.example"]);
    let local = match draw.below(10_000) {
        turn if turn < OWN_EMAIL => {
            let mut local = format!("{}.{}{}", holder.first, holder.last, holder.tag);
            if draw.chance(EMAIL_SLIP) {
                leave_one_out(&mut local, draw);
            } else {
                shows.add(Shows::EMAIL);
            }
            local
        }
        turn if turn < OWN_EMAIL + NAMED_EMAIL => {
            let initial: String = holder.first.chars().take(1).collect();
            format!("{initial}{}{}", holder.last, draw.below(9_999))
        }
        _ => format!("user{}", draw.below(10_000_000)),
    };
    Some(format!("{local}@{domain}"))
}

fn handle(draw: &mut Draw, person: u32, shows: &mut Shows) -> Option<String> {
    match draw.below(10_000) {
        turn if turn < OWN_HANDLE => {
            let word = NAMES[person as usize % NAMES.len()];
            let mut handle = format!("{word}{:05}", u64::from(person) * 48_271 % 100_003);
            if draw.chance(HANDLE_SLIP) {
                leave_one_out(&mut handle, draw);
            } else {
                shows.add(Shows::HANDLE);
            }
            Some(handle)
        }
        turn if turn < 7_000 => Some(format!(
            "{}{}",
            draw.pick(&NAMES),
            draw.below(1_000_000_000)
        )),
        _ => None,
    }
}

fn leave_one_out(text: &mut String, draw: &mut Draw) {
    text.remove(1 + draw.below(text.len() as u32 - 2) as usize);
}

fn weight(draw: &mut Draw, trade: Trade, index: u32) -> u32 {
    let (long, drawn) = (draw.long_tail(20, 2_000), draw.between(1, 3));
    let idle = draw.chance(6_000) && index >= FOUNDERS;
    match trade {
        Trade::Fraud | Trade::Heavy => long,
        Trade::Private if idle => 0,
        Trade::Private => drawn,
        Trade::Staff | Trade::Police => 0,
    }
}

fn pay(seed: u64, size: &Size, rates: &Rates, people: &mut People, ledger: &mut Ledger) {
    let mut draw = Draw::new(seed, Purpose::HardPayments, 0);
    let mixers = (size.accounts / 30).max(1);
    for index in 0..size.accounts {
        let holder = people.holder(index).clone();
        let founder = (4..FOUNDERS).contains(&index);
        let office = matches!(holder.trade, Trade::Staff | Trade::Police);
        if office || !(draw.chance(PAYS) || founder) {
            continue;
        }
        let (low, high) = if holder.trade == Trade::Private {
            (500, 8_000)
        } else {
            (2_000, 60_000)
        };
        for _ in 0..draw.between(1, 5) {
            let account = &mut ledger.accounts[index as usize];
            let from = account.created + 600;
            let span = (PERIOD_END - from).max(60) as u32;
            let at = from + i64::from(draw.below(span));
            let minor = match (founder, index % 2) {
                (true, 0) => 15_000,
                (true, _) => 1_500,
                (false, _) => draw.long_tail(low, high),
            };
            let whole = u64::from(minor) * 100_000_000 / rates.pence_at(at);
            let satoshis = (whole + u64::from(draw.below(1_000))).max(1);
            let dated = founder || !draw.chance(5 * size.dirt_per_10k);
            let value_minor = dated.then(|| rates.value_minor(satoshis, at));
            account.paid_minor += value_minor.unwrap_or(0);
            let in_slice = (BACKUP_PAYMENTS.0..BACKUP_PAYMENTS.1).contains(&at);
            // A letter that no real address begins with: nobody is paid by mistake.
            let payer = if draw.chance(MIXER) {
                format!("bc1qmadeupm{:08x}", draw.below(mixers))
            } else if draw.chance(EXCHANGE) {
                format!("bc1qmadeupx{:08x}", draw.below(6))
            } else {
                let second = draw.chance(4_000);
                people.shows[index as usize].add(if second {
                    Shows::WALLET_2
                } else {
                    Shows::WALLET_1
                });
                format!("bc1qmadeup{:016x}", holder.wallets[usize::from(second)])
            };
            ledger.payments.push(Payment {
                account: index,
                at,
                dated,
                satoshis,
                has_txid: !draw.chance(300),
                value_minor,
                in_panel: !(draw.chance(200) && in_slice),
                payer: Some(payer),
            });
        }
    }
}
