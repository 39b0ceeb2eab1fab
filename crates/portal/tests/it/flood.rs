//! Floods: buckets, places in the queue, work, connections; and what an operator sees of it.

use std::process::Command;

use unspoof_portal::clock::SystemClock;

use crate::pages::{judged, shots};
use crate::support::{Page, Site, Visitor, form, has};

/// Asks about a number without a pause.
fn ask(visitor: &mut Visitor, pairs: &[(&str, &str)]) -> Page {
    let kind = "application/x-www-form-urlencoded";
    visitor.ask("POST", "/en/number", kind, Some(form(pairs).as_bytes()))
}

/// A visitor of a network that has no token left, with a ticket and a place in the queue.
fn queued(site: &Site) -> (Visitor, String, Page) {
    let mut visitor = site.visitor();
    let ticket = visitor.get("/en/number").hidden("ticket");
    site.clock.advance(5000);
    let pairs = [("ticket", ticket.as_str()), ("number", "07700 900123")];
    let page = (0..40)
        .map(|_| ask(&mut visitor, &pairs))
        .find(|page| page.status == 429)
        .unwrap();
    (visitor, ticket, page)
}

fn zero_bits(place: &str, answer: &str) -> u32 {
    use sha2::{Digest, Sha256};
    let hash = Sha256::digest(format!("{place}.{answer}").as_bytes());
    u32::from_be_bytes(*hash.first_chunk().unwrap()).leading_zeros()
}

#[test]
fn a_place_in_the_queue_lets_through_once() {
    let site = Site::new();
    let (mut visitor, ticket, page) = queued(&site);
    let place = page.hidden("place");
    assert_eq!(
        page.hidden("number"),
        "07700 900123",
        "nothing entered is lost"
    );
    let pairs = [
        ("ticket", ticket.as_str()),
        ("number", "07700 900123"),
        ("place", place.as_str()),
    ];
    assert_eq!(ask(&mut visitor, &pairs).status, 429, "not before its time");
    site.clock.advance(8000);
    assert_eq!(ask(&mut visitor, &pairs).status, 200);
    assert_eq!(ask(&mut visitor, &pairs).status, 429, "not again");
    // Nobody else's, and not for another form.
    let (mut other, theirs, _) = queued(&site);
    site.clock.advance(8000);
    let taken = [
        ("ticket", theirs.as_str()),
        ("number", "07700 900123"),
        ("place", &place),
    ];
    assert_eq!(ask(&mut other, &taken).status, 429);
    assert!(site.metrics().contains("event=\"waited\"} 1"));
}

#[test]
fn work_is_another_way_through_the_queue_and_not_the_only_one() {
    let site = Site::new();
    let (mut visitor, ticket, page) = queued(&site);
    let place = page.hidden("place");
    let answer = (0_u32..)
        .map(|n| n.to_string())
        .find(|answer| zero_bits(&place, answer) >= 16)
        .unwrap();
    let no_answer = (0_u32..)
        .map(|n| n.to_string())
        .find(|answer| zero_bits(&place, answer) < 16)
        .unwrap();
    let mut send = |answer: &str| {
        let pairs = [
            ("ticket", ticket.as_str()),
            ("number", "07700 900123"),
            ("place", place.as_str()),
            ("work", answer),
        ];
        ask(&mut visitor, &pairs).status
    };
    assert_eq!(send(&no_answer), 429);
    assert_eq!(send(&answer), 200, "at once");
    assert_eq!(send(&answer), 429, "once");
    assert!(site.metrics().contains("event=\"worked\"} 1"));
}

#[test]
fn a_browser_works_its_way_through_the_queue() {
    let site = Site::running_with(SystemClock);
    let mut flood = Visitor::at(site.address, None);
    let ticket = flood.get("/en/number").hidden("ticket");
    std::thread::sleep(std::time::Duration::from_millis(1600));
    let pairs = [("ticket", ticket.as_str()), ("number", "07700 900123")];
    while ask(&mut flood, &pairs).status == 200 {}
    let base = format!("http://localhost:{}", site.address.port());
    if judged("queue.cjs", &[&base, "en", "320", &shots()], 3).is_some() {
        assert!(site.metrics().contains("event=\"worked\"} 1"));
    }
}

/// A text's code is the fast lane: whoever has one begins a report when a neighbour floods.
#[test]
fn a_text_code_passes_the_queue() {
    let site = Site::new();
    let mut flood = site.visitor();
    let ticket = flood.get("/en/report").hidden("ticket");
    let kind = "application/x-www-form-urlencoded";
    let begin = |visitor: &mut Visitor, pairs: &[(&str, &str)]| {
        visitor.cookies.remove("__Host-report");
        visitor
            .ask("POST", "/en/report", kind, Some(form(pairs).as_bytes()))
            .status
    };
    while begin(&mut flood, &[("ticket", &ticket)]) == 303 {}
    assert_eq!(begin(&mut flood, &[("ticket", &ticket)]), 429);
    assert_eq!(
        begin(&mut flood, &[("ticket", &ticket), ("code", &site.code(0))]),
        303
    );
    let wrong = [("ticket", ticket.as_str()), ("code", "BCDF-GHJK-MNPQ")];
    assert_eq!(begin(&mut flood, &wrong), 429);
}

