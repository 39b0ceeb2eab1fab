//! The program: keys, signals, sudden death, TLS.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command};

use rustix::process::{Pid, Signal, kill_process};
use unspoof_portal::sample::Sample;

use crate::support::{Inside, Visitor, form, has, program, public_of};

struct Running {
    child: Child,
    address: SocketAddr,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn sample(folder: &Path, recipients: Vec<String>) -> Sample {
    let sample = Sample::make(recipients, u64::MAX / 2).unwrap();
    sample.write(folder).unwrap();
    sample
}

fn arguments(folder: &Path) -> Vec<String> {
    let at = |name: &str| folder.join(name).display().to_string();
    [
        "serve",
        "--bundle",
        &at("bundle.json"),
        "--bundle-key",
        &at("bundle.pub"),
        "--spool",
        &at("spool"),
        "--receipt-key-file",
        &at("receipt.key"),
        "--listen",
        "127.0.0.1:0",
    ]
    .map(str::to_owned)
    .to_vec()
}

fn serve(folder: &Path, more: &[&str]) -> Running {
    let mut all = arguments(folder);
    let key = folder.join("code.key").display().to_string();
    all.extend(["--code-key-file".to_owned(), key]);
    all.extend(more.iter().map(|argument| (*argument).to_owned()));
    start(program(&all.iter().map(String::as_str).collect::<Vec<_>>()))
}

fn start(mut command: Command) -> Running {
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let Some(Ok(first)) = lines.next() else {
        let output = child.wait_with_output().unwrap();
        panic!("{}", String::from_utf8_lossy(&output.stderr));
    };
    let address = first.rsplit('/').next().unwrap().parse().unwrap();
    Running {
        child,
        address,
        lines,
    }
}

fn signal(running: &Running, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(running.child.id()).unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}

const NOBODY: [&str; 2] = [
    "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
    "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg",
];

fn nobody() -> Vec<String> {
    NOBODY.map(str::to_owned).to_vec()
}

#[test]
fn a_signal_brings_a_new_bundle_and_a_bad_one_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut sample = sample(folder.path(), nobody());
    let mut running = serve(folder.path(), &[]);
    let mut visitor = Visitor::at(running.address, None);
    assert!(visitor.get("/en/").text().contains("Crownfield Police"));
    sample.bundle.organisation = "Tarnshire Police".into();
    std::fs::write(
        folder.path().join("bundle.json"),
        sample.bundle.sign(&sample.bundle_seed).unwrap(),
    )
    .unwrap();
    signal(&running, Signal::HUP);
    assert!(running.lines.next().unwrap().unwrap().contains("read anew"));
    assert!(visitor.get("/en/").text().contains("Tarnshire Police"));
    let mut forged = std::fs::read(folder.path().join("bundle.json")).unwrap();
    let at = forged.windows(9).position(|w| w == b"Tarnshire").unwrap();
    forged[at] = b'B';
    std::fs::write(folder.path().join("bundle.json"), forged).unwrap();
    signal(&running, Signal::HUP);
    let mut lines = BufReader::new(running.child.stderr.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().contains("not signed"));
    assert!(visitor.get("/en/").text().contains("Tarnshire Police"));
    signal(&running, Signal::TERM);
    assert_eq!(running.lines.next().unwrap().unwrap(), "stopped");
    assert!(running.child.wait().unwrap().success());
}

#[test]
fn the_process_leaves_no_core_and_its_key_is_in_no_argument() {
    let folder = tempfile::tempdir().unwrap();
    let sample = sample(folder.path(), nobody());
    let key = folder.path().join("code.key").display().to_string();
    // By a descriptor, as from a pipe of whoever holds the key.
    let mut shell = Command::new("/bin/sh");
    let mut all = arguments(folder.path());
    all.extend(["--code-key-fd".into(), "3".into()]);
    let script = format!("exec 3<{key}; exec \"$@\"");
    shell
        .arg("-c")
        .arg(script)
        .arg("sh")
        .arg(env!("CARGO_BIN_EXE_unspoof-portal"))
        .args(all);
    shell
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let running = start(shell);
    let mut visitor = Visitor::at(running.address, None);
    let ticket = visitor.get("/en/check").hidden("ticket");
    std::thread::sleep(std::time::Duration::from_millis(1600));
    let code = sample.codes[0].reveal().to_string();
    let page = visitor.post("/en/check", &[("ticket", &ticket), ("code", &code)]);
    assert!(page.title().starts_with("Your page"));
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", running.child.id())).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    let arguments = std::fs::read(format!("/proc/{}/cmdline", running.child.id())).unwrap();
    let hex = unspoof_portal::hex::encode(sample.code_key.as_slice());
    assert!(!arguments.windows(64).any(|w| w == hex.as_bytes()));
}

