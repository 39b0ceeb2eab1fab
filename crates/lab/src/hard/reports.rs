//! What hard mode's victims tell a reporting centre, with the slips that shaken people make.

use super::shares::{
    AMOUNT_MISSING, AMOUNT_ROUNDED, DAY_OFF, MONTH_FIRST, NO_DAY, NO_NUMBER, NUMBER_IN_WORDS,
    REPORT_NO_LOSS, REPORT_SLIP, REPORT_SWAP, REPORT_UNRELATED, REPORTED_AGAIN,
};
use crate::clock::{DAY_S, Zone, civil, push_british_date};
use crate::dirt::{Dirt, DirtTally};
use crate::draw::{Draw, Purpose};
use crate::losses::{BANKS, Traits, Try};
use crate::organisations::Organisations;
use crate::phone::{Form, push_number};
use crate::plan::{Hard, Plan};
use crate::preset::PERIOD_START;
use crate::record::{Exhibit, Record, flag};
use crate::reports::{
    Own, Reports, TRUTH_HEADER, Told, UNRELATED, push_pounds, reference, truth_line,
};
use crate::tracked::TrackedCall;
use crate::truth::losses::Loss;

const HEADER: &str = "Report reference,Date reported,Date of call,Phone number called,\
    Number displayed,Caller claimed to be,Bank,Amount lost,Refunded,Recovered,What happened\r\n";

/// One report before it is written.
struct Story {
    /// Day on which it was made, and what orders the reports of one day.
    reported: (i64, u32),
    call: Option<TrackedCall>,
    bank: u32,
    /// What was lost, or what reports of other fraud say was.
    loss_minor: Option<u64>,
    own: Own,
    /// The number of whoever reports; for unrelated reports one that nobody calls.
    number: u64,
    refunded_minor: u64,
    recovered_minor: u64,
    /// What this and other reports of one loss have in common: the loss, and which of them it is.
    loss: Option<(usize, u32)>,
}

/// Writes the reports that follow from the losses.
pub(crate) fn write(
    plan: &Plan,
    hard: &Hard,
    tracked: &[TrackedCall],
    losses: &[Loss],
) -> anyhow::Result<Reports> {
    let mut draw = Draw::new(plan.seed, Purpose::HardReports, 0);
    let mut stories = Vec::new();
    for (index, loss) in losses.iter().enumerate() {
        of_loss(&mut draw, plan, hard, index, loss, &mut stories);
    }
    for call in tracked.iter().filter(|call| !call.deciding) {
        let episode = &hard.script.episodes[call.subject as usize];
        if episode.loss_minor.is_none() && draw.chance(REPORT_NO_LOSS) {
            let bank = Traits::of(plan.seed, episode.victim).bank;
            let story = related(&mut draw, plan, *call, bank);
            stories.push(story);
        }
    }
    let unrelated = stories.len() as u64 * u64::from(REPORT_UNRELATED) / 10_000;
    for _ in 0..unrelated {
        stories.push(unrelated_story(&mut draw));
    }
    stories.sort_by_key(|story| story.reported);
    write_stories(plan, &mut draw, &stories)
}

/// Adds the reports of a loss: none, one, or more.
fn of_loss(
    draw: &mut Draw,
    plan: &Plan,
    hard: &Hard,
    index: usize,
    loss: &Loss,
    stories: &mut Vec<Story>,
) {
    let made: Try = hard.script.episodes[loss.deciding.subject as usize].made;
    if !made.is_reported(draw, loss.minor) {
        return;
    }
    let refunded_minor = if draw.chance(3_500) {
        loss.minor * u64::from(draw.between(2, 10)) / 10
    } else {
        0
    };
    let recovered_minor = if draw.chance(800) {
        (loss.minor - refunded_minor) / 2
    } else {
        0
    };
    let first = Story {
        loss_minor: Some(loss.minor),
        refunded_minor,
        recovered_minor,
        loss: Some((index, 0)),
        ..related(draw, plan, loss.deciding, loss.traits.bank)
    };
    let again = draw.chance(REPORTED_AGAIN).then(|| {
        let later = i64::from(draw.between(1, 30));
        Story {
            reported: (first.reported.0 + later, draw.u32()),
            loss_minor: Some(loss.minor),
            refunded_minor,
            recovered_minor,
            loss: Some((index, 1)),
            ..related(draw, plan, loss.deciding, loss.traits.bank)
        }
    });
    stories.push(first);
    stories.extend(again);
}

fn related(draw: &mut Draw, plan: &Plan, call: TrackedCall, bank: u32) -> Story {
    let day = Zone::London.local_s(call.at).div_euclid(DAY_S);
    let own = match draw.below(10_000) {
        turn if turn < REPORT_SLIP => Own::Slip,
        turn if turn < REPORT_SLIP + REPORT_SWAP => Own::Swapped,
        turn if turn < REPORT_SLIP + REPORT_SWAP + NUMBER_IN_WORDS => Own::InWords,
        turn if turn < REPORT_SLIP + REPORT_SWAP + NUMBER_IN_WORDS + NO_NUMBER => Own::Nowhere,
        _ => Own::Given,
    };
    Story {
        reported: (day + i64::from(draw.long_tail(1, 40)), draw.u32()),
        call: Some(call),
        bank,
        loss_minor: None,
        own,
        number: plan.pool.number(call.called),
        refunded_minor: 0,
        recovered_minor: 0,
        loss: None,
    }
}

