//! Writes the dump's other tables: users, payments, logins, settings.

use crate::accounts::{Account, Phone, push_phone};
use crate::addresses;
use crate::blocks::GB_ACCOUNTS;
use crate::clock::{UtcS, push_decimal};
use crate::dirt::{Dirt, DirtTally};
use crate::draw::{Draw, Purpose};
use crate::hard::{Login, Shows};
use crate::panel::{
    LOGINS, Layout, SETTINGS, Statements, TOPUPS, TOPUPS_FROM, Table, USERS, push_hex, push_local,
    push_quoted,
};
use crate::phone::Form;
use crate::plan::Plan;
use crate::preset::{BACKUP_AT, BACKUP_PAYMENTS, PERIOD_END};
use crate::record::{Exhibit, Record, flag};
use crate::seen::Bits;

/// A table as written, with what is remembered of its rows; places count from the table's start.
pub(crate) struct Written {
    pub(crate) text: Vec<u8>,
    pub(crate) records: Vec<Record>,
    pub(crate) dirt: DirtTally,
    /// What each account shows of its person alone; empty but for logins.
    pub(crate) shows: Vec<Shows>,
}

/// Which of the two dumps is being written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dump {
    Backup,
    Panel,
}

impl Dump {
    const fn exhibit(self) -> Exhibit {
        match self {
            Self::Backup => Exhibit::Backup,
            Self::Panel => Exhibit::Panel,
        }
    }
}

struct Writer {
    exhibit: Exhibit,
    statements: Statements,
    written: Written,
}

impl Writer {
    fn new(exhibit: Exhibit, table: &Table, layout: Layout) -> Self {
        let mut text = Vec::new();
        table.push_head(&mut text);
        let written = Written {
            text,
            records: Vec::new(),
            dirt: DirtTally::new(),
            shows: Vec::new(),
        };
        Self {
            exhibit,
            statements: Statements::new(table, layout),
            written,
        }
    }

    /// Writes a row, remembered where it has flags.
    fn row(
        &mut self,
        flags: u32,
        dirt: &[Dirt],
        push: impl FnOnce(&mut Vec<u8>),
    ) -> anyhow::Result<()> {
        let out = &mut self.written.text;
        let at = self.statements.begin_row(out);
        push(out);
        let record = Record::plain(at as u64, out.len() - at, flags)?;
        if flags != 0 {
            self.written.records.push(record);
        }
        for &kind in dirt {
            self.written
                .dirt
                .add(kind, (self.exhibit, record.at, record.len.into()));
        }
        Ok(())
    }

    fn end(mut self, table: &Table) -> Written {
        self.statements.close(&mut self.written.text);
        table.push_end(&mut self.written.text);
        self.written
    }
}

