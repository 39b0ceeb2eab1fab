//! What somebody hostile sends.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use crate::support::{Site, Visitor, form, read_page};

/// Sends bytes and reads all answers until the server closes or is silent.
fn raw(site: &Site, bytes: &[u8]) -> String {
    let mut stream = site.visitor().connect();
    stream
        .set_read_timeout(Some(Duration::from_millis(700)))
        .unwrap();
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(read) = stream.read(&mut piece) {
        if read == 0 {
            break;
        }
        answer.extend_from_slice(&piece[..read]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn a_request_that_two_programs_could_read_in_two_ways_ends_the_connection() {
    let site = Site::new();
    for smuggled in [
        "POST /en/check HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /en/about HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /en/check HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 44\r\n\r\nGET /en/about HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /en/check HTTP/1.1\r\nHost: a\r\nContent-Length: 44\r\n\r\nGET /en/about HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /en/check HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\nGET /en/about HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /en/check HTTP/1.1\nHost: a\n\nGET /en/about HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /en/check HTTP/1.1\r\nHost: a\r\nX: a\r\n\tb: c\r\n\r\nGET /en/about HTTP/1.1\r\nHost: a\r\n\r\n",
    ] {
        let answer = raw(&site, smuggled.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 4"), "{smuggled:?}: {answer}");
        assert_eq!(
            answer.matches("HTTP/1.1 ").count(),
            1,
            "{smuggled:?}: {answer}"
        );
        assert!(answer.contains("Connection: close"));
    }
    // Two honest requests on one connection get two answers.
    let two = "GET /health HTTP/1.1\r\nHost: a\r\n\r\nGET /health HTTP/1.1\r\nHost: a\r\n\r\n";
    assert_eq!(
        raw(&site, two.as_bytes()).matches("HTTP/1.1 200").count(),
        2
    );
}

#[test]
fn nothing_sent_makes_a_header() {
    let site = Site::new();
    let answer = raw(
        &site,
        b"GET /?a=%0d%0aSet-Cookie:x HTTP/1.1\r\nHost: a\r\nAccept-Language: en%0d%0aX-Planted: 1\r\n\r\n",
    );
    assert!(
        answer.starts_with("HTTP/1.1 303")
            && !answer.contains("Planted")
            && !answer.contains("Cookie:x")
    );
    let mut visitor = site.visitor();
    visitor.extra.push("X-Forwarded-Host: evil.example".into());
    assert!(!visitor.get("/en/").text().contains("evil.example"));
}

#[test]
fn paths_lead_to_pages_alone() {
    let site = Site::new();
    for path in [
        "/../../etc/passwd",
        "/en/../../etc/passwd",
        "/en/%2e%2e/%2e%2e/etc/passwd",
        "//en/",
        "/en//check",
        "/s/../portal.css",
        "/s/0000000000000000/portal.css",
        "/en/report/q/../../check",
        "/xx/",
        "/EN/",
        "/en/report/files/part/../../../lock",
        "/en/check%00",
        "/frozen",
        "/en/report/q/urgent/",
    ] {
        let status = site.visitor().get(path).status;
        assert!(
            status == 404 || (status == 200 && path.contains("/report/")),
            "{path}: {status}"
        );
        assert!(!site.visitor().get(path).text().contains("root:"));
    }
    assert_eq!(site.visitor().ask("DELETE", "/en/", "", None).status, 405);
    let head = raw(&site, b"HEAD /en/ HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 200") && head.ends_with("\r\n\r\n"));
}

#[test]
fn huge_bodies_and_heads_are_refused_before_they_are_read() {
    let site = Site::new();
    let mut stream = site.visitor().connect();
    let head = "POST /en/number HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 99999999999\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    assert_eq!(read_page(&mut stream).unwrap().status, 413);
    let long = format!(
        "GET /en/ HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n",
        "a".repeat(20_000)
    );
    assert!(raw(&site, long.as_bytes()).starts_with("HTTP/1.1 431"));
    let many = format!(
        "GET /en/ HTTP/1.1\r\nHost: a\r\n{}\r\n",
        "X: a\r\n".repeat(100)
    );
    assert!(raw(&site, many.as_bytes()).starts_with("HTTP/1.1 431"));
    let mut visitor = site.visitor();
    visitor.begin();
    let large = visitor.attach("large.bin", &vec![1; 25 * 1024 * 1024 + 1]);
    assert!(large.status == 422 && large.text().contains("larger than 25 MB"));
    let most = visitor.attach("most.bin", &vec![1; 25 * 1024 * 1024]);
    assert!(most.text().contains("most.bin"));
    assert_eq!(
        std::fs::read_dir(site.spool().join("pending"))
            .unwrap()
            .count(),
        1
    );
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the test is about how long it takes"
)]
fn a_slow_client_holds_up_nobody_and_is_let_go() {
    let site = Site::new();
    let slow: Vec<_> = (0..200)
        .map(|_| {
            let mut stream = site.visitor().connect();
            stream.write_all(b"GET /en/ HTTP/1.1\r\nHost: a").unwrap();
            stream
        })
        .collect();
    let started = Instant::now();
    assert_eq!(site.visitor().get("/en/").status, 200);
    assert!(started.elapsed() < Duration::from_secs(2));
    let mut first = slow.into_iter().next().unwrap();
    assert_eq!(read_page(&mut first).unwrap().status, 408);
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_form_without_our_ticket_does_nothing() {
    let site = Site::new();
    let mut visitor = site.visitor();
    visitor.begin();
    let mut stranger = site.visitor();
    stranger.begin();
    let theirs = stranger.get("/en/report/answers").hidden("ticket");
    for ticket in ["", "0.00", &theirs] {
        let page = visitor.post(
            "/en/report/q/claimed",
            &[("ticket", ticket), ("claimed", "planted")],
        );
        assert_eq!(page.status, 422, "{ticket}");
        assert!(!visitor.get("/en/report/answers").text().contains("planted"));
    }
    // What was entered is shown again, with a ticket of ours: one more press and it is taken.
    let page = visitor.post(
        "/en/report/q/claimed",
        &[("ticket", "0.00"), ("claimed", "my bank")],
    );
    assert!(page.text().contains("my bank"));
    visitor.post(
        "/en/report/q/claimed",
        &[("ticket", &page.hidden("ticket")), ("claimed", "my bank")],
    );
    assert!(visitor.get("/en/report/answers").text().contains("my bank"));
}

#[test]
fn another_sites_form_is_refused() {
    let site = Site::new();
    let mut visitor = site.visitor();
    visitor.begin();
    let ticket = visitor.get("/en/report/q/claimed").hidden("ticket");
    for line in [
        "Origin: https://evil.example",
        "Origin: null",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
    ] {
        visitor.extra = vec![line.into()];
        let page = visitor.post(
            "/en/report/q/claimed",
            &[("ticket", &ticket), ("claimed", "planted")],
        );
        assert_eq!(page.status, 403, "{line}");
    }
    visitor.extra = vec![
        format!("Origin: http://{}", site.address),
        "Sec-Fetch-Site: same-origin".into(),
    ];
    let page = visitor.post(
        "/en/report/q/claimed",
        &[("ticket", &ticket), ("claimed", "mine")],
    );
    assert!(page.title().starts_with("Which bank"));
}

/// A stranger who makes this browser open a report of theirs would read what is written into it.
#[test]
fn a_stranger_cannot_sign_a_visitor_in_to_their_report() {
    let site = Site::new();
    let mut stranger = site.visitor();
    stranger.begin();
    let code = stranger.cookies["__Host-report"].clone();
    let ticket = stranger.get("/en/return").hidden("ticket");
    let mut visitor = site.visitor();
    visitor.get("/en/");
    visitor.post("/en/return", &[("ticket", &ticket), ("return", &code)]);
    assert!(!visitor.cookies.contains_key("__Host-report"));
    // A cookie that was planted beside the visitor's own makes neither count.
    visitor.begin();
    let own = visitor.cookies["__Host-report"].clone();
    visitor.cookies.insert(
        "__Host-report".into(),
        format!("{own}; __Host-report={code}"),
    );
    assert!(
        visitor
            .get("/en/report/answers")
            .title()
            .starts_with("No report is open")
    );
    // A code that nobody drew opens nothing and makes nothing.
    visitor
        .cookies
        .insert("__Host-report".into(), "A".repeat(20));
    assert!(
        visitor
            .get("/en/report/answers")
            .title()
            .starts_with("No report is open")
    );
}

#[test]
fn no_page_with_anything_of_a_visitor_may_be_kept() {
    let site = Site::new();
    let mut visitor = site.visitor();
    visitor.begin();
    visitor.fill("/en/report/q/claimed", &[("claimed", "x")]);
    for path in [
        "/en/",
        "/en/check",
        "/en/report/answers",
        "/en/report/save",
        "/en/report/q/claimed",
        "/en/report/files",
    ] {
        assert_eq!(
            visitor.get(path).header("Cache-Control"),
            Some("no-store"),
            "{path}"
        );
    }
    let left = visitor.get("/leave");
    assert_eq!(
        (left.status, left.header("Location")),
        (303, Some("https://example.org/weather"))
    );
    assert!(left.header("Clear-Site-Data").is_some() && visitor.cookies.is_empty());
}

#[test]
fn every_answer_carries_the_headers() {
    let site = Site::new();
    let mut visitor = site.visitor();
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/en/"),
        ("GET", "/nothing"),
        ("PUT", "/en/"),
        ("GET", "/notice.json"),
    ] {
        let page = visitor.ask(method, path, "", None);
        let policy = page.header("Content-Security-Policy").unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"));
        assert!(policy.contains("form-action 'self'") && policy.contains("frame-ancestors 'none'"));
        assert_eq!(page.header("X-Content-Type-Options"), Some("nosniff"));
        assert_eq!(
            page.header("Cross-Origin-Resource-Policy"),
            Some("same-origin")
        );
        assert!(page.header("Strict-Transport-Security").is_some());
        assert!(page.header("Server").is_none());
    }
}

#[test]
fn a_flood_gets_places_in_a_queue_and_others_go_on() {
    let site = Site::with(
        vec![
            "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p".into(),
            "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg".into(),
        ],
        true,
        |_| {},
    );
    let from = |network: u8| {
        let mut visitor = site.visitor();
        visitor
            .extra
            .push(format!("X-Forwarded-For: 198.51.{network}.7"));
        visitor
    };
    let mut flood = from(1);
    let ticket = flood.get("/en/check").hidden("ticket");
    let code = unspoof_portal::codes::Code::of_payload(b"BCDFGHJKMNP")
        .unwrap()
        .reveal()
        .to_string();
    let pairs = [("ticket", ticket.as_str()), ("code", code.as_str())];
    site.clock.advance(5000);
    let mut queued = None;
    // Without waiting in between: the clock stands still.
    let body = form(&pairs);
    for _ in 0..40 {
        let page = flood.ask(
            "POST",
            "/en/check",
            "application/x-www-form-urlencoded",
            Some(body.as_bytes()),
        );
        if page.status == 429 {
            queued = Some(page);
        }
    }
    let queued = queued.expect("a queue page");
    assert!(queued.title().starts_with("One moment") && queued.header("Retry-After").is_some());
    assert_eq!(queued.hidden("code"), code, "what was entered is kept");
    assert_eq!(
        from(2).fill("/en/check", &[("code", &site.code(0))]).status,
        200
    );
    // The place is good after its time, not before.
    let place = queued.hidden("place");
    let with_place = [
        ("ticket", ticket.as_str()),
        ("code", code.as_str()),
        ("place", place.as_str()),
    ];
    let early = form(&with_place);
    for _ in 0..40 {
        flood.ask(
            "POST",
            "/en/check",
            "application/x-www-form-urlencoded",
            Some(body.as_bytes()),
        );
    }
    let page = flood.ask(
        "POST",
        "/en/check",
        "application/x-www-form-urlencoded",
        Some(early.as_bytes()),
    );
    assert_eq!(page.status, 429);
    site.clock.advance(1000);
    let page = flood.post("/en/check", &with_place);
    assert_eq!(page.status, 200, "{}", page.title());
    assert!(site.metrics().contains("event=\"queued\""));
}

#[test]
fn a_form_filled_faster_than_anybody_types_is_shown_again() {
    let site = Site::new();
    let mut visitor = site.visitor();
    let ticket = visitor.get("/en/number").hidden("ticket");
    let body = form(&[("ticket", &ticket), ("number", "07700 900123")]);
    let page = visitor.ask(
        "POST",
        "/en/number",
        "application/x-www-form-urlencoded",
        Some(body.as_bytes()),
    );
    assert!(
        page.status == 422
            && page.text().contains("very quick")
            && page.text().contains("07700 900123")
    );
    let after_a_day = visitor.get("/en/number").hidden("ticket");
    site.clock.advance(25 * 3_600_000);
    let page = visitor.post(
        "/en/number",
        &[("ticket", &after_a_day), ("number", "07700 900123")],
    );
    assert!(page.status == 422 && page.text().contains("Nothing is lost"));
}

#[test]
fn attachments_are_limited_told_by_content_and_leave_nothing_when_broken() {
    let site = Site::new();
    let mut visitor = site.visitor();
    visitor.begin();
    let pending = || {
        std::fs::read_dir(site.spool().join("pending"))
            .unwrap()
            .count()
    };
    let page = visitor.attach("../../evil.jpg\"", b"");
    assert_eq!(page.status, 422);
    let page = visitor.attach("page.jpg", b"<html><script>alert(1)</script>");
    assert!(page.text().contains("text") && !page.text().contains("<script>alert"));
    let ticket = visitor.get("/en/report/files").hidden("ticket");
    let mut cut = visitor.connect();
    let head = visitor.head(
        "POST",
        "/en/report/files",
        Some(1_000_000),
        "multipart/form-data; boundary=XyZ",
    );
    cut.write_all(head.as_bytes()).unwrap();
    cut.write_all(format!("--XyZ\r\nContent-Disposition: form-data; name=\"ticket\"\r\n\r\n{ticket}\r\n--XyZ\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhalf").as_bytes()).unwrap();
    drop(cut);
    let whole = |count| {
        (0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(20));
            pending() == count
        })
    };
    assert!(whole(1), "{}", pending());
    let text = visitor.get("/en/report/files").text();
    let id = text
        .split_once("name=\"id\" value=\"")
        .unwrap()
        .1
        .split_once('"')
        .unwrap()
        .0
        .to_owned();
    let page = visitor.post(
        "/en/report/files/remove",
        &[("ticket", &ticket), ("id", &id)],
    );
    assert!(page.text().contains("No files added"));
    assert_eq!(pending(), 0);
    for n in 0..20 {
        let page = visitor.attach(&format!("{n}.txt"), b"x");
        assert_eq!(page.status, 200, "{}", page.text());
    }
    assert!(
        visitor
            .get("/en/report/files")
            .text()
            .contains("the most we can take")
    );
    assert_eq!(visitor.attach_with(&ticket, "21.txt", b"x").status, 422);
    assert_eq!(pending(), 20);
}

