//! The message centre's stand-in, held against bytes written out here and against real clients.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use unspoof_smsc::smpp::{Faults, Receipts, Settings, SmppError, Smsc, read_journal};

use crate::peers::python;

fn start(faults: Faults) -> Smsc {
    Smsc::start(Settings {
        faults,
        ..Settings::default()
    })
    .unwrap()
}

/// Writes a PDU by hand.
fn pdu(command: u32, sequence: u32, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for word in [16 + body.len() as u32, command, 0, sequence] {
        out.extend_from_slice(&word.to_be_bytes());
    }
    out.extend_from_slice(body);
    out
}

fn bind() -> Vec<u8> {
    pdu(9, 1, b"unspoof\0secret\0\0\x34\0\0\0")
}

fn submit(sequence: u32, to: &str, text: &str) -> Vec<u8> {
    let mut body = b"\0\x05\0Police\0\x01\x01".to_vec();
    body.extend_from_slice(to.as_bytes());
    body.extend_from_slice(b"\0\0\0\0\0\0\x01\0\0\0");
    body.push(text.len() as u8);
    body.extend_from_slice(text.as_bytes());
    pdu(4, sequence, &body)
}

fn connect(smsc: &Smsc) -> TcpStream {
    let line = TcpStream::connect(smsc.address()).unwrap();
    line.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    line
}

/// Command, status, sequence number and body.
type Told = (u32, u32, u32, Vec<u8>);

/// Reads a PDU; none where the line ends before it is whole.
fn read(line: &mut TcpStream) -> Option<Told> {
    let mut header = [0; 16];
    line.read_exact(&mut header).ok()?;
    let word = |at: usize| u32::from_be_bytes(header[at..at + 4].try_into().unwrap());
    let mut body = vec![0; word(0) as usize - 16];
    line.read_exact(&mut body).ok()?;
    Some((word(4), word(8), word(12), body))
}

#[test]
fn it_binds_stores_answers_and_sends_a_receipt() {
    let smsc = start(Faults::default());
    let mut line = connect(&smsc);
    line.write_all(&bind()).unwrap();
    let (command, status, sequence, _) = read(&mut line).unwrap();
    assert_eq!((command, status, sequence), (0x8000_0009, 0, 1));
    line.write_all(&submit(7, "447700900001", "Hello")).unwrap();
    let (command, status, sequence, id) = read(&mut line).unwrap();
    assert_eq!((command, status, sequence), (0x8000_0004, 0, 7));
    let (command, _, sequence, receipt) = read(&mut line).unwrap();
    assert_eq!(command, 5);
    let id = String::from_utf8(id).unwrap();
    let id = id.trim_end_matches('\0');
    let receipt = String::from_utf8_lossy(&receipt).into_owned();
    assert!(receipt.contains(&format!("id:{id} ")), "{receipt}");
    assert!(receipt.contains("stat:DELIVRD"), "{receipt}");
    line.write_all(&pdu(0x8000_0005, sequence, b"\0")).unwrap();
    line.write_all(&pdu(0x15, 9, b"")).unwrap();
    assert_eq!(read(&mut line).unwrap().0, 0x8000_0015);
    let submitted = smsc.submitted();
    assert_eq!(submitted.len(), 1);
    assert_eq!(
        (submitted[0].to.as_str(), submitted[0].text.as_str()),
        ("447700900001", "Hello")
    );
    assert_eq!(submitted[0].ids, [id]);
    line.write_all(&pdu(6, 10, b"")).unwrap();
    assert_eq!(read(&mut line).unwrap().0, 0x8000_0006);
}

/// A receipt that nobody took is brought again, on the account's next line.
#[test]
fn receipts_wait_for_a_line_that_takes_them() {
    let smsc = start(Faults::default());
    let mut line = connect(&smsc);
    let mut transmitter = bind();
    transmitter[7] = 2;
    line.write_all(&transmitter).unwrap();
    read(&mut line).unwrap();
    line.write_all(&submit(2, "447700900002", "x")).unwrap();
    assert_eq!(read(&mut line).unwrap().0, 0x8000_0004);
    for _ in 0..2 {
        let mut receiver = connect(&smsc);
        receiver
            .write_all(&pdu(1, 1, b"unspoof\0secret\0\0\x34\0\0\0"))
            .unwrap();
        assert_eq!(read(&mut receiver).unwrap().0, 0x8000_0001);
        // Not answered, and the line ends.
        assert_eq!(read(&mut receiver).unwrap().0, 5);
    }
}

