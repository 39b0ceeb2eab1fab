//! A real PostgreSQL server of a test's own, on a free port of the loopback; it ends with its value.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

/// Not a secret: the server lives as long as a test.
const PASSWORD: &str = "made up";

pub(crate) struct Server {
    child: Child,
    folder: tempfile::TempDir,
    programs: PathBuf,
    is_root: bool,
    pub(crate) port: u16,
}

fn programs() -> Option<PathBuf> {
    let has_all = |folder: &PathBuf| {
        ["initdb", "postgres", "pg_ctl", "psql"]
            .iter()
            .all(|program| folder.join(program).is_file())
    };
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Debian keeps each version's programs off the path.
    let mut debian: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .collect();
    debian.sort();
    debian.reverse();
    debian
        .into_iter()
        .chain(std::env::split_paths(&path))
        .find(has_all)
}

#[expect(clippy::print_stderr, reason = "a test that is left out says so")]
fn left_out(why: &str) {
    assert!(
        !std::env::var("CI").is_ok_and(|ci| ci == "true"),
        "under CI=true: {why}"
    );
    eprintln!("LEFT OUT: {why}");
}

impl Server {
    /// Says so, and gives none, where there is no server to start.
    pub(crate) fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            left_out("PostgreSQL is not there: install the package postgresql");
            return None;
        };
        let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
        let folder = tempfile::tempdir_in("/dev/shm")
            .or_else(|_| tempfile::tempdir())
            .unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let data = folder.path().join("data");
        fs::create_dir(&data).unwrap();
        fs::write(folder.path().join("password"), PASSWORD).unwrap();
        if is_root {
            // A server refuses to run as root.
            let id = |what: &str| -> Option<u32> {
                let told = Command::new("id").args([what, "postgres"]).output().ok()?;
                String::from_utf8(told.stdout).ok()?.trim().parse().ok()
            };
            let (Some(user), Some(group)) = (id("-u"), id("-g")) else {
                left_out("there is no user `postgres` to run the server as");
                return None;
            };
            std::os::unix::fs::chown(&data, Some(user), Some(group)).unwrap();
        }
        let port = {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            listener.local_addr().unwrap().port()
        };
        let as_server = |program: &str| command(&programs, program, is_root);
        let made = as_server("initdb")
            .args(["--auth=scram-sha-256", "--username=team", "--no-sync", "-D"])
            .arg(&data)
            .arg(format!(
                "--pwfile={}",
                folder.path().join("password").display()
            ))
            .output()
            .unwrap();
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        let child = as_server("postgres")
            .arg("-D")
            .arg(&data)
            .args(["-F", "-h", "127.0.0.1", "-k", "", "-p", &port.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        let server = Self {
            child,
            folder,
            programs,
            is_root,
            port,
        };
        for _ in 0..600 {
            if server.psql("select 1").status.success() {
                return Some(server);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let log = fs::read_to_string(server.folder.path().join("log")).unwrap_or_default();
        panic!("the server does not answer: {log}");
    }

    pub(crate) fn url(&self) -> String {
        let password = PASSWORD.replace(' ', "%20");
        format!(
            "postgres://team:{password}@127.0.0.1:{}/postgres",
            self.port
        )
    }

    pub(crate) fn url_without_password(&self) -> String {
        format!("postgres://team@127.0.0.1:{}/postgres", self.port)
    }

    /// Asks with the server's own client.
    pub(crate) fn psql(&self, sql: &str) -> Output {
        Command::new(self.programs.join("psql"))
            .args(["-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql])
            .arg(self.url_without_password())
            .env("PGPASSWORD", PASSWORD)
            .output()
            .unwrap()
    }
}

fn command(programs: &Path, program: &str, is_root: bool) -> Command {
    let program = programs.join(program);
    let mut made = if is_root {
        let mut made = Command::new("runuser");
        made.args(["-u", "postgres", "--"]).arg(program);
        made
    } else {
        Command::new(program)
    };
    made.current_dir("/").env("LC_ALL", "C.UTF-8");
    made
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.folder.path().join("data");
        let stopped = command(&self.programs, "pg_ctl", self.is_root)
            .args(["stop", "-m", "immediate", "-w", "-D"])
            .arg(data)
            .output();
        if !stopped.is_ok_and(|stopped| stopped.status.success()) {
            let _killed = self.child.kill();
        }
        let _ended = self.child.wait();
    }
}