/// Writes the accounts; the main dump breaks off in the row of one account more.
pub(crate) fn users(plan: &Plan, dump: Dump, active: &Bits) -> anyhow::Result<Written> {
    let layout = if dump == Dump::Panel {
        Layout::RowALine
    } else {
        Layout::OneLineNamed
    };
    let mut writer = Writer::new(dump.exhibit(), &USERS, layout);
    let mut paying = vec![false; plan.ledger.accounts.len()];
    for payment in &plan.ledger.payments {
        paying[payment.account as usize] = true;
    }
    for (index, account) in plan.ledger.accounts.iter().enumerate() {
        let here = if dump == Dump::Panel {
            account.in_panel
        } else {
            account.in_backup
        };
        if !here {
            continue;
        }
        let counted = dump == Dump::Panel || !account.in_panel;
        let when = |yes: bool, flag: u32| if yes { flag } else { 0 };
        let flags = flag::ACCOUNT
            | when(counted, flag::COUNTED)
            | when(active.has(index as u32), flag::ACTIVE)
            | when(paying[index], flag::PAYING)
            | when(account.is_priority(), flag::PRIORITY);
        let changed = dump == Dump::Backup && account.changed && account.in_panel;
        // Each dump has its own stream, so that one row does not hang on the other's.
        let mut draw = Draw::new(plan.seed, Purpose::Blobs, index as u64);
        let extras = Extras::drawn(&mut draw);
        let mut dirt = extras.dirt();
        match account.phone {
            Phone::None => dirt.push(Dirt::PhoneNull),
            Phone::Impossible => dirt.push(Dirt::PhoneImpossible),
            Phone::Given { .. } => {}
        }
        if dump == Dump::Backup {
            let duplicate = account.in_panel;
            dirt.push(if duplicate {
                Dirt::DuplicateAcrossExhibits
            } else {
                Dirt::OnlyInBackup
            });
        }
        if changed {
            dirt.push(Dirt::ChangedAcrossExhibits);
        }
        writer.row(flags, &dirt, |out| {
            push_user(out, index, account, changed, &extras)
        })?;
    }
    if dump == Dump::Backup {
        return Ok(writer.end(&USERS));
    }
    let mut last = Vec::new();
    let account = Account {
        created: PERIOD_END + 5_400,
        phone: Phone::None,
        username: "last_one".to_owned(),
        ..plan.ledger.accounts[3].clone()
    };
    push_user(
        &mut last,
        plan.ledger.accounts.len(),
        &account,
        false,
        &Extras::default(),
    );
    last.truncate(last.len() * 3 / 5);
    writer.row(flag::REJECT, &[Dirt::TruncatedRow], |out| {
        out.extend_from_slice(&last)
    })?;
    Ok(writer.written)
}

/// What a user's row holds besides the facts.
#[derive(Default)]
struct Extras {
    latin1: bool,
    avatar: Vec<u8>,
    hash: [u64; 2],
}

impl Extras {
    fn drawn(draw: &mut Draw) -> Self {
        let mut avatar = Vec::new();
        if draw.chance(2_000) {
            avatar = vec![0; draw.between(16, 80) as usize];
            draw.fill(&mut avatar);
            // Whatever else is in it, each awkward byte is.
            avatar.splice(4..4, *b"\x89PNG\r\n\x1a\n'\"\\\0");
        }
        Self {
            latin1: draw.chance(500),
            avatar,
            hash: [draw.u64(), draw.u64()],
        }
    }

    fn dirt(&self) -> Vec<Dirt> {
        let mut dirt = Vec::new();
        if self.latin1 {
            dirt.push(Dirt::Latin1);
        }
        if !self.avatar.is_empty() {
            dirt.push(Dirt::Blob);
        }
        dirt
    }
}

fn push_user(out: &mut Vec<u8>, index: usize, account: &Account, changed: bool, extras: &Extras) {
    out.push(b'(');
    push_decimal(out, index as u64 + 1);
    out.push(b',');
    match account.parent {
        Some(parent) => push_decimal(out, u64::from(parent) + 1),
        None => out.extend_from_slice(b"NULL"),
    }
    out.push(b',');
    push_quoted(out, account.role.recorded().as_bytes());
    out.push(b',');
    push_quoted(out, account.username.as_bytes());
    out.push(b',');
    match &account.contact {
        None => push_quoted(out, format!("{}@mail.example", account.username).as_bytes()),
        Some(contact) => push_or_null(out, contact.email.as_deref().map(str::as_bytes)),
    }
    out.push(b',');
    if changed {
        let number = GB_ACCOUNTS.0 + (index as u64 * 31) % u64::from(GB_ACCOUNTS.1);
        push_phone(
            out,
            &Phone::Given {
                number,
                home: true,
                form: Form::National,
            },
        );
    } else {
        push_phone(out, &account.phone);
    }
    out.push(b',');
    // 0xE9 is é in latin1 and no UTF-8.
    let handle = if extras.latin1 {
        b"@andr\xe9_".to_vec()
    } else {
        b"@".to_vec()
    };
    match &account.contact {
        None => push_quoted(out, &[&handle, account.username.as_bytes()].concat()),
        Some(contact) => push_or_null(
            out,
            contact
                .handle
                .as_ref()
                .map(|name| format!("@{name}").into_bytes())
                .as_deref(),
        ),
    }
    out.push(b',');
    push_local(out, Some(account.created));
    out.push(b',');
    push_quoted(out, account.plan.as_bytes());
    out.push(b',');
    let balance_minor = account.balance_minor + if changed { 1_250 } else { 0 };
    push_decimal(out, (balance_minor / 100).into());
    out.extend_from_slice(format!(".{:02}", balance_minor % 100).as_bytes());
    out.extend_from_slice(b",'$2y$10$");
    push_hex(out, extras.hash[0]);
    push_hex(out, extras.hash[1]);
    out.extend_from_slice(b"',");
    if extras.latin1 {
        push_quoted(out, b"caf\xe9 owner, pays \xa350 late; \"don't ask\"");
    } else {
        out.extend_from_slice(b"NULL");
    }
    out.push(b',');
    if extras.avatar.is_empty() {
        out.extend_from_slice(b"NULL");
    } else {
        out.extend_from_slice(b"_binary ");
        push_quoted(out, &extras.avatar);
    }
    out.push(b')');
}

