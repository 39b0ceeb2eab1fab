//! Requests that nobody would send: none makes an error of ours, none makes the portal stop.

use std::io::Write;
use std::panic::catch_unwind;

use crate::support::{Page, Site, Visitor, form, read_page};

const PATHS: [&str; 28] = [
    "/",
    "/health",
    "/leave",
    "/notice.json",
    "/en/",
    "/ar/about",
    "/en/check",
    "/en/number",
    "/en/report",
    "/ur/return",
    "/en/report/private",
    "/en/report/sealed",
    "/en/report/keep",
    "/en/report/finish",
    "/en/report/q/urgent",
    "/en/report/q/happened",
    "/en/report/q/when",
    "/en/report/q/loss",
    "/en/report/q/agree",
    "/en/report/now",
    "/en/report/care",
    "/en/report/files",
    "/en/report/files/open",
    "/en/report/files/remove",
    "/en/report/answers",
    "/en/report/sent",
    "/en/report/save",
    "/en/report/kept",
];
const FIELDS: [&str; 24] = [
    "ticket",
    "code",
    "number",
    "website",
    "return",
    "place",
    "work",
    "then",
    "from",
    "kept",
    "browser",
    "name",
    "size",
    "sealed",
    "id",
    "moved",
    "whom",
    "story",
    "call-day-day",
    "call-day-year",
    "amount",
    "currency",
    "reported",
    "agree",
];
const KINDS: [&str; 6] = [
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=XyZ",
    "multipart/form-data; boundary=\"\"",
    "multipart/form-data",
    "application/octet-stream",
    "text/plain",
];
const VALUES: [&str; 20] = [
    "",
    "yes",
    "no",
    "0",
    "-1",
    "99999999999999999999",
    "31",
    "2022",
    "GBP",
    "BCDF-GHJK-MNPQ",
    "07700 900123",
    "'\"><script>alert(1)</script>",
    "\0",
    "\r\nX-Planted: 1",
    "\u{202e}\u{0}\u{fffd}",
    "../../etc/passwd",
    "%00%0d%0a",
    "🦊",
    "0000-0000-0000-0000-0000",
    "answers",
];

struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % most.max(1)
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        (0..self.below(most))
            .map(|_| self.below(256).to_le_bytes()[0])
            .collect()
    }
}

/// Tickets for every purpose, so that requests come past the first check.
fn tickets(visitor: &mut Visitor) -> Vec<String> {
    visitor.begin();
    let pages = [
        "check",
        "number",
        "report",
        "return",
        "report/q/when",
        "report/files",
        "report/answers",
        "report/save",
    ];
    let ticket = |page: &&str| visitor.get(&format!("/en/{page}")).hidden("ticket");
    pages.iter().map(ticket).collect()
}

fn body(dice: &mut Dice, tickets: &[String]) -> Vec<u8> {
    let ticket = &tickets[dice.below(tickets.len())];
    match dice.below(6) {
        0 => dice.bytes(3000),
        1 => {
            let mut part = format!(
                "--XyZ\r\nContent-Disposition: form-data; name=\"ticket\"\r\n\r\n{ticket}\r\n--XyZ\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\n\r\n",
                dice.of(&["file", "ticket", "other", ""]),
                dice.of(&VALUES).replace(['\0', '\r', '\n'], "?"),
            )
            .into_bytes();
            part.extend(dice.bytes(2000));
            part.extend_from_slice(
                dice.of(&["\r\n--XyZ--\r\n", "\r\n--XyZ\r\n", "--", ""])
                    .as_bytes(),
            );
            part
        }
        _ => {
            let mut pairs = vec![("ticket", ticket.as_str())];
            for _ in 0..dice.below(8) {
                pairs.push((dice.of(&FIELDS), dice.of(&VALUES)));
            }
            let at = dice.below(pairs.len());
            pairs.swap(0, at);
            form(&pairs).into_bytes()
        }
    }
}