/// Wherever the line is cut, what was answered is stored, and what is not stored was not answered.
#[test]
fn it_cuts_the_line_at_every_octet_of_every_answer() {
    for answer in 0..4 {
        for octets in [0, 1, 4, 8, 15, 16, 17, 20, 24] {
            let smsc = start(Faults {
                cut_answer_at: Some((answer, octets)),
                receipts: Receipts {
                    never: 1000,
                    ..Receipts::default()
                },
                ..Faults::default()
            });
            let mut line = connect(&smsc);
            let mut all = bind();
            for sequence in 2..5 {
                all.extend(submit(sequence, &format!("44770090000{sequence}"), "x"));
            }
            line.write_all(&all).unwrap();
            let mut answered = 0;
            while let Some((_, status, _, _)) = read(&mut line) {
                assert_eq!(status, 0);
                answered += 1;
            }
            assert_eq!(answered, answer, "{octets}");
            assert_eq!(smsc.submitted().len() as u64, answer, "{octets}");
        }
    }
}

#[test]
fn a_killed_one_has_written_down_what_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal");
    let mut acknowledged = Vec::new();
    for life in 0..5_u32 {
        let mut running = Command::new(env!("CARGO_BIN_EXE_unspoof-smsc"))
            .args(["smpp", "--listen", "127.0.0.1:0", "--journal"])
            .arg(&journal)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        let mut out = BufReader::new(running.stdout.take().unwrap());
        out.read_line(&mut first).unwrap();
        let place: SocketAddr = first
            .trim()
            .strip_prefix("listening at ")
            .unwrap()
            .parse()
            .unwrap();
        let mut line = TcpStream::connect(place).unwrap();
        let mut all = bind();
        for sequence in 2..2000 {
            all.extend(submit(sequence, "447700900001", "x"));
        }
        line.write_all(&all).unwrap();
        read(&mut line).unwrap();
        for _ in 0..50 * (life + 1) {
            let (command, _, _, id) = read(&mut line).unwrap();
            if command == 0x8000_0004 {
                let id = String::from_utf8(id).unwrap();
                acknowledged.push(id.trim_end_matches('\0').to_owned());
            }
        }
        running.kill().unwrap();
        running.wait().unwrap();
    }
    let parts = read_journal(&journal).unwrap();
    let ids: std::collections::BTreeSet<String> =
        parts.iter().map(|part| part.id.clone()).collect();
    assert_eq!(ids.len(), parts.len(), "an id was given twice");
    assert!(acknowledged.len() > 300);
    for id in acknowledged {
        assert!(ids.contains(&id), "{id} was acknowledged and is lost");
    }
}

#[test]
fn it_listens_on_loopback_alone() {
    for place in ["0.0.0.0:0", "192.0.2.1:2775", "[2001:db8::1]:2775"] {
        let settings = Settings {
            listen: place.parse().unwrap(),
            ..Settings::default()
        };
        assert!(
            matches!(Smsc::start(settings), Err(SmppError::NotLoopback { .. })),
            "{place}"
        );
    }
    let program = env!("CARGO_BIN_EXE_unspoof-smsc");
    let output = Command::new(program)
        .args(["smpp", "--listen", "0.0.0.0:0"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
}

/// PyPI `smpplib` takes it for a message centre: parts, alphabets, receipts, unbind.
#[test]
fn smpplib_takes_it_for_a_message_centre() {
    let Some(python) = python("import smpplib") else {
        return;
    };
    let smsc = start(Faults::default());
    let output = Command::new(python)
        .arg("tests/peers/esme.py")
        .arg(smsc.address().port().to_string())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.trim_end().ends_with("ok"),
        "{said}{wrong}"
    );
    let texts: Vec<String> = smsc.submitted().into_iter().map(|of| of.text).collect();
    assert_eq!(texts[0], "Hello {@} é");
    assert_eq!(texts[1], "السلام 😀");
    assert_eq!(texts[2], "A long text: ".repeat(20));
    assert!(smsc.submitted().iter().all(|of| of.is_whole));
}