fn unrelated_story(draw: &mut Draw) -> Story {
    let at = PERIOD_START + i64::from(draw.below(360 * 86_400));
    let day = Zone::London.local_s(at).div_euclid(DAY_S);
    Story {
        reported: (day + i64::from(draw.long_tail(1, 40)), draw.u32()),
        call: None,
        bank: draw.below(BANKS.len() as u32),
        loss_minor: Some(u64::from(draw.long_tail(2_000, 200_000)) * 10),
        own: if draw.chance(7_000) {
            Own::Given
        } else {
            Own::Nowhere
        },
        number: UNRELATED + u64::from(draw.below(1_000)),
        refunded_minor: 0,
        recovered_minor: 0,
        loss: None,
    }
}

fn write_stories(plan: &Plan, draw: &mut Draw, stories: &[Story]) -> anyhow::Result<Reports> {
    let mut out = Reports {
        csv: HEADER.as_bytes().to_vec(),
        records: Vec::new(),
        dirt: DirtTally::new(),
        truth: TRUTH_HEADER.to_owned(),
        told: Vec::new(),
        named: Vec::new(),
        loss_sum_minor: 0,
        losses: 0,
        largest_loss_minor: 0,
    };
    let mut first_of = std::collections::BTreeMap::new();
    for (report, story) in stories.iter().enumerate() {
        let report = report as u32;
        let again_of = match story.loss {
            Some((loss, _)) => match first_of.entry(loss) {
                std::collections::btree_map::Entry::Occupied(first) => Some(*first.get()),
                std::collections::btree_map::Entry::Vacant(place) => {
                    place.insert(report);
                    None
                }
            },
            None => None,
        };
        let field = field_number(draw, story);
        let told_minor = told_minor(draw, story);
        let place = push(&mut out, plan, draw, story, report, (field, told_minor))?;
        let true_number = (story.own != Own::Nowhere).then_some(story.number);
        out.truth
            .push_str(&truth_line(plan, report, true_number, story.call.as_ref()));
        out.told.push(Told {
            report,
            place,
            call: story.call,
            own: story.own,
            again_of,
            told_minor,
            refunded_minor: story.refunded_minor,
            recovered_minor: story.recovered_minor,
        });
    }
    let largest = out.told.iter().filter_map(|told| told.told_minor).max();
    out.largest_loss_minor = largest.unwrap_or(0);
    for (told, record) in out.told.iter().zip(&mut out.records) {
        if let Some(minor) = told.told_minor {
            out.losses += 1;
            out.loss_sum_minor += minor;
            record.flags |= flag::LOSS;
            if Some(minor) == largest {
                record.flags |= flag::LARGEST_LOSS;
            }
        }
    }
    Ok(out)
}

/// The number in the field for the own one: right, with a slip, or none.
fn field_number(draw: &mut Draw, story: &Story) -> Option<u64> {
    let number = story.number;
    match story.own {
        Own::Given => Some(number),
        Own::InWords | Own::Nowhere => None,
        // In the last five digits, so that the number stays one of the same area.
        Own::Slip => {
            let place = 10_u64.pow(draw.below(5));
            let digit = number / place % 10;
            let other = (digit + u64::from(draw.between(1, 9))) % 10;
            Some(number - digit * place + other * place)
        }
        Own::Swapped => {
            let start = draw.below(4);
            // The first of the four pairs, from a drawn one on, whose digits differ.
            (0..4)
                .map(|turn| 10_u64.pow((start + turn) % 4))
                .find_map(|place| {
                    let (low, high) = (number / place % 10, number / place / 10 % 10);
                    (low != high).then(|| {
                        number - low * place - high * place * 10 + high * place + low * place * 10
                    })
                })
                .or(Some(number))
        }
    }
}

fn told_minor(draw: &mut Draw, story: &Story) -> Option<u64> {
    let minor = story.loss_minor?;
    if draw.chance(AMOUNT_MISSING) {
        return None;
    }
    if draw.chance(AMOUNT_ROUNDED) {
        // To two leading digits.
        let step = 10_u64.pow(minor.ilog10().saturating_sub(1)).max(100);
        return Some(((minor + step / 2) / step * step).max(100));
    }
    Some(minor)
}

