//! The same exhibits and rules give the same bytes, whatever happens on the way.

use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{Desk, answers, assert_same};

/// Deaths of one test: `few`, or `many` with `UNSPOOF_SOAK=1`.
fn deaths(few: u32, many: u32) -> u32 {
    if std::env::var_os("UNSPOOF_SOAK").is_some() {
        many
    } else {
        few
    }
}

/// Moments that nobody chose: a linear congruential generator (Knuth's MMIX constants).
struct Moments(u64);

impl Moments {
    fn next_below(&mut self, below: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below.max(1)
    }
}

#[test]
fn neither_cores_nor_memory_nor_folder_nor_order_matter() {
    let desk = Desk::new();
    desk.lab("tiny", 20_221_124);
    desk.sealed("first");
    desk.on("first", &["run", "--workers", "1", "--memory-mib", "64"])
        .with_rejects();
    let first = answers(&desk.at("first"));
    let said = |case: &str| {
        ["funnel", "brief"].map(|command| desk.on(case, &[command, "--json"]).whole().stdout)
    };
    let said_first = said("first");

    let far = "elsewhere/with a space/second";
    std::fs::create_dir_all(desk.at("elsewhere/with a space")).unwrap();
    desk.init(far);
    let mut files = desk.seized();
    files.reverse();
    for file in &files {
        desk.seal(far, std::slice::from_ref(file)).whole();
    }
    let args = [
        "run",
        "--workers",
        "2",
        "--memory-mib",
        "1024",
        "--case",
        far,
    ];
    let mut command = desk.command(&args);
    command
        .env("TZ", "Pacific/Auckland")
        .env("LC_ALL", "tr_TR.UTF-8");
    crate::support::finish(&mut command).with_rejects();
    assert_same(
        &answers(&desk.at(far)),
        &first,
        "two workers, sealed backwards",
    );
    assert_eq!(said(far), said_first);

    desk.on(far, &["run", "--again", "--workers", "3"])
        .with_rejects();
    assert_same(&answers(&desk.at(far)), &first, "analysed again");
    desk.assert_sound("first");
    desk.assert_sound(far);
}

#[test]
fn a_larger_case_spills_and_says_the_same() {
    let desk = Desk::new();
    desk.lab("demo", 7);
    let mut all = Vec::new();
    for (case, workers, memory_mib) in [("narrow", "1", "64"), ("wide", "2", "1024")] {
        desk.sealed(case);
        let args = ["run", "--workers", workers, "--memory-mib", memory_mib];
        desk.on(case, &args).with_rejects();
        all.push(answers(&desk.at(case)));
    }
    assert_same(&all[0], &all[1], "little memory and much");
    // Killed while it writes one of many parts.
    desk.sealed("killed");
    let most = deaths(3, 200);
    let died = Killer::new(20_221_124, 2_500_000).kill(&desk, "killed", most);
    assert_same(
        &answers(&desk.at("killed")),
        &all[0],
        &format!("{died} deaths"),
    );
}

/// Kills runs at moments spread over what a run takes here.
struct Killer {
    moments: Moments,
    /// How long a run takes, in microseconds: an estimate that runs which get through mend.
    run_us: u64,
}

impl Killer {
    fn new(seed: u64, run_us: u64) -> Self {
        Self {
            moments: Moments(seed),
            run_us,
        }
    }

    /// Runs a case until a run gets through, or lets it through after `most` deaths; says how
    /// many runs were killed.
    #[expect(clippy::disallowed_methods, reason = "a run's length is measured")]
    fn kill(&mut self, desk: &Desk, case: &str, most: u32) -> u32 {
        for died in 0..most {
            let told = std::fs::File::create(desk.at("told")).unwrap();
            let started = Instant::now();
            let mut child = desk
                .command(&["run", "--case", case])
                .stdout(Stdio::null())
                .stderr(told)
                .spawn()
                .unwrap();
            // Later and later, so that a slow machine gets through as well.
            let below_us = self.run_us + self.run_us * u64::from(died) / 20;
            let wait = Duration::from_micros(self.moments.next_below(below_us));
            let ended = loop {
                if let Some(ended) = child.try_wait().unwrap() {
                    break Some(ended);
                }
                let Some(left) = wait.checked_sub(started.elapsed()) else {
                    break None;
                };
                thread::sleep(left.min(Duration::from_millis(2)));
            };
            if let Some(ended) = ended {
                self.run_us = self.run_us.min(started.elapsed().as_micros() as u64);
                let told = std::fs::read_to_string(desk.at("told")).unwrap();
                assert_eq!(ended.code(), Some(3), "after {died} deaths: {told}");
                return died;
            }
            child.kill().unwrap();
            child.wait().unwrap();
            desk.assert_sound(case);
        }
        desk.on(case, &["run"]).with_rejects();
        most
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a run's length is measured")]
fn kill_at_any_moment_changes_nothing() {
    let desk = Desk::new();
    desk.lab("tiny", 20_221_125);
    desk.sealed("whole");
    let started = Instant::now();
    desk.on("whole", &["run"]).with_rejects();
    let mut killer = Killer::new(20_221_124, started.elapsed().as_micros() as u64);
    let whole = answers(&desk.at("whole"));
    let wanted = deaths(8, 1_000);
    let mut died = 0;
    for round in 0_u32.. {
        assert!(
            round < 10 * wanted,
            "{died} deaths of {wanted} in {round} cases"
        );
        let case = format!("killed-{round}");
        desk.sealed(&case);
        died += killer.kill(&desk, &case, 50);
        assert_same(&answers(&desk.at(&case)), &whole, &format!("{died} deaths"));
        // Nothing of the dead is left in the way.
        let second = desk.on(&case, &["run"]).with_rejects();
        assert!(second.stderr.contains("nothing was due"), "{second}");
        desk.assert_sound(&case);
        std::fs::remove_dir_all(desk.at(&case)).unwrap();
        if died >= wanted {
            break;
        }
    }
}

#[test]
fn a_killed_seal_is_whole_or_absent() {
    let desk = Desk::new();
    desk.lab("tiny", 20_221_126);
    desk.init("case");
    let files = desk.seized();
    let mut moments = Moments(5);
    for death in 0..deaths(12, 200) {
        let mut args = vec!["seal", "--case", "case"];
        args.extend(files.iter().map(|file| file.as_str()));
        let mut child = desk
            .command(&args)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let below_us = 20_000 + 15_000 * u64::from(death % 20);
        thread::sleep(Duration::from_micros(moments.next_below(below_us)));
        child.kill().unwrap();
        child.wait().unwrap();
        desk.assert_sound("case");
    }
    desk.seal("case", &files).whole();
    desk.assert_sound("case");
    desk.on("case", &["run"]).with_rejects();
}
