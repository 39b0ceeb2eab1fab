//! The stand-in for GOV.UK Notify, used by the official clients for Python and Node: what they take
//! from it is what they would take from the service.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use unspoof_smsc::notify::{Faults, NotifyError, NotifyStandIn, Settings};

use crate::peers::{node_folder, python};

fn anywhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

fn start(settings: Settings) -> NotifyStandIn {
    NotifyStandIn::start(anywhere(), settings).unwrap()
}

fn says_ok(output: &Output) {
    let said = String::from_utf8_lossy(&output.stdout);
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.trim_end() == "ok",
        "{said}{wrong}"
    );
}

#[test]
fn the_official_python_client_takes_it_for_the_service() {
    let Some(python) = python("import notifications_python_client") else {
        return;
    };
    let settings = Settings {
        per_minute: 60,
        burst: 30,
        page: 3,
        ..Settings::default()
    };
    let stand_in = start(settings.clone());
    let output = Command::new(python)
        .arg("tests/peers/notify.py")
        .args([stand_in.url(), stand_in.api_key(), settings.template_id])
        .output()
        .unwrap();
    says_ok(&output);
    let twice = stand_in.texts_by_number().get("07700 900123").copied();
    assert_eq!(twice, Some(2), "as Notify, it takes a reference twice");
}

#[test]
fn the_official_node_client_takes_it_for_the_service() {
    let Some(folder) = node_folder() else { return };
    let stand_in = start(Settings::default());
    let output = Command::new("node")
        .arg("tests/peers/notify.cjs")
        .arg(folder)
        .args([
            stand_in.url(),
            stand_in.api_key(),
            Settings::default().template_id,
        ])
        .output()
        .unwrap();
    says_ok(&output);
}

#[test]
fn it_stands_in_on_loopback_alone() {
    for place in ["0.0.0.0:0", "192.0.2.1:80", "[2001:db8::1]:80"] {
        let refused = NotifyStandIn::start(place.parse().unwrap(), Settings::default());
        assert!(
            matches!(refused, Err(NotifyError::NotLoopback { .. })),
            "{place}"
        );
        let settings = Settings {
            callback: Some((place.parse().unwrap(), "token".into())),
            ..Settings::default()
        };
        let refused = NotifyStandIn::start(anywhere(), settings);
        assert!(
            matches!(refused, Err(NotifyError::NotLoopback { .. })),
            "{place}"
        );
    }
}

/// A receipt comes with its token, and again until somebody takes it.
#[test]
fn receipts_are_posted_until_they_are_taken() {
    let Some(python) = python("import notifications_python_client") else {
        return;
    };
    let listener = TcpListener::bind(anywhere()).unwrap();
    let settings = Settings {
        callback: Some((listener.local_addr().unwrap(), "a-token".into())),
        callback_every_ms: 10,
        faults: Faults {
            callback_twice: 1000,
            ..Faults::default()
        },
        ..Settings::default()
    };
    let stand_in = start(settings);
    let sends = format!(
        "from notifications_python_client.notifications import NotificationsAPIClient as C\n\
         C({:?}, base_url={:?}).send_sms_notification('07700900002', {:?}, {{'text': 'x'}}, reference='r')",
        stand_in.api_key(),
        stand_in.url(),
        Settings::default().template_id,
    );
    assert!(
        Command::new(python)
            .args(["-c", &sends])
            .status()
            .unwrap()
            .success()
    );
    // Refused once, then taken, and then posted a second time.
    for status in ["503 Busy", "200 OK", "200 OK"] {
        let (mut line, _) = listener.accept().unwrap();
        line.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"}") {
            let mut octets = [0; 4096];
            let count = line.read(&mut octets).unwrap();
            assert!(count > 0);
            request.extend_from_slice(octets.get(..count).unwrap());
        }
        let request = String::from_utf8(request).unwrap();
        assert!(
            request.contains("Authorization: Bearer a-token\r\n"),
            "{request}"
        );
        let (_, body) = request.split_once("\r\n\r\n").unwrap();
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["status"], "permanent-failure");
        assert_eq!(body["reference"], "r");
        assert_eq!(body["to"], "07700900002");
        write!(line, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").unwrap();
    }
}

#[test]
fn it_runs_as_a_program_and_listens_on_loopback_alone() {
    use std::io::{BufRead, BufReader};
    let program = env!("CARGO_BIN_EXE_unspoof-smsc");
    for (arguments, code) in [
        (vec!["notify", "--listen", "0.0.0.0:0"], 1),
        (vec!["notify", "--nonsense", "1"], 2),
        (vec![], 2),
    ] {
        let output = Command::new(program).args(&arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
    }
    let mut running = Command::new(program)
        .args(["notify", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(running.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    let place = first.strip_prefix("listening at http://").unwrap();
    let mut line = std::net::TcpStream::connect(place).unwrap();
    write!(
        line,
        "GET /v2/notifications HTTP/1.1\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    line.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    running.kill().unwrap();
    running.wait().unwrap();
}