/// The guide's rehearsal, as it is typed there.
#[test]
fn the_guides_rehearsal_serves_pages() {
    if !has("age-keygen") {
        return;
    }
    let guide = std::fs::read_to_string("../../docs/guides/portal.md").unwrap();
    let (_, after) = guide.split_once("```sh\n").unwrap();
    let (typed, _) = after.split_once("```").unwrap();
    assert!(typed.contains("unspoof-portal serve"));
    let folder = tempfile::tempdir().unwrap();
    let ours = Path::new(env!("CARGO_BIN_EXE_unspoof-portal"))
        .parent()
        .unwrap();
    let path = format!("{}:{}", ours.display(), std::env::var("PATH").unwrap());
    // Whatever port is free; the shell becomes the program, so that it ends with it.
    let typed = typed
        .replace("127.0.0.1:8443", "127.0.0.1:0")
        .replace("127.0.0.1:9443", "127.0.0.1:0")
        .replace("unspoof-portal sample", "unspoof-portal >made sample")
        .replace("unspoof-portal serve", "exec unspoof-portal serve");
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-e", "-c", &typed])
        .current_dir(folder.path())
        .env("PATH", path)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let running = start(shell);
    let mut visitor = Visitor::at(running.address, None);
    assert!(
        visitor
            .get("/en/")
            .text()
            .contains("Rehearsal. Everything here is made up.")
    );
    assert_eq!(
        std::fs::read_to_string(folder.path().join("rehearsal/codes.txt"))
            .unwrap()
            .lines()
            .count(),
        20
    );
}

/// Nothing is written but to the spool, and nothing is told but the address.
#[test]
fn the_process_writes_to_its_spool_alone() {
    let folder = tempfile::tempdir().unwrap();
    sample(folder.path(), nobody());
    let elsewhere = tempfile::tempdir().unwrap();
    let mut all = arguments(folder.path());
    let key = folder.path().join("code.key").display().to_string();
    all.extend(["--code-key-file".to_owned(), key]);
    let mut command = program(&all.iter().map(String::as_str).collect::<Vec<_>>());
    command.current_dir(elsewhere.path());
    for variable in ["TMPDIR", "HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"] {
        command.env(variable, elsewhere.path());
    }
    let mut running = start(command);
    let before = crate::support::all_bytes(folder.path()).len();
    let mut visitor = Visitor::at(running.address, None);
    let ticket = visitor.get("/en/report").hidden("ticket");
    visitor.post("/en/report", &[("ticket", &ticket)]);
    let page = visitor.get("/en/report/q/happened").hidden("ticket");
    visitor.post(
        "/en/report/q/happened",
        &[("ticket", &page), ("story", "MARKER")],
    );
    visitor.attach("MARKER.txt", &[b'x'; 300_000]);
    let page = visitor.get("/en/report/answers").hidden("ticket");
    std::thread::sleep(std::time::Duration::from_millis(1600));
    let sent = visitor.post("/en/report/answers", &[("ticket", &page)]);
    assert!(
        sent.title().starts_with("Your report was sent"),
        "{}",
        sent.title()
    );
    let spool = folder.path().join("spool");
    for entry in std::fs::read_dir(format!("/proc/{}/fd", running.child.id())).unwrap() {
        let open = std::fs::read_link(entry.unwrap().path()).unwrap_or_default();
        let is_file = open.is_file() && !open.starts_with("/proc");
        assert!(
            !is_file || open.starts_with(&spool),
            "{} is open",
            open.display()
        );
    }
    signal(&running, Signal::TERM);
    let told: Vec<String> = running.lines.by_ref().map_while(Result::ok).collect();
    assert_eq!(told, ["stopped"]);
    let mut errors = String::new();
    use std::io::Read;
    running
        .child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut errors)
        .unwrap();
    assert!(
        errors.is_empty() || errors.starts_with("warning: this host may write"),
        "{errors}"
    );
    assert_eq!(crate::support::all_bytes(elsewhere.path()).len(), 0);
    let written = crate::support::all_bytes(folder.path());
    // Lock, segment, draft, file.
    assert_eq!(
        written.len() - before,
        3,
        "{:?}",
        written.iter().map(|(p, _)| p).collect::<Vec<_>>()
    );
}

