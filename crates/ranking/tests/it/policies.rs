//! Policy files: what ships, what is refused, and what the refusal tells to type.

use unspoof_model::Coded;
use unspoof_ranking::{ContactFact, Fact, Policy, PolicyError, PresentedFact, SuspectFact};

fn refused(body: &str) -> (PolicyError, String, Option<String>) {
    let error = Policy::parse(&format!("format = 1\nname = \"mine\"\n{body}")).unwrap_err();
    let (text, hint) = (error.to_string(), error.hint());
    (error, text, hint)
}

#[test]
fn what_ships_can_be_read_and_names_itself() {
    for (name, text) in Policy::PRESETS {
        let policy = Policy::preset(name).unwrap();
        assert_eq!(policy.name, *name);
        assert_eq!(policy, Policy::parse(text).unwrap());
        assert!(!policy.contacts.terms.is_empty());
        assert!(!policy.suspects.terms.is_empty());
        assert!(!policy.presented.terms.is_empty());
    }
    let unknown = Policy::preset("risk").unwrap_err();
    assert_eq!(unknown.hint().unwrap(), "write `elaborate` or `harm`");
}

#[test]
fn unknown_names_are_refused_with_the_nearest() {
    for (body, text, hint) in [
        (
            "[contact]\n",
            "`contact` means nothing in the policy",
            Some("write `contacts`"),
        ),
        (
            "[[contacts.points]]\nfact = \"calls\"\neech = 1\n",
            "`eech` means nothing in [[contacts.points]] number 1",
            Some("write `each`"),
        ),
        (
            "[[suspects.points]]\nfact = \"calls\"\neach = 1\n[[suspects.points]]\nfact = \"paid_minr\"\neach = 1\n",
            "`paid_minr` in [[suspects.points]] number 2 is no fact of suspects",
            Some("write `paid_minor`"),
        ),
        (
            "[[contacts.points]]\nname = \"x\"\npoints = 1\nwhen = { engaged_cals = 1 }\n",
            "`engaged_cals` in [[contacts.points]] number 1 is no fact of contacts",
            Some("write `engaged_calls`"),
        ),
        (
            "[contacts]\nties = [\"something else entirely\"]\n",
            "`something else entirely` in [contacts] is no fact of contacts",
            None,
        ),
    ] {
        let (_, found, found_hint) = refused(body);
        assert_eq!((found.as_str(), found_hint.as_deref()), (text, hint));
    }
}

#[test]
fn values_out_of_bounds_are_refused() {
    let term = |rest: &str| format!("[[contacts.points]]\n{rest}\n");
    for rest in [
        "fact = \"calls\"",
        "fact = \"calls\"\neach = 1\ndoubling = 1",
        "fact = \"calls\"\neach = 0.0001",
        "fact = \"calls\"\neach = 1e9",
        "fact = \"calls\"\neach = nan",
        "fact = \"calls\"\neach = \"1\"",
        "fact = \"calls\"\npoints = 1",
        "fact = \"calls\"\neach = 1\nover = -1",
        "fact = \"calls\"\neach = 1\nat_most = 1.5",
        "fact = \"calls\"\neach = 1\nname = \"two\\nlines\"",
        "fact = 3\neach = 1",
        "each = 1",
        "name = \"x\"\nwhen = {}\npoints = 1",
        "when = { calls = 1 }\npoints = 1",
        "name = \"x\"\nwhen = { calls = 1 }",
        "name = \"x\"\nwhen = { calls = 1 }\npoints = 1\nover = 1",
        "name = \"x\"\nwhen = { calls = true }\npoints = 1",
    ] {
        let (error, text, _) = refused(&term(rest));
        assert_eq!(error.code(), "ranking/policy-value", "{rest}: {text}");
    }
    let (error, ..) = refused(&term("fact = \"calls\"\neach = 1").repeat(2));
    assert_eq!(error.code(), "ranking/policy-name-twice");
    for (file, code) in [
        ("name = \"x\"", "ranking/policy-value"),
        (
            "format = 2\nname = \"x\"\nnew = 1",
            "ranking/policy-newer-format",
        ),
        ("format = 0\nname = \"x\"", "ranking/policy-value"),
        ("format = 1", "ranking/policy-value"),
        ("format = 1\nname = ", "ranking/policy-not-toml"),
    ] {
        assert_eq!(Policy::parse(file).unwrap_err().code(), code, "{file}");
    }
}

#[test]
fn every_fact_has_one_name_and_stands_in_the_page() {
    let page = std::fs::read_to_string("../../docs/formats/policy.md").unwrap();
    fn names<F: Fact>(page: &str) {
        for (at, &fact) in F::ALL.iter().enumerate() {
            assert_eq!(fact.index(), at);
            assert_eq!(F::named(fact.name()), Some(fact));
            let row = format!(
                "| `{}` | {} | {} |",
                fact.name(),
                fact.unit().as_str(),
                fact.about()
            );
            assert!(page.contains(&row), "docs/formats/policy.md lacks\n{row}");
        }
    }
    names::<ContactFact>(&page);
    names::<SuspectFact>(&page);
    names::<PresentedFact>(&page);
}

#[test]
fn the_page_s_examples_are_policies() {
    let page = std::fs::read_to_string("../../docs/formats/policy.md").unwrap();
    let mut read = 0;
    for part in page.split("```toml\n").skip(1) {
        let body = part.split("```").next().unwrap();
        let whole = if body.contains("format = 1") {
            body.to_owned()
        } else {
            format!("format = 1\nname = \"page\"\n{body}")
        };
        Policy::parse(&whole).unwrap();
        read += 1;
    }
    assert!(read >= 3, "only {read} examples were found");
}
