//! A portal in this process, and a visitor who has no script and sends what browsers send.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use unspoof_portal::bundle::{Bundle, key_pair};
use unspoof_portal::clock::{Clock, SetClock, SharedClock, SystemClock};
use unspoof_portal::codes::CodeKey;
use unspoof_portal::sample::Sample;
use unspoof_portal::serve::{Listen, Server};
use unspoof_portal::{Keys, Portal};

/// A clock on which people type ten times as fast.
pub(crate) struct FastClock(u64);

impl FastClock {
    pub(crate) fn new() -> Self {
        Self(SystemClock.now_ms())
    }
}

impl Clock for FastClock {
    fn now_ms(&self) -> u64 {
        let now = SystemClock.now_ms();
        self.0 + 10 * now.saturating_sub(self.0)
    }
}

/// 2022-11-24, when the window opens.
pub(crate) const NOW_MS: u64 = 1_669_280_400_000;
/// Public keys whose private halves nobody has, for tests that open nothing.
const NOBODY: [&str; 2] = [
    "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
    "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg",
];

/// Whether a program is there. Under `CI=true` it must be.
pub(crate) fn has(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    let is_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(
        found || !is_ci,
        "`{program}` is missing: cargo xtask test installs it"
    );
    if !found {
        eprintln!("left out: `{program}` is missing");
    }
    found
}

/// Two key pairs of Debian's `age`.
pub(crate) struct Inside {
    folder: tempfile::TempDir,
    pub(crate) recipients: Vec<String>,
}

impl Inside {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut recipients = Vec::new();
        for name in ["team", "recovery"] {
            let file = folder.path().join(name);
            let made = Command::new("age-keygen")
                .arg("-o")
                .arg(&file)
                .output()
                .unwrap();
            assert!(made.status.success());
            let public = Command::new("age-keygen")
                .arg("-y")
                .arg(&file)
                .output()
                .unwrap();
            recipients.push(String::from_utf8(public.stdout).unwrap().trim().to_owned());
        }
        Self { folder, recipients }
    }

    pub(crate) fn copy_key(&self, key: &str, to: &Path) {
        std::fs::copy(self.folder.path().join(key), to).unwrap();
    }

    /// Opens with one of the two keys.
    pub(crate) fn open_with(&self, key: &str, sealed: &[u8]) -> Result<Vec<u8>, String> {
        let file = self.folder.path().join("sealed");
        std::fs::write(&file, sealed).unwrap();
        let age = Command::new("age")
            .arg("-d")
            .arg("-i")
            .arg(self.folder.path().join(key))
            .arg(&file)
            .output()
            .unwrap();
        if age.status.success() {
            Ok(age.stdout)
        } else {
            Err(String::from_utf8_lossy(&age.stderr).into())
        }
    }

    pub(crate) fn open(&self, sealed: &[u8]) -> serde_json::Value {
        let plain = self.open_with("team", sealed).unwrap();
        assert_eq!(plain.len() % 4096, 0, "lengths tell nothing");
        serde_json::from_slice(&plain).unwrap()
    }

    /// All messages of a spool, opened, without those of `pulled`.
    pub(crate) fn pull(&self, spool: &Path) -> Vec<serde_json::Value> {
        let content = unspoof_portal::spool::read(spool, &Default::default()).unwrap();
        assert!(
            content.damaged.is_empty() && content.cut_off.is_empty(),
            "{content:?}"
        );
        content
            .records
            .iter()
            .map(|record| self.open(&record.sealed))
            .collect()
    }
}

pub(crate) struct Site {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) sample: Sample,
    pub(crate) clock: Arc<SetClock>,
    pub(crate) server: Option<Server>,
    pub(crate) address: SocketAddr,
    /// Bytes of the disk that are kept for what is sent.
    pub(crate) reserve_bytes: u64,
}

impl Site {
    pub(crate) fn new() -> Self {
        Self::sealed_to(NOBODY.map(str::to_owned).to_vec())
    }

    pub(crate) fn sealed_to(recipients: Vec<String>) -> Self {
        Self::with(recipients, false, |_| {})
    }

    pub(crate) fn with(
        recipients: Vec<String>,
        is_behind_proxy: bool,
        change: impl FnOnce(&mut Bundle),
    ) -> Self {
        let mut sample = Sample::make(recipients, NOW_MS + 86_400_000).unwrap();
        change(&mut sample.bundle);
        Self::of(sample, is_behind_proxy)
    }

    fn of(sample: Sample, is_behind_proxy: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(SetClock::at(NOW_MS));
        let mut site = Self {
            folder,
            sample,
            clock,
            server: None,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            reserve_bytes: 0,
        };
        site.start(is_behind_proxy, None);
        site
    }