#[test]
fn a_file_in_pieces_goes_on_after_a_break_and_only_for_its_owner() {
    let site = Site::new();
    let mut visitor = site.visitor();
    visitor.begin();
    let ticket = visitor.get("/en/report/files").hidden("ticket");
    let content = vec![3_u8; 600_000];
    let open = visitor.post_only(
        "/en/report/files/open",
        &[
            ("ticket", &ticket),
            ("name", "long.bin"),
            ("size", "600000"),
        ],
    );
    let told: serde_json::Value = serde_json::from_slice(&open.body).unwrap();
    let id = told["id"].as_str().unwrap().to_owned();
    visitor.extra.push(format!("X-Portal-Ticket: {ticket}"));
    let part = |visitor: &mut Visitor, at: usize, to: usize| {
        let path = format!("/en/report/files/part/{id}/{at}");
        visitor.ask(
            "POST",
            &path,
            "application/octet-stream",
            Some(&content[at..to]),
        )
    };
    assert_eq!(part(&mut visitor, 0, 250_000).status, 200);
    assert_eq!(
        part(&mut visitor, 0, 250_000).status,
        409,
        "a piece that came twice"
    );
    let at = visitor.get(&format!("/en/report/files/part/{id}"));
    assert!(at.text().contains("250000"));
    let mut stranger = site.visitor();
    stranger.begin();
    assert_eq!(
        stranger.get(&format!("/en/report/files/part/{id}")).status,
        404
    );
    assert_eq!(part(&mut visitor, 250_000, 600_000).status, 200);
    visitor.extra.clear();
    assert!(visitor.get("/en/report/files").text().contains("long.bin"));
}

