//! What the pages tell a reader to type is typed, and what they show is what comes.

use std::fs;
use std::process::{Command, Stdio};

use crate::support::Desk;

/// A command of a page with the lines shown under it.
#[derive(Debug)]
struct Step {
    command: String,
    shown: Vec<String>,
}

fn page(name: &str) -> String {
    let path = format!("../../{name}");
    fs::read_to_string(path).unwrap()
}

/// Takes the content of all fenced blocks of a page, each with its language.
fn blocks(page: &str) -> Vec<(String, Vec<String>)> {
    let mut blocks: Vec<(String, Vec<String>)> = Vec::new();
    let mut open = false;
    for line in page.lines() {
        match line.strip_prefix("```") {
            Some(_) if open => open = false,
            Some(language) => {
                open = true;
                blocks.push((language.to_owned(), Vec::new()));
            }
            None if open => blocks.last_mut().unwrap().1.push(line.to_owned()),
            None => {}
        }
    }
    assert!(!open);
    blocks
}

fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (language, lines) in blocks(page) {
        if language != "console" {
            continue;
        }
        // A block without a command shows what an earlier one left.
        let typed = lines.into_iter().skip_while(|line| !line.starts_with("$ "));
        for line in typed {
            match line.strip_prefix("$ ") {
                Some(command) => steps.push(Step {
                    command: command.to_owned(),
                    shown: Vec::new(),
                }),
                None => steps.last_mut().unwrap().shown.push(line),
            }
        }
    }
    steps
}

/// A reader's shell: what it exports and where it stands stays from one command to the next.
struct Shell<'a> {
    desk: &'a Desk,
    last: i32,
}

impl Shell<'_> {
    fn run(&mut self, line: &str) -> String {
        let binary = std::path::Path::new(env!("CARGO_BIN_EXE_unspoof"));
        let mut command = Command::new("/bin/sh");
        self.desk.furnish(&mut command);
        let path = format!("{}:/usr/bin:/bin", binary.parent().unwrap().display());
        let output = command
            .env("PATH", path)
            .env("UNSPOOF_ACTOR", "A. Analyst")
            .env("UNSPOOF_KEYS", "keys")
            .arg("-c")
            .arg(format!("exec 2>&1; (exit {}); {line}", self.last))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        self.last = output.status.code().unwrap_or(-1);
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Types a command and holds what comes against what the page shows.
    fn follow(&mut self, step: &Step) {
        let told = self.run(&step.command);
        let told: Vec<&str> = told.lines().collect();
        let shown: Vec<&str> = step.shown.iter().map(String::as_str).collect();
        assert!(
            alike(&shown, &told),
            "$ {}\n--- the page shows\n{}\n--- it tells\n{}\n",
            step.command,
            shown.join("\n"),
            told.join("\n"),
        );
    }

    fn follow_all(&mut self, page: &str) {
        for step in steps(page) {
            self.follow(&step);
        }
    }
}

/// A line `…` stands for any lines, a `…` within one for any characters.
fn alike(shown: &[&str], told: &[&str]) -> bool {
    match shown.split_first() {
        None => told.is_empty(),
        Some((&"…", [])) => true,
        Some((&"…", rest)) => (0..told.len()).any(|at| alike(rest, &told[at..])),
        Some((line, rest)) => told
            .split_first()
            .is_some_and(|(first, others)| alike_line(line, first) && alike(rest, others)),
    }
}

fn alike_line(shown: &str, told: &str) -> bool {
    // The page's editor may have taken spaces off the end.
    let (shown, told) = (shown.trim_end(), told.trim_end());
    let pieces: Vec<&str> = shown.split('…').collect();
    let [first, middle @ .., last] = pieces.as_slice() else {
        return shown == told;
    };
    let Some(mut rest) = told.strip_prefix(first) else {
        return false;
    };
    for piece in middle {
        let Some((_, after)) = rest.split_once(piece) else {
            return false;
        };
        rest = after;
    }
    rest.ends_with(last)
}

fn with_tiny() -> Desk {
    let desk = Desk::new();
    desk.run(&["demo", "--preset", "tiny", "--case", "tiny"])
        .with_rejects();
    desk
}

fn flip(desk: &Desk, case: &str) {
    let path = desk.at(case).join("exhibits/reports.csv/data/reports.csv");
    let mut bytes = fs::read(&path).unwrap();
    bytes[100] ^= 1;
    fs::remove_file(&path).unwrap();
    fs::write(&path, bytes).unwrap();
}

#[test]
fn the_readme_shows_what_comes() {
    let desk = with_tiny();
    let mut shell = Shell {
        desk: &desk,
        last: 0,
    };
    shell.run("cp -a tiny flipped");
    flip(&desk, "flipped");
    shell.follow_all(&page("README.md"));
}

#[test]
fn the_architecture_s_row_is_there() {
    let desk = with_tiny();
    let mut shell = Shell {
        desk: &desk,
        last: 0,
    };
    shell.follow_all(&page("ARCHITECTURE.md"));
}

#[test]
fn the_tables_page_shows_what_comes() {
    let desk = with_tiny();
    let mut shell = Shell {
        desk: &desk,
        last: 0,
    };
    shell.follow_all(&page("docs/formats/tables.md"));
}