#[test]
fn what_cannot_be_served_is_refused_with_a_code() {
    let folder = tempfile::tempdir().unwrap();
    let made = sample(folder.path(), nobody());
    let refused = |change: &dyn Fn(&mut Vec<String>)| {
        let mut all = arguments(folder.path());
        all.extend([
            "--code-key-file".into(),
            folder.path().join("code.key").display().to_string(),
        ]);
        change(&mut all);
        let output = program(&all.iter().map(String::as_str).collect::<Vec<_>>())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    let open =
        refused(&|all| *all.iter_mut().find(|a| *a == "127.0.0.1:0").unwrap() = "0.0.0.0:0".into());
    assert!(
        open.contains("code: portal/plain") && open.contains("hint: give --tls-cert"),
        "{open}"
    );
    let other = unspoof_portal::hex::encode(&public_of(&[9; 32]));
    let key = refused(&|all| all[4] = other.clone());
    assert!(key.contains("code: portal/signature"), "{key}");
    let receipt = folder.path().join("other.key");
    std::fs::write(&receipt, format!("{}\n", "00".repeat(32))).unwrap();
    let wrong = refused(&|all| all[8] = receipt.display().to_string());
    assert!(wrong.contains("code: portal/key"), "{wrong}");
    // A language that nobody reviewed and nobody excepted.
    let mut bundle = made.bundle.clone();
    bundle
        .language_exceptions
        .retain(|exception| exception.language != "pl");
    std::fs::write(
        folder.path().join("bundle.json"),
        bundle.sign(&made.bundle_seed).unwrap(),
    )
    .unwrap();
    let language = refused(&|_| {});
    assert!(
        language.contains("code: portal/words") && language.contains("`pl`"),
        "{language}"
    );
    bundle.languages = vec!["en".into()];
    bundle.recipients.pop();
    std::fs::write(
        folder.path().join("bundle.json"),
        bundle.sign(&made.bundle_seed).unwrap(),
    )
    .unwrap();
    assert!(refused(&|_| {}).contains("code: portal/bundle"));
}

/// `kill -9` in the midst of many submissions: what was acknowledged is there, and opens.
#[test]
fn what_was_acknowledged_survives_a_kill() {
    if !has("age") {
        return;
    }
    let inside = Inside::new();
    let folder = tempfile::tempdir().unwrap();
    sample(folder.path(), inside.recipients.clone());
    for round in 0..3 {
        let running = serve(folder.path(), &["--behind-proxy"]);
        let address = running.address;
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                std::thread::spawn(move || {
                    let mut visitor = Visitor::at(address, None);
                    let ticket = visitor.get("/en/number").hidden("ticket");
                    std::thread::sleep(std::time::Duration::from_millis(1600));
                    let mut acknowledged = Vec::new();
                    for n in 0..10_000_u32 {
                        visitor.extra = vec![format!("X-Forwarded-For: 10.{writer}.{}.1", n / 8)];
                        let number = format!("07700 900{writer}{round}{n:05}");
                        let body = form(&[("ticket", &ticket), ("number", number.trim())]);
                        let Ok(mut stream) = std::net::TcpStream::connect(address) else {
                            break;
                        };
                        let head = visitor.head(
                            "POST",
                            "/en/number",
                            Some(body.len()),
                            "application/x-www-form-urlencoded",
                        );
                        if stream
                            .write_all(head.as_bytes())
                            .and_then(|()| stream.write_all(body.as_bytes()))
                            .is_err()
                        {
                            break;
                        }
                        match crate::support::read_page(&mut stream) {
                            Ok(page) if page.title().starts_with("Thank you") => {
                                acknowledged.push(number)
                            }
                            Ok(_) => {}
                            Err(_) => break,
                        }
                    }
                    acknowledged
                })
            })
            .collect();
        std::thread::sleep(std::time::Duration::from_millis(2000));
        drop(running);
        let acknowledged: Vec<String> = writers
            .into_iter()
            .flat_map(|w| w.join().unwrap())
            .collect();
        assert!(acknowledged.len() > 10, "{}", acknowledged.len());
        let content =
            unspoof_portal::spool::read(&folder.path().join("spool"), &Default::default()).unwrap();
        assert!(content.damaged.is_empty());
        assert!(content.records.len() >= acknowledged.len());
        // All are counted, and some are opened: opening each takes a process.
        let last = content.records.last().unwrap();
        let opened = inside.open(&last.sealed);
        assert_eq!(opened["kind"], "number-asked");
        for folder in [folder.path().join("spool")] {
            let pulled: std::collections::BTreeSet<_> =
                content.records.iter().map(|r| r.id).collect();
            assert_eq!(pulled.len(), content.records.len());
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_some_and(|e| e == "spool") {
                    std::fs::remove_file(path).unwrap();
                }
            }
        }
    }
}

