//! What ranking costs: made-up contacts, one core.
//!
//! ```sh
//! cargo run --release -p unspoof-ranking --example ranking_speed -- [CONTACTS]
//! ```

use std::io::Write as _;

use cpu_time::ThreadTime;
use unspoof_numbers::PhoneNumber;
use unspoof_ranking::{
    AboutAccount, AboutNumber, ContactFact as Of, Contacts, Facts, Policy, SeenCall, contact_facts,
};

fn main() -> anyhow::Result<()> {
    let count: u64 = std::env::args()
        .nth(1)
        .map_or(Ok(5_000_000), |text| text.parse())?;
    let clock = ThreadTime::now();
    let mut contacts = Contacts::with_capacity(count as usize);
    let mut facts = Facts::new();
    let mut state = 1_u64;
    for at in 0..count {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let draw = |shift: u32, of: u64| (state >> shift) % of;
        facts.clear();
        facts.set(Of::Calls, 1 + draw(8, 6)).set(Of::Accounts, 1);
        facts.set(Of::Home, draw(9, 2)).set(Of::Mobile, draw(10, 2));
        facts.set(Of::DaysBeforeEnd, draw(11, 700));
        // A fifth of all numbers engaged.
        if draw(40, 5) == 0 {
            facts
                .set(Of::AnsweredCalls, 1)
                .set(Of::EngagedCalls, 1 + draw(13, 3))
                .set(Of::EngagedAsOrganisation, draw(15, 2))
                .set(Of::TalkS, 61 + draw(17, 5_000))
                .set(Of::LongestTalkS, 61 + draw(17, 5_000))
                .set(Of::ShortThenLong, draw(19, 2))
                .set(Of::CallsBack, draw(21, 3))
                .set(Of::CodesCaptured, draw(23, 20) / 19)
                .set(Of::ReportedNumbersOfAccounts, draw(25, 40))
                .set(Of::LossesMinor, draw(27, 40) / 39 * draw(29, 5_000_000));
        }
        contacts.push(PhoneNumber::from_key(999_000_000_000 + at)?, &facts)?;
    }
    let filled_s = clock.elapsed().as_secs_f64();
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{count} contacts filled in {filled_s:.2} s, {:.1} bytes each",
        contacts.bytes() as f64 / count.max(1) as f64
    )?;
    let clock = ThreadTime::now();
    let mut talked_s = 0;
    for at in 0..count {
        let call = |nth: i64| SeenCall {
            started_utc: at as i64 * 1_000_000 + nth * 3_600_000_000,
            account: (at % 50_000) as u32 + nth as u32 % 2,
            answered: nth == 2,
            talk_s: (nth == 2).then_some(90),
            engaged: nth == 2 && at % 5 == 0,
            ..SeenCall::default()
        };
        let calls = [call(0), call(1), call(2)];
        let about = AboutNumber::default();
        let facts = contact_facts(&calls, &about, |_| AboutAccount::default(), i64::MAX);
        talked_s += facts.get(Of::TalkS);
    }
    writeln!(
        out,
        "facts of {count} numbers with 3 calls each counted in {:.2} s, {talked_s} s of talk",
        clock.elapsed().as_secs_f64()
    )?;
    let policy = Policy::preset("harm")?;
    let clock = ThreadTime::now();
    let ranking = policy.rank(&contacts)?;
    let ranked_s = clock.elapsed().as_secs_f64();
    let other = Policy::preset("elaborate")?.rank(&contacts)?;
    let clock = ThreadTime::now();
    let compared = ranking.compare(&other, 1_000);
    let compared_s = clock.elapsed().as_secs_f64();
    writeln!(
        out,
        "ranked in {ranked_s:.2} s; the first 1000 compared in {compared_s:.2} s, {} moves",
        compared.map_or(0, |compared| compared.moves.len())
    )?;
    if let Some(first) = ranking.iter().next()
        && let Some(why) = ranking.explain(first.row)
    {
        writeln!(out, "{why}")?;
    }
    Ok(())
}
