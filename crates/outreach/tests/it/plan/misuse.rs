//! What bulk fraud needs and what is not there: each line of issue 5 point 9.

use unspoof_outreach::Message;
use unspoof_outreach::approval::Use;
use unspoof_outreach::package::{self, Opened};
use unspoof_outreach::plan::{Campaign, Plan};

use super::package::{approved_file, approvers, hundred};
use super::support::*;

fn opened() -> Opened {
    let planned = hundred();
    let sealed = package::seal_recipients(&planned.plan, &planned.recipients).unwrap();
    let file = approved_file(&planned);
    Opened::open(
        file.as_bytes(),
        sealed.as_slice(),
        &approvers(),
        &[host()],
        Use::Sending,
        WITHIN_UTC,
    )
    .unwrap()
}

#[test]
fn a_message_has_no_sender_of_its_own() {
    // Taken apart without `..`: a field more, such as a sender, and this does not compile.
    let Message {
        key: _,
        to: _,
        text: _,
        reference: _,
        expires_us: _,
    } = Message {
        key: 0,
        to: Default::default(),
        text: Default::default(),
        reference: String::new(),
        expires_us: 0,
    };
    // A plan has one sender, not a list to rotate through.
    let sender: fn(&Plan) -> &String = |plan| &plan.sender;
    assert_eq!(sender(opened().plan()), "TarnPolice");
    let two = campaign_toml().replace(
        "sender = \"TarnPolice\"",
        "sender = [\"TarnPolice\", \"TarnPol\"]",
    );
    assert!(Campaign::read(&two).is_err());
    let second = campaign_toml().replace(
        "sender = \"TarnPolice\"",
        "sender = \"TarnPolice\"\nsenders = [\"TarnPol\"]",
    );
    assert!(Campaign::read(&second).is_err());
}

#[test]
fn every_text_is_a_signed_one_with_the_code_in_its_place() {
    let opened = opened();
    let mut texts = std::collections::BTreeSet::new();
    for key in 0..opened.plan().recipients.count {
        let text = opened.text(key).unwrap();
        let code = opened.recipient(key).unwrap().code.reveal();
        assert_eq!(text.matches(code.as_str()).count(), 1);
        let signed = text.replace(code.as_str(), "{code}");
        assert!(
            opened.plan().texts.iter().any(|of| of.text == signed),
            "{signed}"
        );
        texts.insert(signed);
    }
    assert_eq!(texts.len(), 2, "the neutral one and the bank's");
}

#[test]
fn nothing_but_the_code_is_ever_filled_in() {
    for varied in [
        "{Hi|Hello} {code}",
        "{name} {code}",
        "{code} {{code}}",
        "{CODE}",
        "{link} {code}",
        "{code} }",
    ] {
        let toml = campaign_toml().replace(
            "Tarnshire Police: this phone may have been rung by people who posed as others. Our website tells how to know this text. Code {code}",
            varied,
        );
        assert!(toml.contains(varied));
        assert!(Campaign::read(&toml).is_err(), "{varied}");
    }
}

/// A number is told because somebody was called there. There is no way to make numbers up.
#[test]
fn no_recipient_is_any_number_but_a_candidate_or_the_teams() {
    let planned = hundred();
    for recipient in &planned.recipients.list {
        let last = recipient.number.key() - 447_700_900_000;
        assert!(last < 100 || TEAM.contains(&last));
    }
}

/// Words that the source of an outreach tool for victims has no use for.
#[test]
fn the_source_has_no_shortener_no_rotation_and_no_generator() {
    let mut folders = vec![std::path::PathBuf::from("src")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|of| of == "rs") {
                seen += 1;
                let text = std::fs::read_to_string(&path).unwrap();
                for line in text
                    .lines()
                    .filter(|line| line.contains("fn ") || line.contains("struct "))
                {
                    for word in [
                        "shorten",
                        "rotate_sender",
                        "next_sender",
                        "spin",
                        "random_number",
                        "generate_number",
                        "number_range",
                        "sim_",
                    ] {
                        assert!(
                            !line.to_lowercase().contains(word),
                            "{}: {line}",
                            path.display()
                        );
                    }
                }
            }
        }
    }
    assert!(seen > 20, "{seen}");
}

/// Real people's numbers are nobody's rehearsal, and a rehearsal's numbers are never texted in earnest.
#[test]
fn made_up_is_signed_and_follows_from_the_case() {
    assert!(opened().plan().made_up);
    let mut list = candidates(vec![candidate(mobile(1))]);
    list.made_up = false;
    let mut campaign = campaign();
    campaign.stages.remove(0);
    let (home, key) = ([region("GB")], key());
    let error = unspoof_outreach::plan::make(&grounds(&campaign, &list, &home, &key));
    assert!(matches!(
        error,
        Err(unspoof_outreach::PlanError::Nobody { candidates: 1 })
    ));
}