/// One request, whole or broken; its answer, if the connection stood that long.
fn send(visitor: &mut Visitor, dice: &mut Dice, tickets: &[String]) -> Option<Page> {
    let mut path = dice.of(&PATHS).to_owned();
    match dice.below(12) {
        0 => path.push_str(dice.of(&[
            "?then=answers",
            "?sure",
            "?after=loss",
            "?after=<b>",
            "?%00",
            "/",
            "/../",
        ])),
        1 => {
            path = format!(
                "/en/report/files/part/{}/{}",
                "0".repeat(dice.below(40)),
                dice.of(&VALUES)
            )
        }
        2 => path = format!("/{}", dice.of(&VALUES)),
        _ => {}
    }
    let path: String = path.chars().filter(char::is_ascii_graphic).collect();
    let method = dice.of(&["GET", "POST", "POST", "POST", "HEAD", "PUT", "OPTIONS"]);
    let body = if method == "POST" {
        body(dice, tickets)
    } else {
        Vec::new()
    };
    visitor.extra = match dice.below(8) {
        0 => vec![format!(
            "X-Portal-Ticket: {}",
            tickets[dice.below(tickets.len())]
        )],
        1 => vec!["Accept-Language: ar;q=x,,;;,\u{e9}".into()],
        2 => vec!["Range: bytes=0-1".into(), "If-None-Match: *".into()],
        3 => vec!["X-Forwarded-For: , , ::1, x".into()],
        4 => vec!["Cookie: __Host-report=0; __Host-visit=; =; ;".into()],
        _ => Vec::new(),
    };
    let length = (method == "POST").then_some(body.len());
    let mut request = visitor
        .head(method, &path, length, dice.of(&KINDS))
        .into_bytes();
    request.extend_from_slice(&body);
    // Some are broken on their way.
    if dice.below(10) == 0 && !request.is_empty() {
        let at = dice.below(request.len());
        match dice.below(3) {
            0 => request.truncate(at),
            1 => request[at] = dice.below(256).to_le_bytes()[0],
            _ => request.insert(at, b'\n'),
        }
    }
    let mut stream = visitor.connect();
    let _ = stream.write_all(&request);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    catch_unwind(move || read_page(&mut stream).ok()).unwrap_or(None)
}

#[test]
fn no_request_makes_an_error_of_ours() {
    let is_soak = std::env::var_os("UNSPOOF_SOAK").is_some();
    let (rounds, each) = if is_soak { (400, 500) } else { (8, 250) };
    let site = Site::with(
        vec![
            "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p".into(),
            "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg".into(),
        ],
        true,
        |_| {},
    );
    let mut statuses = std::collections::BTreeMap::new();
    for round in 0..rounds {
        let mut dice = Dice(0x9e37_79b9 + round);
        let mut visitor = site.visitor();
        let tickets = tickets(&mut visitor);
        let cookies = visitor.cookies.clone();
        for _ in 0..each {
            site.clock.advance(3000);
            visitor.cookies.clone_from(&cookies);
            let Some(page) = send(&mut visitor, &mut dice, &tickets) else {
                *statuses.entry(0).or_insert(0) += 1;
                continue;
            };
            *statuses.entry(page.status).or_insert(0) += 1;
            let text = String::from_utf8_lossy(&page.body).into_owned();
            assert!(page.status < 500, "{}: {text}", page.status);
            assert!(!text.contains("<script>alert"), "{text}");
            assert!(page.header("X-Planted").is_none());
            let policy = page.header("Content-Security-Policy");
            assert!(policy.is_some_and(|policy| !policy.contains("unsafe")));
        }
    }
    // It came past the first checks, and the portal is sound.
    for status in [200, 303, 403, 404, 415, 422] {
        assert!(statuses.contains_key(&status), "{statuses:?}");
    }
    assert_eq!(site.visitor().get("/en/").status, 200);
    assert!(
        !site.metrics().contains("event=\"failed\""),
        "{}",
        site.metrics()
    );
}