/// A certificate for `localhost`, and its key.
fn certificate(folder: &Path) -> (String, String) {
    let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"])
        .args(["-pkeyopt", "ec_paramgen_curve:prime256v1"])
        .args(["-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&cert)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "{told}");
    (cert.display().to_string(), key.display().to_string())
}

#[test]
fn pages_are_served_over_tls() {
    if !has("openssl") || !has("curl") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    sample(folder.path(), nobody());
    let (cert, key) = certificate(folder.path());
    let running = serve(folder.path(), &["--tls-cert", &cert, "--tls-key", &key]);
    let port = running.address.port();
    let curl = |more: &[&str]| {
        let url = format!("https://localhost:{port}/en/");
        Command::new("curl")
            .args(["-s", "--cacert", &cert])
            .args(more)
            .arg(url)
            .output()
            .unwrap()
    };
    assert!(String::from_utf8_lossy(&curl(&[]).stdout).contains("Crownfield Police"));
    assert!(!curl(&["--tls-max", "1.1"]).status.success());
    let plain = Command::new("curl")
        .args(["-s", &format!("http://localhost:{port}/en/")])
        .output()
        .unwrap();
    assert!(!plain.status.success());
}

/// Certificates run out in the midst of a campaign: a signal brings the new one, and who is
/// being served is served on.
#[test]
fn a_signal_brings_a_new_certificate_and_breaks_no_request() {
    if !has("openssl") || !has("curl") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    sample(folder.path(), nobody());
    let (cert, key) = certificate(folder.path());
    let mut running = serve(folder.path(), &["--tls-cert", &cert, "--tls-key", &key]);
    let url = format!("https://localhost:{}/en/", running.address.port());
    let trusts = |cert: &Path| {
        let curl = Command::new("curl")
            .arg("-s")
            .arg("--cacert")
            .arg(cert)
            .arg(&url)
            .output();
        curl.unwrap().status.success()
    };
    let old = folder.path().join("old.pem");
    std::fs::copy(&cert, &old).unwrap();
    assert!(trusts(&old));
    certificate(folder.path());
    signal(&running, Signal::HUP);
    assert!(running.lines.next().unwrap().unwrap().contains("read anew"));
    assert!(trusts(Path::new(&cert)) && !trusts(&old));
    std::fs::write(&key, "no key").unwrap();
    signal(&running, Signal::HUP);
    let mut lines = BufReader::new(running.child.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("portal/tls")));
    assert!(trusts(Path::new(&cert)), "the earlier one is served on");
}

/// A request that began before a reload ends after it.
#[test]
fn a_request_under_way_outlives_a_reload() {
    let folder = tempfile::tempdir().unwrap();
    sample(folder.path(), nobody());
    let mut running = serve(folder.path(), &[]);
    let mut visitor = Visitor::at(running.address, None);
    let ticket = visitor.get("/en/report").hidden("ticket");
    visitor.post("/en/report", &[("ticket", &ticket)]);
    let ticket = visitor.get("/en/report/q/claimed").hidden("ticket");
    let body = form(&[("ticket", &ticket), ("claimed", "MARKER")]);
    let kind = "application/x-www-form-urlencoded";
    let head = visitor.head("POST", "/en/report/q/claimed", Some(body.len()), kind);
    let mut stream = visitor.connect();
    let (first, second) = body.split_at(20);
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(first.as_bytes()).unwrap();
    signal(&running, Signal::HUP);
    assert!(running.lines.next().unwrap().unwrap().contains("read anew"));
    stream.write_all(second.as_bytes()).unwrap();
    assert_eq!(crate::support::read_page(&mut stream).unwrap().status, 303);
    assert!(visitor.get("/en/report/answers").text().contains("MARKER"));
}

/// Mozilla's HTTP Observatory, whose best grade begins at 100.
#[test]
fn headers_score_above_a_hundred() {
    let (true, true, Some(modules)) = (has("openssl"), has("node"), crate::pages::modules()) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    sample(folder.path(), nobody());
    let (cert, key) = certificate(folder.path());
    let running = serve(folder.path(), &["--tls-cert", &cert, "--tls-key", &key]);
    let paths = [
        "/",
        "/en/",
        "/en/check",
        "/en/number",
        "/ar/report",
        "/en/report/private",
    ];
    let judged = Command::new("node")
        .arg("tests/axe/observatory.mjs")
        .arg(modules)
        .arg(running.address.port().to_string())
        .args(paths)
        .env("NODE_EXTRA_CA_CERTS", &cert)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&judged.stderr);
    assert!(judged.status.success(), "{told}");
    let lines = String::from_utf8(judged.stdout).unwrap();
    assert_eq!(lines.lines().count(), paths.len(), "{told}");
    for line in lines.lines() {
        let page: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(page["score"].as_i64().unwrap() >= 120, "{line}");
        assert_eq!(page["failed"], serde_json::json!([]), "{line}");
    }
}
