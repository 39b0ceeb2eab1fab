//! Answers scored by the lab's truth.

use std::fs;

use crate::support::{Desk, says};

#[test]
fn answers_are_scored_by_the_truth() {
    let desk = Desk::new();
    let hard = ["lab", "generate", "--preset", "hard", "--accounts", "500"];
    desk.run(&[&hard[..], &["--losses", "shifting", "lab"]].concat())
        .whole();
    // The truth about persons is itself an answer, and the best one.
    let persons = fs::read(desk.at("lab/truth/persons.csv")).unwrap();
    desk.write("case.score/persons.csv", persons);
    let text = desk
        .on("case", &["lab", "score", "lab/truth"])
        .whole()
        .text();
    says(&text, &["persons: pairwise F1 1.0000", "500 accounts"]);
    let answers = [
        "lab",
        "score",
        "--answers",
        "case.score",
        "lab/truth",
        "--json",
    ];
    let scores = desk.run(&answers).whole().json();
    assert_eq!(scores["persons"]["f1"], 1.0);
    assert!(scores.get("matches").is_none(), "{scores}");
    let told = desk
        .run(&["lab", "score", "lab/truth"])
        .refused(1, "lab/no-answers");
    says(&told, &["--answers DIR"]);
}

#[test]
fn a_process_that_there_is_not_is_a_matter_of_usage() {
    let desk = Desk::new();
    let ran = desk.run(&[
        "lab", "generate", "--preset", "hard", "--losses", "luck", "lab",
    ]);
    assert_eq!(ran.code, Some(2), "{ran}");
    says(&ran.stderr, &["`safe-account`"]);
}