    /// A site behind a proxy, with what `change` makes of its bundle and the key of its codes.
    pub(crate) fn with_codes(
        change: impl FnOnce(&mut Bundle, &zeroize::Zeroizing<[u8; 32]>),
    ) -> Self {
        let mut sample = Sample::make(NOBODY.map(str::to_owned).to_vec(), u64::MAX / 2).unwrap();
        change(&mut sample.bundle, &sample.code_key);
        Self::of(sample, true)
    }

    /// A site on another clock than its own, for visitors that are programs.
    pub(crate) fn running_with(clock: impl Clock + 'static) -> Self {
        Self::running_for(NOBODY.map(str::to_owned).to_vec(), clock)
    }

    /// The same, sealed to somebody.
    pub(crate) fn running_for(recipients: Vec<String>, clock: impl Clock + 'static) -> Self {
        let mut site = Self::with(recipients, false, |bundle| {
            bundle
                .codes
                .iter_mut()
                .for_each(|code| code.expires_ms = u64::MAX / 2);
        });
        site.server.take().unwrap().stop();
        site.start(false, Some(Arc::new(clock)));
        site
    }

    pub(crate) fn keys(&self) -> Keys {
        Keys {
            code: CodeKey::new(self.sample.code_key.clone()),
            receipt_seed: self.sample.receipt_seed.clone(),
        }
    }

    fn start(&mut self, is_behind_proxy: bool, clock: Option<SharedClock>) {
        let clock = clock.unwrap_or_else(|| self.clock.clone());
        let signed = self.sample.bundle.sign(&self.sample.bundle_seed).unwrap();
        let public = public_of(&self.sample.bundle_seed);
        let bundle = Bundle::open(&signed, &public).unwrap();
        let portal = Portal::open(bundle, &self.keys(), &self.spool(), clock, is_behind_proxy)
            .unwrap()
            .reserve(self.reserve_bytes);
        let listen = Listen {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            observe: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
            tls: None,
            is_behind_proxy,
        };
        let server = Server::start(portal, &listen).unwrap();
        self.address = server.address;
        self.server = Some(server);
    }

    pub(crate) fn restart(&mut self) {
        self.server.take().unwrap().stop();
        self.start(false, None);
    }

    pub(crate) fn spool(&self) -> PathBuf {
        self.folder.path().join("spool")
    }

    pub(crate) fn visitor(&self) -> Visitor {
        Visitor::at(self.address, Some(self.clock.clone()))
    }

    pub(crate) fn code(&self, at: usize) -> String {
        self.sample.codes[at].reveal().to_string()
    }

    pub(crate) fn metrics(&self) -> String {
        let observe = self.server.as_ref().unwrap().observe.unwrap();
        Visitor::at(observe, None).get("/metrics").text()
    }
}

pub(crate) fn public_of(seed: &[u8; 32]) -> [u8; 32] {
    use ring::signature::KeyPair;
    key_pair("bundle", seed)
        .unwrap()
        .public_key()
        .as_ref()
        .try_into()
        .unwrap()
}

#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Page {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(of, _)| of.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// The value of a hidden field.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let text = self.text();
        let mark = format!("name=\"{name}\" value=\"");
        let (_, after) = text
            .split_once(&mark)
            .unwrap_or_else(|| panic!("no {name} in {text}"));
        after.split_once('"').unwrap().0.to_owned()
    }

    pub(crate) fn title(&self) -> String {
        let text = self.text();
        let title = text
            .split_once("<title>")
            .and_then(|(_, after)| after.split_once("</title>"));
        title
            .map(|(title, _)| title.to_owned())
            .unwrap_or_else(|| panic!("{} {text}", self.status))
    }
}

/// Reads one answer.
pub(crate) fn read_page(stream: &mut TcpStream) -> std::io::Result<Page> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        let read = stream.read(&mut piece)?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        bytes.extend_from_slice(&piece[..read]);
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .unwrap()
        .split(' ')
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "Content-Length");
    let length: usize = length.map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = bytes.split_off(end);
    while body.len() < length {
        let read = stream.read(&mut piece)?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        body.extend_from_slice(&piece[..read]);
    }
    assert_eq!(body.len(), length, "nothing after an answer's end");
    Ok(Page {
        status,
        headers,
        body,
    })
}

/// A browser's part: cookies, redirections, forms.
#[derive(Clone)]
pub(crate) struct Visitor {
    pub(crate) address: SocketAddr,
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) extra: Vec<String>,
    clock: Option<Arc<SetClock>>,
}

pub(crate) fn form(pairs: &[(&str, &str)]) -> String {
    let quote =
        |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", quote(name), quote(value)))
        .collect();
    pairs.join("&")
}

