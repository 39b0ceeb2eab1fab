//! Behind nginx, as the guide sets it up.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::support::{Site, Visitor, all_bytes};

/// Debian's nginx lies off the path.
fn nginx() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .chain(["/usr/sbin".into()])
        .map(|folder| folder.join("nginx"))
        .find(|file| file.is_file());
    let is_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(
        found.is_some() || !is_ci,
        "nginx is missing: cargo xtask test installs it"
    );
    if found.is_none() {
        eprintln!("left out: nginx is missing");
    }
    found
}

struct Proxy {
    child: Child,
    visitor: Visitor,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Its own signal ends the workers too.
        let pid = rustix::process::Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let _ = self.child.wait();
    }
}

/// The server of the guide, on a port of ours and without TLS.
fn start(nginx: &Path, folder: &Path, site: &Site, change: (&str, &str)) -> Proxy {
    let guide = std::fs::read_to_string("../../docs/guides/portal.md").unwrap();
    let (_, after) = guide.split_once("```nginx\n").unwrap();
    let (server, _) = after.split_once("```").unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let without_tls: Vec<&str> = server
        .lines()
        .filter(|line| !line.contains("ssl_certificate"))
        .collect();
    let server = without_tls
        .join("\n")
        .replace("listen 443 ssl", &format!("listen 127.0.0.1:{port}"))
        .replace("127.0.0.1:8443", &site.address.to_string())
        .replace(change.0, change.1);
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {}/tmp-{name};\n", folder.display()))
        .concat();
    // Its workers must reach the folder.
    let is_root = rustix::process::geteuid().is_root();
    let user = if is_root { "user root;\n" } else { "" };
    let config = format!(
        "{user}daemon off;\nworker_processes 1;\npid {0}/pid;\nerror_log {0}/error.log;\nevents {{}}\nhttp {{\n{temporary}{server}\n}}\n",
        folder.display()
    );
    let file = folder.join("nginx.conf");
    std::fs::write(&file, config).unwrap();
    let child = Command::new(nginx)
        .arg("-c")
        .arg(&file)
        .arg("-e")
        .arg(folder.join("error.log"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], port));
    let is_up = |_: &i32| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        std::net::TcpStream::connect(address).is_ok()
    };
    assert!((0..200).any(|n| is_up(&n)), "nginx does not start");
    let visitor = Visitor::at(address, Some(site.clock.clone()));
    Proxy { child, visitor }
}

const NOBODY: [&str; 2] = [
    "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
    "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg",
];

/// Whether a body in clear reached a file of nginx while it was sent, which nginx may take away again
/// at once: so the folder is looked at as long as the body is on its way.
fn upload_and_watch(proxy: &mut Proxy, folder: &Path) -> bool {
    let done = std::sync::atomic::AtomicBool::new(false);
    let content = b"MARKERFILE ".repeat(500_000);
    std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut seen = false;
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                for name in ["tmp-client_body", "tmp-proxy"] {
                    seen |=
                        std::fs::read_dir(folder.join(name)).is_ok_and(|mut e| e.next().is_some());
                }
                // A file that was taken away stays open.
                for process in nginx_workers(proxy.child.id()) {
                    let open = std::fs::read_dir(format!("/proc/{process}/fd"));
                    for fd in open.into_iter().flatten().flatten() {
                        let to = std::fs::read_link(fd.path()).unwrap_or_default();
                        seen |= to.to_string_lossy().contains("/tmp-");
                    }
                }
                std::thread::sleep(std::time::Duration::from_millis(2));
            }
            seen
        });
        let page = {
            let visitor = &mut proxy.visitor.clone();
            visitor.attach("MARKERNAME.txt", &content)
        };
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(page.text().contains("MARKERNAME.txt"), "{}", page.title());
        watch.join().unwrap()
    })
}

fn nginx_workers(parent: u32) -> Vec<String> {
    let children = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"));
    children
        .unwrap_or_default()
        .split_whitespace()
        .map(str::to_owned)
        .collect()
}

#[test]
fn behind_nginx_as_the_guide_says_no_body_reaches_a_file() {
    let Some(nginx) = nginx() else {
        return;
    };
    let site = Site::with(NOBODY.map(str::to_owned).to_vec(), true, |_| {});
    let folder = tempfile::tempdir().unwrap();
    let mut proxy = start(&nginx, folder.path(), &site, ("", ""));
    proxy.visitor.begin();
    assert!(
        !upload_and_watch(&mut proxy, folder.path()),
        "nginx wrote a body to a file"
    );
    for (path, bytes) in all_bytes(folder.path()) {
        let is_marker = |window: &[u8]| window == b"MARKER";
        assert!(!bytes.windows(6).any(is_marker), "{}", path.display());
    }
    // What a visitor says of their own address counts for nothing: one network, one bucket.
    let mut queued = 0;
    let ticket = proxy.visitor.get("/en/number").hidden("ticket");
    site.clock.advance(5000);
    for n in 0..30 {
        proxy.visitor.extra = vec![format!("X-Forwarded-For: 203.0.{n}.9")];
        let body = crate::support::form(&[("ticket", &ticket), ("number", "07700 900123")]);
        let kind = "application/x-www-form-urlencoded";
        let page = proxy
            .visitor
            .ask("POST", "/en/number", kind, Some(body.as_bytes()));
        queued += usize::from(page.status == 429);
    }
    assert_eq!(queued, 20);
    proxy.visitor.extra = vec!["Transfer-Encoding: chunked".into()];
    let page = proxy.visitor.ask("POST", "/en/number", "text/plain", None);
    assert!((400..500).contains(&page.status), "{}", page.status);
}

/// The other test looks where it should: nginx by its default does write them.
#[test]
fn nginx_by_its_default_writes_bodies_to_files() {
    let Some(nginx) = nginx() else {
        return;
    };
    let site = Site::with(NOBODY.map(str::to_owned).to_vec(), true, |_| {});
    let folder = tempfile::tempdir().unwrap();
    let change = ("proxy_request_buffering off;", "");
    let mut proxy = start(&nginx, folder.path(), &site, change);
    proxy.visitor.begin();
    assert!(upload_and_watch(&mut proxy, folder.path()));
}