fn push_or_null(out: &mut Vec<u8>, text: Option<&[u8]>) {
    match text {
        Some(text) => push_quoted(out, text),
        None => out.extend_from_slice(b"NULL"),
    }
}

/// Writes the payments: all that are left, or the backup's slice.
pub(crate) fn topups(plan: &Plan, dump: Dump) -> anyhow::Result<Written> {
    let layout = if dump == Dump::Panel {
        Layout::OneLine
    } else {
        Layout::OneLineNamed
    };
    let table = if plan.hard.is_some() {
        &TOPUPS_FROM
    } else {
        &TOPUPS
    };
    let mut writer = Writer::new(dump.exhibit(), table, layout);
    for (index, payment) in plan.ledger.payments.iter().enumerate() {
        let in_slice = BACKUP_PAYMENTS.0 <= payment.at && payment.at < BACKUP_PAYMENTS.1;
        let here = if dump == Dump::Panel {
            payment.in_panel
        } else {
            in_slice
        };
        if !here {
            continue;
        }
        let mut dirt = Vec::new();
        if !payment.dated {
            dirt.push(Dirt::ZeroDatePayment);
        }
        if !payment.has_txid {
            dirt.push(Dirt::TxidNull);
        }
        let id = index as u64 + 1;
        let address = addresses::address(plan.seed, id);
        let mut flags = flag::PAYMENT;
        if address.is_valid {
            flags |= flag::VALID_ADDRESS;
        }
        if addresses::is_listed(id) {
            flags |= flag::LISTED_ADDRESS;
        }
        if dump == Dump::Panel || !payment.in_panel {
            flags |= flag::COUNTED;
        }
        if dump == Dump::Backup {
            let lost = !payment.in_panel;
            dirt.push(if lost {
                Dirt::OnlyInBackup
            } else {
                Dirt::DuplicateAcrossExhibits
            });
        }
        writer.row(flags, &dirt, |out| {
            out.push(b'(');
            push_decimal(out, id);
            out.push(b',');
            push_decimal(out, u64::from(payment.account) + 1);
            out.push(b',');
            push_local(out, payment.dated.then_some(payment.at));
            let (coins, rest) = (
                payment.satoshis / 100_000_000,
                payment.satoshis % 100_000_000,
            );
            out.extend_from_slice(format!(",{coins}.{rest:08},").as_bytes());
            let mut draw = Draw::new(plan.seed, Purpose::Blobs, id << 32);
            if payment.has_txid {
                out.push(b'\'');
                for _ in 0..4 {
                    push_hex(out, draw.u64());
                }
                out.extend_from_slice(b"',");
            } else {
                out.extend_from_slice(b"NULL,");
            }
            out.push(b'\'');
            out.extend_from_slice(address.text.as_bytes());
            let method: &[u8] = if draw.chance(9_000) {
                b"','btc'"
            } else {
                b"','btc-ln'"
            };
            out.extend_from_slice(method);
            if plan.hard.is_some() {
                out.push(b',');
                push_or_null(out, payment.payer.as_deref().map(str::as_bytes));
            }
            out.push(b')');
        })?;
    }
    Ok(writer.end(table))
}