fn push(
    reports: &mut Reports,
    plan: &Plan,
    draw: &mut Draw,
    story: &Story,
    report: u32,
    (field, told_minor): (Option<u64>, Option<u64>),
) -> anyhow::Result<(Exhibit, u64, u32)> {
    let at = reports.csv.len();
    let out = &mut reports.csv;
    out.extend_from_slice(reference(report).as_bytes());
    out.push(b',');
    push_british_date(out, story.reported.0);
    out.push(b',');
    let day = match &story.call {
        Some(call) => Zone::London.local_s(call.at).div_euclid(DAY_S),
        None => story.reported.0 - i64::from(draw.below(10)),
    };
    push_day(out, draw, day);
    out.extend_from_slice(b",\"");
    let mut dirty = Vec::new();
    if let Some(number) = field {
        dirty.extend(push_number(out, number, Form::by_hand(draw)).dirt());
    }
    out.extend_from_slice(b"\",\"");
    let shown = story
        .call
        .and_then(|call| call.shown)
        .map(|shown| plan.organisations.number(shown));
    match shown {
        Some(shown) if draw.chance(6_000) => {
            dirty.extend(push_number(out, shown, Form::by_hand(draw)).dirt());
        }
        _ if draw.chance(3_000) => out.extend_from_slice(b"Withheld"),
        _ => {}
    }
    let posed = story
        .call
        .map_or(&[][..], |call| plan.organisations.set(call.posed));
    let posed = posed.first().map(|&index| Organisations::name(index));
    let claimed = posed.filter(|_| draw.chance(8_000)).unwrap_or("my bank");
    out.extend_from_slice(b"\",\"");
    out.extend_from_slice(claimed.as_bytes());
    out.extend_from_slice(b"\",\"");
    out.extend_from_slice(BANKS[story.bank as usize].0.as_bytes());
    out.extend_from_slice(b"\",");
    match told_minor {
        Some(minor) => push_pounds(out, minor, draw.chance(8_500)),
        None => {
            out.extend_from_slice(b"\"\"");
            dirty.push(Dirt::MissingLoss);
        }
    }
    for minor in [story.refunded_minor, story.recovered_minor] {
        out.push(b',');
        if minor > 0 {
            push_pounds(out, minor, draw.chance(8_500));
        }
    }
    out.extend_from_slice(b",\"");
    let before = out.len();
    push_words(out, draw, story, posed, shown, told_minor);
    if out[before..]
        .iter()
        .any(|byte| matches!(byte, b',' | b'"' | b'\n'))
    {
        dirty.push(Dirt::QuotedText);
    }
    out.push(b'"');
    let flags = flag::REPORT | flag::COUNTED;
    let record = Record::plain(at as u64, out.len() - at, flags)?;
    out.extend_from_slice(b"\r\n");
    reports.records.push(record);
    let place = (Exhibit::Reports, record.at, u32::from(record.len));
    for kind in dirty {
        reports.dirt.add(kind, place);
    }
    Ok(place)
}

/// Writes the day of the call as somebody remembers it.
fn push_day(out: &mut Vec<u8>, draw: &mut Draw, day: i64) {
    let off = if draw.chance(DAY_OFF) {
        *draw.pick(&[-3, -2, -1, 1, 2, 3])
    } else {
        0
    };
    match draw.below(10_000) {
        turn if turn < NO_DAY => out.extend_from_slice(b"a few weeks ago"),
        turn if turn < NO_DAY + MONTH_FIRST => {
            let (year, month, day) = civil(day + off);
            out.extend_from_slice(format!("{month:02}/{day:02}/{year}").as_bytes());
        }
        _ => push_british_date(out, day + off),
    }
}

/// Writes what happened, quotes doubled: numbers and names stand in it that no field has.
fn push_words(
    out: &mut Vec<u8>,
    draw: &mut Draw,
    story: &Story,
    posed: Option<&str>,
    shown: Option<u64>,
    told_minor: Option<u64>,
) {
    let claimed = posed
        .filter(|_| draw.chance(7_000))
        .unwrap_or("the fraud team");
    let opening = draw.pick(&[
        "They said they were",
        "A man rang as",
        "A recorded voice from",
        "Somebody from",
    ]);
    let reason = draw.pick(&[
        ", and that my account was \"\"compromised\"\".",
        " about a payment that I never made.",
        " and asked for the code that I was sent.",
        " and told me,\nquite calmly,\nto move my money to a \"\"safe\"\" account.",
        " and sent somebody to collect my card.",
        " and had me install a program so that they could see my screen.",
    ]);
    out.extend_from_slice(format!("{opening} {claimed}{reason}").as_bytes());
    if let Some(shown) = shown.filter(|_| draw.chance(4_000)) {
        out.extend_from_slice(b" They rang from ");
        push_number(out, shown, Form::by_hand(draw));
        out.push(b'.');
    }
    if story.own == Own::InWords {
        out.extend_from_slice(b" My number is ");
        push_number(out, story.number, Form::by_hand(draw));
        out.push(b'.');
    }
    if let Some(minor) = told_minor.filter(|_| draw.chance(5_000)) {
        let pounds = minor / 100;
        out.extend_from_slice(format!(" They took {pounds} pounds.").as_bytes());
    }
    if story.refunded_minor > 0 {
        out.extend_from_slice(b" My bank has given some of it back.");
    }
    if story.loss.is_some_and(|(_, turn)| turn > 0) {
        out.extend_from_slice(b" I have told you before, and heard nothing.");
    }
}