#[test]
fn decisions_are_recorded_as_their_page_says() {
    let desk = with_tiny();
    let mut shell = Shell {
        desk: &desk,
        last: 0,
    };
    shell.follow_all(&page("docs/guides/recording-decisions.md"));
}

#[test]
fn a_first_case_goes_as_its_page_says() {
    let desk = Desk::new();
    let mut shell = Shell {
        desk: &desk,
        last: 0,
    };
    let page = page("docs/guides/first-case.md");
    let list = blocks(&page);
    let list = list.iter().find(|(language, _)| language == "csv");
    if let Some((_, lines)) = list {
        desk.write("more.csv", lines.join("\n") + "\n");
    }
    shell.follow_all(&page);
    shell.run("unspoof audit checkpoint --case first > first.note");
    assert_eq!(shell.last, 0);
}

#[test]
fn a_mapping_of_one_s_own_goes_as_its_page_says() {
    let desk = Desk::new();
    let mut shell = Shell {
        desk: &desk,
        last: 0,
    };
    let page = page("docs/guides/own-mapping.md");
    let blocks = blocks(&page);
    let of = |language: &str, at: usize| {
        let mut all = blocks.iter().filter(|(known, _)| known == language);
        all.nth(at).unwrap().1.join("\n") + "\n"
    };
    desk.write("seized/dialler-export.csv", of("csv", 0));
    let mut mapping = of("toml", 0);
    desk.write("dialler.toml", &mapping);
    let seal = "unspoof seal --case mycase seized/dialler-export.csv --mapping dialler.toml \
                --zone Europe/London";
    let mut tries = 0;
    for step in steps(&page) {
        tries += usize::from(step.command.contains("--dry-run"));
        if step.command.contains("--dry-run") && tries == 2 {
            // “Correct the file, run the same `seal` again, and try once more.”
            mapping = mapping.replace("\"Seconds\"", "\"TalkSeconds\"");
            desk.write("dialler.toml", &mapping);
            shell.run(seal);
            assert_eq!(shell.last, 0);
        }
        if step.command.contains("select call_id") {
            // “Seal with the mapping again and `run`: all four rows are kept.”
            desk.write("dialler.toml", mapping.clone() + &of("toml", 1));
            shell.run(seal);
            shell.run("unspoof run --case mycase");
            assert_eq!(shell.last, 0);
        }
        shell.follow(&step);
    }
    assert_eq!(tries, 2);
    // What the page sends a reader to when no mapping fits.
    let draft = shell.run("unspoof mapping suggest --case mycase dialler-export.csv");
    assert_eq!(shell.last, 0, "{draft}");
    assert!(draft.contains("CallRef"), "{draft}");
    let log = shell.run("unspoof audit log --case mycase");
    assert!(log.contains("mapping-suggest"), "{log}");
}

#[test]
fn a_case_is_verified_as_its_page_says() {
    let desk = with_tiny();
    let mut shell = Shell {
        desk: &desk,
        last: 0,
    };
    let page = page("docs/guides/verify-a-case.md");
    desk.write("kept/there", "");
    shell.run("cp -a tiny earlier");
    shell.run("unspoof brief --case tiny");
    for line in &blocks(&page)[0].1 {
        shell.run(line);
        assert_eq!(shell.last, 0, "{line}");
    }
    shell.run("cp -a tiny flipped");
    flip(&desk, "flipped");
    desk.run(&["demo", "--preset", "tiny", "--case", "other", "--seed", "2"]);
    let mut whole = 0;
    for step in steps(&page) {
        let is_whole = step.command.contains("--case tiny --checkpoint");
        whole += usize::from(is_whole);
        let extra = desk.at("tiny/tables/calls/extra.parquet");
        if is_whole && whole == 2 {
            fs::write(&extra, "PAR1").unwrap();
        }
        shell.follow(&step);
        if extra.exists() {
            fs::remove_file(&extra).unwrap();
        }
    }
    assert_eq!(whole, 2);
    shell.follow_all(&self::page("SECURITY.md"));
}

/// Everything that fails has a code, and every code stands in the reference.
#[test]
fn every_code_is_explained() {
    let explained = page("docs/reference/errors.md");
    let areas: std::collections::BTreeSet<&str> = explained
        .split('`')
        .filter_map(|word| word.split_once('/'))
        .filter(|(area, _)| area.bytes().all(|b| b.is_ascii_lowercase()))
        .map(|(area, _)| area)
        .collect();
    let crates = "..";
    let mut missing = Vec::new();
    let mut seen = 0;
    let mut folders = vec![std::path::PathBuf::from(crates)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && !["tests", "target", "fuzz", "examples"].contains(&name.as_str()) {
                folders.push(path);
            } else if name.ends_with(".rs") {
                let text = fs::read_to_string(&path).unwrap();
                for word in text.split('"').skip(1).step_by(2) {
                    let Some((area, what)) = word.split_once('/') else {
                        continue;
                    };
                    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
                    let is_folder = word == "log/manifests";
                    let is_code = !is_folder
                        && areas.contains(area)
                        && !what.is_empty()
                        && what.bytes().all(plain);
                    if is_code {
                        seen += 1;
                        if !explained.contains(&format!("`{word}`")) {
                            missing.push(format!("{word} in {name}"));
                        }
                    }
                }
            }
        }
    }
    assert!(seen > 60, "only {seen} codes were found");
    assert!(missing.is_empty(), "{missing:#?}");
}