#[test]
fn one_network_cannot_take_all_connections() {
    let site = Site::new();
    let held: Vec<_> = (0..300).map(|_| site.visitor().connect()).collect();
    // The portal counts as it accepts.
    let has_counted = |_: &u32| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        site.server.is_some() && has_closed(&held[299])
    };
    assert!((0..100).any(|n| has_counted(&n)), "the 300th is closed");
    assert!(!has_closed(&held[0]));
    if has("curl") {
        let url = format!("http://127.0.0.1:{}/en/", site.address.port());
        let from = |address: &str| {
            let curl = Command::new("curl")
                .args(["-s", "--max-time", "20", "--interface", address, &url])
                .output();
            curl.unwrap().status.success()
        };
        assert!(!from("127.0.0.9"), "the same network");
        assert!(from("127.9.9.9"), "another one");
    }
    drop(held);
    let is_back = |_: &u32| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        let mut one = site.visitor().connect();
        use std::io::Write;
        let _ = one.write_all(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
        crate::support::read_page(&mut one).is_ok()
    };
    assert!((0..100).any(|n| is_back(&n)));
}

fn has_closed(stream: &std::net::TcpStream) -> bool {
    stream
        .set_read_timeout(Some(std::time::Duration::from_millis(5)))
        .unwrap();
    let mut byte = [0];
    match stream.peek(&mut byte) {
        Ok(read) => read == 0,
        Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
    }
}

/// A file cannot wait in a queue: its form comes back, and says so.
#[test]
fn too_many_files_are_told_to_come_back() {
    let site = Site::new();
    let mut visitor = site.visitor();
    visitor.begin();
    let ticket = visitor.get("/en/report/files").hidden("ticket");
    let mut refused = None;
    for n in 0..80 {
        let page = visitor.attach_with(&ticket, &format!("{n}.txt"), b"x");
        if page.status == 429 {
            refused = Some(page);
            break;
        }
        let listed = visitor.get("/en/report/files").text();
        if let Some((_, after)) = listed.split_once("name=\"id\" value=\"") {
            let id = after.split_once('"').unwrap().0.to_owned();
            let pairs = [("ticket", ticket.as_str()), ("id", &id)];
            let kind = "application/x-www-form-urlencoded";
            let body = form(&pairs);
            visitor.ask(
                "POST",
                "/en/report/files/remove",
                kind,
                Some(body.as_bytes()),
            );
        }
    }
    let page = refused.unwrap();
    assert!(
        page.text().contains("This one was not taken") && page.text().contains("type=\"file\"")
    );
    assert!(page.header("Retry-After").is_some());
}

/// A flood of reports and files in the making stops before the disk is full: what is sent still finds
/// a place.
#[test]
fn the_last_of_the_disk_is_kept_for_what_is_sent() {
    let mut site = Site::new();
    let mut visitor = site.visitor();
    visitor.begin();
    visitor.fill("/en/report/q/happened", &[("story", "x")]);
    site.reserve_bytes = u64::MAX - 1;
    site.restart();
    visitor.address = site.address;
    let ticket = visitor.get("/en/report/files").hidden("ticket");
    assert_eq!(visitor.attach_with(&ticket, "a.txt", b"x").status, 429);
    let mut other = site.visitor();
    let ticket = other.get("/en/report").hidden("ticket");
    let begun = other.post("/en/report", &[("ticket", &ticket)]);
    assert!(begun.status == 429 && begun.title().starts_with("One moment"));
    let number = other.fill("/en/number", &[("number", "07700 900123")]);
    assert_eq!(number.status, 200);
    let sent = visitor.fill("/en/report/answers", &[]);
    assert!(
        sent.title().starts_with("Your report was sent"),
        "{}",
        sent.title()
    );
    assert!(site.metrics().contains("event=\"disk_low\"} 2"));
}

/// What an operator watches says how many, never who.
#[test]
fn health_and_metrics_hold_nothing_personal() {
    let site = Site::with(
        vec![
            "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p".into(),
            "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg".into(),
        ],
        true,
        |_| {},
    );
    let mut visitor = site.visitor();
    visitor.extra.push("X-Forwarded-For: 198.51.100.77".into());
    visitor.begin();
    visitor.fill("/en/report/q/happened", &[("story", "MARKER")]);
    visitor.fill("/en/check", &[("code", &site.code(0))]);
    visitor.fill("/en/number", &[("number", "07700 900123")]);
    visitor.fill("/en/report/answers", &[]);
    let told = site.metrics();
    assert!(told.contains("event=\"statement_sealed\"} 1"), "{told}");
    for line in told.lines().filter(|line| !line.starts_with("# TYPE ")) {
        let (name, count) = line.rsplit_once(' ').unwrap();
        assert!(count.parse::<u32>().is_ok(), "{line}");
        let event = name
            .strip_prefix("unspoof_portal_events_total{event=\"")
            .and_then(|rest| rest.strip_suffix("\"}"))
            .unwrap_or_else(|| name.strip_prefix("unspoof_portal_").unwrap());
        let is_plain = |c: char| c.is_ascii_lowercase() || c == '_';
        assert!(event.chars().all(is_plain), "{line}");
    }
    let observe = site.server.as_ref().unwrap().observe.unwrap();
    let mut operator = Visitor::at(observe, None);
    assert_eq!(operator.get("/health").text(), "ok\n");
    assert_eq!(operator.get("/en/").status, 404);
    // Not where the public is.
    assert_eq!(site.visitor().get("/metrics").status, 404);
}