#[test]
fn a_trapped_report_is_kept_and_marked() {
    let site = Site::new();
    let mut visitor = site.visitor();
    let page = visitor.fill("/en/report", &[("website", "http://spam.example")]);
    assert!(
        page.title().starts_with("Did money move"),
        "nobody is told, nobody is refused"
    );
}

/// A form says what it says in one way alone: not in its address, not twice, not as another kind.
#[test]
fn a_form_cannot_say_two_things() {
    let site = Site::new();
    let mut visitor = site.visitor();
    visitor.begin();
    let ticket = visitor.get("/en/report/q/claimed").hidden("ticket");
    // Nothing of the address counts as sent.
    let page = visitor.post(
        &format!("/en/report/q/claimed?ticket={ticket}&claimed=planted"),
        &[("claimed", "mine")],
    );
    assert_eq!(page.status, 422);
    // The first of two counts, for the ticket as for the answer.
    let twice = [("ticket", "0.00"), ("ticket", &ticket), ("claimed", "mine")];
    assert_eq!(visitor.post("/en/report/q/claimed", &twice).status, 422);
    let twice = [
        ("ticket", ticket.as_str()),
        ("claimed", "mine"),
        ("claimed", "planted"),
    ];
    visitor.post("/en/report/q/claimed", &twice);
    let answers = visitor.get("/en/report/answers").text();
    assert!(answers.contains("mine") && !answers.contains("planted"));
    // Two answers to a question that has one.
    let page = visitor.fill("/en/report/q/urgent", &[("moved", "yes"), ("moved", "no")]);
    assert_eq!(page.status, 422);
    // Another kind of body is not read as a form.
    for kind in [
        "text/plain",
        "application/json",
        "multipart/form-data; boundary=XyZ",
        "",
    ] {
        let body = form(&[("ticket", &ticket), ("claimed", "planted")]);
        let page = visitor.ask("POST", "/en/report/q/claimed", kind, Some(body.as_bytes()));
        assert_eq!(page.status, 415, "{kind}");
    }
    // Within a form with a file: the ticket first, one file, nothing else.
    let ticket = visitor.get("/en/report/files").hidden("ticket");
    let part = |name: &str, content: &str| {
        format!("--XyZ\r\nContent-Disposition: form-data; name=\"{name}\"{content}\r\n")
    };
    let file = part("file", "; filename=\"a\"\r\n\r\nx");
    let good = part("ticket", &format!("\r\n\r\n{ticket}"));
    for body in [
        format!("{file}{good}--XyZ--\r\n"),
        format!("{good}{file}{file}--XyZ--\r\n"),
        format!("{good}{}--XyZ--\r\n", part("other", "\r\n\r\nx")),
        format!("{good}{file}"),
    ] {
        let kind = "multipart/form-data; boundary=XyZ";
        let page = visitor.ask("POST", "/en/report/files", kind, Some(body.as_bytes()));
        assert_eq!(page.status, 422, "{body}");
    }
    assert!(
        visitor
            .get("/en/report/files")
            .text()
            .contains("No files added")
    );
}

/// A body that stops in its midst is waited for as long as a bad line needs, and no longer.
#[test]
fn a_body_that_stops_is_let_go() {
    let site = Site::new();
    let mut visitor = site.visitor();
    let ticket = visitor.get("/en/number").hidden("ticket");
    let mut stream = visitor.connect();
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    let kind = "application/x-www-form-urlencoded";
    let head = visitor.head("POST", "/en/number", Some(1000), kind);
    stream.write_all(head.as_bytes()).unwrap();
    stream
        .write_all(format!("ticket={ticket}&number=07700").as_bytes())
        .unwrap();
    assert_eq!(read_page(&mut stream).unwrap().status, 408);
    let records = unspoof_portal::spool::read(&site.spool(), &Default::default()).unwrap();
    assert_eq!(records.records.len(), 0);
}