impl Visitor {
    pub(crate) fn at(address: SocketAddr, clock: Option<Arc<SetClock>>) -> Self {
        Self {
            address,
            cookies: BTreeMap::new(),
            extra: Vec::new(),
            clock,
        }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        stream
    }

    pub(crate) fn head(
        &self,
        method: &str,
        path: &str,
        length: Option<usize>,
        kind: &str,
    ) -> String {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.address);
        if !self.cookies.is_empty() {
            let pairs: Vec<String> = self
                .cookies
                .iter()
                .map(|(n, v)| format!("{n}={v}"))
                .collect();
            head.push_str(&format!("Cookie: {}\r\n", pairs.join("; ")));
        }
        if let Some(length) = length {
            head.push_str(&format!(
                "Content-Length: {length}\r\nContent-Type: {kind}\r\n"
            ));
        }
        for line in &self.extra {
            head.push_str(&format!("{line}\r\n"));
        }
        head + "\r\n"
    }

    fn keep_cookies(&mut self, page: &Page) {
        for (name, value) in &page.headers {
            if name.eq_ignore_ascii_case("set-cookie") {
                let (pair, rules) = value.split_once(';').unwrap();
                let (name, value) = pair.split_once('=').unwrap();
                assert!(name.starts_with("__Host-"));
                for rule in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
                    assert!(rules.contains(rule), "{rules}");
                }
                if rules.contains("Max-Age=0") {
                    self.cookies.remove(name);
                } else {
                    self.cookies.insert(name.to_owned(), value.to_owned());
                }
            }
        }
    }

    pub(crate) fn ask(
        &mut self,
        method: &str,
        path: &str,
        kind: &str,
        body: Option<&[u8]>,
    ) -> Page {
        let mut stream = self.connect();
        let head = self.head(method, path, body.map(<[u8]>::len), kind);
        stream.write_all(head.as_bytes()).unwrap();
        // A server that refuses early may close before all is written.
        let _ = stream.write_all(body.unwrap_or_default());
        let page = read_page(&mut stream).unwrap();
        self.keep_cookies(&page);
        page
    }

    pub(crate) fn get(&mut self, path: &str) -> Page {
        self.ask("GET", path, "", None)
    }

    /// Sends a form after a while, as a person does, and follows where it leads.
    pub(crate) fn post(&mut self, path: &str, pairs: &[(&str, &str)]) -> Page {
        let page = self.post_only(path, pairs);
        self.follow(page)
    }

    pub(crate) fn follow(&mut self, mut page: Page) -> Page {
        for _ in 0..5 {
            if page.status != 303 {
                return page;
            }
            let to = page.header("Location").unwrap().to_owned();
            page = self.get(&to);
        }
        panic!("too many redirections");
    }

    pub(crate) fn post_only(&mut self, path: &str, pairs: &[(&str, &str)]) -> Page {
        if let Some(clock) = &self.clock {
            clock.advance(5000);
        }
        let body = form(pairs);
        self.ask(
            "POST",
            path,
            "application/x-www-form-urlencoded",
            Some(body.as_bytes()),
        )
    }

    /// Opens a page, takes its ticket, and sends its form.
    pub(crate) fn fill(&mut self, path: &str, pairs: &[(&str, &str)]) -> Page {
        let ticket = self.get(path).hidden("ticket");
        let mut all = vec![("ticket", ticket.as_str())];
        all.extend_from_slice(pairs);
        self.post(path, &all)
    }

    pub(crate) fn begin(&mut self) {
        let page = self.fill("/en/report", &[]);
        assert!(
            page.title().starts_with("Did money move"),
            "{}",
            page.title()
        );
    }

    pub(crate) fn attach(&mut self, name: &str, content: &[u8]) -> Page {
        let ticket = self.get("/en/report/files").hidden("ticket");
        let page = self.attach_with(&ticket, name, content);
        self.follow(page)
    }

    pub(crate) fn attach_with(&mut self, ticket: &str, name: &str, content: &[u8]) -> Page {
        let mut body = format!(
            "--XyZ\r\nContent-Disposition: form-data; name=\"ticket\"\r\n\r\n{ticket}\r\n--XyZ\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: image/jpeg\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n--XyZ--\r\n");
        self.ask(
            "POST",
            "/en/report/files",
            "multipart/form-data; boundary=XyZ",
            Some(&body),
        )
    }
}

/// All bytes below a folder, by path.
pub(crate) fn all_bytes(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push((path.clone(), std::fs::read(&path).unwrap()));
            }
        }
    }
    found
}

/// The program, as a process.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_unspoof-portal"));
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}
