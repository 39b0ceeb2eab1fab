//! Whatever the values: valid XML, text that stays text, the same bytes in any order.

use std::collections::BTreeMap;

use proptest::prelude::*;
use unspoof_pictures::{
    BarGroup, Bars, Interval, Lane, Look, PersonPicture, Ranges, Scheme, SharedBy, Timeline, Unit,
};

/// Parses a picture and holds it to what every picture holds to.
fn checked(svg: &str) {
    let document = roxmltree::Document::parse(svg).unwrap();
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "svg");
    assert_eq!(root.attribute("role"), Some("img"));
    let named: Vec<&str> = root
        .attribute("aria-labelledby")
        .unwrap()
        .split(' ')
        .collect();
    for (tag, id) in ["title", "desc"].into_iter().zip(named) {
        let found = root
            .children()
            .find(|node| node.tag_name().name() == tag)
            .unwrap();
        assert_eq!(found.attribute("id"), Some(id));
    }
    let allowed = [
        "svg", "title", "desc", "style", "rect", "circle", "path", "text",
    ];
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        assert!(
            allowed.contains(&node.tag_name().name()),
            "{:?}",
            node.tag_name()
        );
        for attribute in node.attributes() {
            assert!(!attribute.name().starts_with("on"), "{}", attribute.name());
            assert!(!attribute.value().contains("url("), "{}", attribute.value());
            assert_ne!(attribute.name(), "href");
        }
    }
}

fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(
            &[
                "</text><script>alert(1)</script>",
                "]]>&amp;&#0;<!--",
                "\" onload=\"x",
                "\u{202e}txt.exe\u{0}\u{1b}[31m",
                "\u{fffe}\u{ffff}\u{2028}",
                "",
            ][..]
        )
        .prop_map(str::to_owned),
        any::<String>(),
    ]
}

fn look() -> impl Strategy<Value = Look> {
    let schemes = proptest::sample::select(&[Scheme::Light, Scheme::Dark, Scheme::Auto][..]);
    (hostile(), schemes).prop_map(|(id, scheme)| Look { id, scheme })
}

fn unit() -> impl Strategy<Value = Unit> {
    (hostile(), hostile(), any::<bool>()).prop_map(|(before, after, hundredths)| Unit {
        before,
        after,
        hundredths,
    })
}

fn value() -> impl Strategy<Value = u64> {
    prop_oneof![0_u64..10, any::<u64>()]
}

fn shared() -> impl Strategy<Value = SharedBy> {
    let accounts = proptest::collection::btree_set("[a-f]{1,2}", 0..5);
    (hostile(), any::<i64>(), accounts).prop_map(|(kind, milli_bits, accounts)| SharedBy {
        kind,
        milli_bits,
        accounts,
    })
}

proptest! {
    #[test]
    fn persons(
        title in hostile(),
        accounts in proptest::collection::btree_set(hostile(), 0..70),
        (one, other) in proptest::collection::vec(shared(), 0..70)
            .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        look in look(),
    ) {
        let draw = |shared| PersonPicture { title: title.clone(), accounts: accounts.clone(), shared }.svg(&look);
        let svg = draw(one);
        checked(&svg);
        prop_assert_eq!(svg, draw(other));
    }

    #[test]
    fn timelines(
        title in hostile(),
        lanes in proptest::collection::vec(
            (hostile(), unit(), proptest::collection::btree_map(prop_oneof![0..2_000_i32, any::<i32>()], value(), 0..40)),
            0..4,
        ),
        look in look(),
    ) {
        let lanes = lanes.into_iter().map(|(name, unit, by_day)| Lane { name, unit, by_day });
        checked(&Timeline { title, lanes: lanes.collect() }.svg(&look));
    }

    #[test]
    fn estimates(
        title in hostile(),
        unit in unit(),
        rows in proptest::collection::vec((hostile(), value(), any::<Option<u64>>(), any::<Option<u64>>()), 0..8),
        counted: Option<u64>,
        look in look(),
    ) {
        let intervals = rows.into_iter().map(|(name, low, middle, high)| Interval { name, low, middle, high });
        checked(&Ranges { title, unit, intervals: intervals.collect(), counted }.svg(&look));
    }

    #[test]
    fn sums(
        title in hostile(),
        unit in unit(),
        series in proptest::collection::vec(hostile(), 0..5),
        groups in proptest::collection::vec((hostile(), proptest::collection::vec(value(), 0..5)), 0..40),
        look in look(),
    ) {
        let groups = groups.into_iter().map(|(name, parts)| BarGroup { name, parts });
        checked(&Bars { title, unit, series, groups: groups.collect() }.svg(&look));
    }
}

#[test]
fn hostile_text_is_shown_as_text() {
    let name = "<b>&\"quoted\"</b>";
    let svg = PersonPicture {
        title: name.to_owned(),
        ..PersonPicture::default()
    }
    .svg(&Look::default());
    let document = roxmltree::Document::parse(&svg).unwrap();
    let texts: Vec<&str> = document
        .descendants()
        .filter_map(|node| node.text())
        .collect();
    assert!(texts.contains(&name), "{texts:?}");
    assert!(!svg.contains("<b>"));
}

#[test]
fn what_is_not_drawn_is_counted() {
    let svg = crate::samples::person(200).svg(&Look::default());
    checked(&svg);
    assert!(
        svg.contains("Not drawn: 140 accounts with fewer bits"),
        "{svg}"
    );
    let one_day = Timeline {
        lanes: vec![Lane {
            by_day: BTreeMap::from([(19_000, 3)]),
            ..Lane::default()
        }],
        ..Timeline::default()
    };
    assert!(
        one_day
            .svg(&Look::default())
            .contains("Each bar is a week, from 2022-01-08 to 2022-01-08")
    );
}