const AGENTS: [&str; 4] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Panel/1",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 15_4 like Mac OS X) Panel/1",
    "Mozilla/5.0 (X11; Linux x86_64; it's \"quoted\") Panel/1",
    "",
];

/// Writes the logins; some are there twice, column for column, and are two logins.
pub(crate) fn logins(plan: &Plan) -> anyhow::Result<Written> {
    let mut writer = Writer::new(Exhibit::Panel, &LOGINS, Layout::RowALine);
    let mut draw = Draw::new(plan.seed, Purpose::Logins, 0);
    if let Some(hard) = &plan.hard {
        for login in &hard.logins {
            let agent = *draw.pick(&AGENTS);
            writer.row(0, &[], |out| push_login(out, login, agent))?;
        }
        return Ok(writer.end(&LOGINS));
    }
    writer.written.shows = vec![Shows::default(); plan.ledger.accounts.len()];
    for (index, account) in plan.ledger.accounts.iter().enumerate() {
        let person = u64::from(account.person);
        for _ in 0..draw.long_tail(3, 60) {
            let span = (PERIOD_END - account.created).max(60) as u32;
            let at: UtcS = account.created + i64::from(draw.below(span));
            let network = *draw.pick(&["192.0.2", "198.51.100", "203.0.113"]);
            let host = if draw.chance(6_000) {
                person % 250 + 1
            } else {
                draw.below(250).into()
            };
            let agent = *draw.pick(&AGENTS);
            let second = draw.below(2);
            let login = Login {
                account: index as u32,
                at,
                ip: format!("{network}.{host}"),
                device: person * 7_919 + u64::from(second),
            };
            writer.written.shows[index].add([Shows::DEVICE_1, Shows::DEVICE_2][second as usize]);
            let twins = draw.chance(plan.size.dirt_per_10k);
            for twin in 0..1 + u32::from(twins) {
                let dirt: &[Dirt] = if twin == 1 { &[Dirt::TwinLogins] } else { &[] };
                writer.row(0, dirt, |out| push_login(out, &login, agent))?;
            }
        }
    }
    Ok(writer.end(&LOGINS))
}

fn push_login(out: &mut Vec<u8>, login: &Login, agent: &str) {
    out.push(b'(');
    push_decimal(out, u64::from(login.account) + 1);
    out.push(b',');
    push_local(out, Some(login.at));
    out.extend_from_slice(format!(",'{}',", login.ip).as_bytes());
    push_quoted(out, agent.as_bytes());
    out.extend_from_slice(format!(",'{:012x}')", login.device).as_bytes());
}

/// Writes a table that no mapping asks for, with text that looks like statements.
pub(crate) fn settings() -> anyhow::Result<Written> {
    let mut writer = Writer::new(Exhibit::Panel, &SETTINGS, Layout::OneLine);
    let rows = [
        ("site_name", "The Panel"),
        (
            "footer",
            "don't panic;\nINSERT INTO `calls` VALUES\n(1,'not a row');\n",
        ),
        ("template", "-- Dump completed on {date}\\"),
        ("delimiter", "),(;',\"`/* */"),
        ("rate_per_minute", "0.12"),
    ];
    for (name, value) in rows {
        writer.row(0, &[], |out| {
            out.push(b'(');
            push_quoted(out, name.as_bytes());
            out.push(b',');
            push_quoted(out, value.as_bytes());
            out.push(b')');
        })?;
    }
    Ok(writer.end(&SETTINGS))
}

/// The backup was made before the accounts that it lacks; keeps the two constants in step.
const _: () = assert!(BACKUP_AT == BACKUP_PAYMENTS.1);
