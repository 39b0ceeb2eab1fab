//! Dumps of a real server by the real client, cell by cell against the server's own `HEX()`.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use unspoof_ingest::block::{Event, ReadOptions, TableDef, Value};
use unspoof_ingest::dump::DumpReader;

use crate::support::{Desk, left_out, shared_data};

/// Rows of each table, sorted; a cell is what `HEX()` prints, or `NULL`.
type Cells = BTreeMap<(String, String), Vec<Vec<String>>>;

/// A server of its own, on a socket in a temporary folder; it ends with this value.
struct Server {
    child: Child,
    folder: tempfile::TempDir,
}

impl Server {
    /// Says so, and gives none, where there is no server to start.
    fn start() -> Option<Self> {
        let programs = ["mariadb-install-db", "mariadbd", "mariadb", "mariadb-dump"];
        for program in programs {
            let there = Command::new(program)
                .arg("--version")
                .env("PATH", PATH)
                .output();
            if there.is_err() {
                left_out(&format!(
                    "`{program}` is not there: install mariadb-server and mariadb-client"
                ));
                return None;
            }
        }
        // In memory where there is some: a server waits for its disk at each table.
        let folder = tempfile::tempdir_in("/dev/shm")
            .or_else(|_| tempfile::tempdir())
            .unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let settings = [
            "[mariadbd]".to_owned(),
            format!("datadir={}", at("data")),
            format!("socket={}", at("s")),
            format!("pid-file={}", at("pid")),
            format!("log-error={}", at("log")),
            format!("tmpdir={}", folder.path().display()),
            "skip-networking".to_owned(),
            // Not UTC, so that it shows when a dump is read in the wrong zone.
            "default-time-zone=+05:30".to_owned(),
            "character-set-server=utf8mb4".to_owned(),
            "innodb-log-file-size=4M".to_owned(),
            "innodb-flush-log-at-trx-commit=0".to_owned(),
            "innodb-buffer-pool-size=32M".to_owned(),
            "max-allowed-packet=64M".to_owned(),
            "performance-schema=off".to_owned(),
        ];
        let mut settings = settings.join("\n") + "\n";
        if fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0)
        {
            settings.push_str("user=root\n");
        }
        fs::write(folder.path().join("my.cnf"), settings).unwrap();
        let defaults = format!("--defaults-file={}", at("my.cnf"));
        let made = Command::new("mariadb-install-db")
            .args([
                &defaults,
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
            ])
            .env("PATH", PATH)
            .output()
            .unwrap();
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        let child = Command::new("mariadbd")
            .arg(&defaults)
            .env("PATH", PATH)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { child, folder };
        for _ in 0..600 {
            if server
                .client("mariadb", &["-e", "SELECT 1"], b"")
                .status
                .success()
            {
                return Some(server);
            }
            thread::sleep(Duration::from_millis(100));
        }
        let log = fs::read_to_string(server.folder.path().join("log")).unwrap_or_default();
        panic!("the server does not answer: {log}");
    }

    fn client(&self, program: &str, args: &[&str], input: &[u8]) -> Output {
        let mut child = Command::new(program)
            .arg("--no-defaults")
            .arg(format!(
                "--socket={}",
                self.folder.path().join("s").display()
            ))
            .args(["--user=root"])
            .args(args)
            .env("PATH", PATH)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let writer = thread::spawn(move || {
            // A client that gives up early says why by itself.
            let _told = stdin.write_all(&input);
        });
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        output
    }

    #[track_caller]
    fn load(&self, args: &[&str], sql: &[u8]) {
        let args = [args, &["--default-character-set=utf8mb4", "--binary-mode"]].concat();
        let loaded = self.client("mariadb", &args, sql);
        assert!(
            loaded.status.success(),
            "{}",
            String::from_utf8_lossy(&loaded.stderr)
        );
    }

    #[track_caller]
    fn ask(&self, sql: &str) -> Vec<Vec<String>> {
        let args = [
            "--batch",
            "--raw",
            "--skip-column-names",
            "--default-character-set=utf8mb4",
        ];
        let asked = self.client("mariadb", &args, sql.as_bytes());
        assert!(
            asked.status.success(),
            "{}",
            String::from_utf8_lossy(&asked.stderr)
        );
        let text = String::from_utf8(asked.stdout).unwrap();
        let cells = |line: &str| line.split('\t').map(str::to_owned).collect();
        text.lines().map(cells).collect()
    }

    #[track_caller]
    fn dump(&self, args: &[&str], databases: &[&str]) -> Vec<u8> {
        let args = [args, &["--databases"], databases].concat();
        let dumped = self.client("mariadb-dump", &args, b"");
        assert!(
            dumped.status.success(),
            "{args:?}: {}",
            String::from_utf8_lossy(&dumped.stderr)
        );
        dumped.stdout
    }

    /// What the server says is in the tables, its text in this character set, its TIMESTAMPs in
    /// this zone.
    fn cells(&self, databases: &[&str], charset: &str, zone: &str) -> Cells {
        let names: Vec<String> = databases.iter().map(|name| format!("'{name}'")).collect();
        let columns = self.ask(&format!(
            "SELECT HEX(table_schema), HEX(table_name), HEX(column_name), data_type, \
             character_set_name FROM information_schema.columns JOIN information_schema.tables \
             USING (table_schema, table_name) WHERE table_type = 'BASE TABLE' AND table_schema IN \
             ({}) ORDER BY table_schema, table_name, ordinal_position",
            names.join(",")
        ));
        let mut tables: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        for column in columns {
            let [schema, table, name] = [0, 1, 2].map(|at| unhex(&column[at]));
            let name = format!("`{}`", name.replace('`', "``"));
            let hex = match (column[3].as_str(), column[4].as_str()) {
                ("bit", _) => format!("HEX(CAST({name} AS BINARY))"),
                ("binary" | "varbinary" | "point", _) => format!("HEX({name})"),
                (kind, _) if kind.ends_with("blob") => format!("HEX({name})"),
                (_, "NULL") => format!("HEX(CONVERT(CONCAT({name}) USING latin1))"),
                // The server sends such text as it is stored.
                _ if charset == "binary" => format!("HEX({name})"),
                _ => format!("HEX(CONVERT({name} USING {charset}))"),
            };
            tables.entry((schema, table)).or_default().push(hex);
        }
        let mut script = format!("SET time_zone = '{zone}';\n");
        for (number, ((schema, table), columns)) in tables.iter().enumerate() {
            let quoted = |name: &str| format!("`{}`", name.replace('`', "``"));
            script.push_str(&format!(
                "SELECT '#{number}';\nSELECT {} FROM {}.{};\n",
                columns.join(","),
                quoted(schema),
                quoted(table)
            ));
        }
        let names: Vec<_> = tables.into_keys().collect();
        let mut cells = Cells::new();
        let mut current = None;
        for row in self.ask(&script) {
            match row[0].strip_prefix('#') {
                Some(number) => {
                    current = Some(names[number.parse::<usize>().unwrap()].clone());
                    cells.entry(current.clone().unwrap()).or_default();
                }
                None => cells.get_mut(current.as_ref().unwrap()).unwrap().push(row),
            }
        }
        sorted(cells)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

fn unhex(text: &str) -> String {
    let pairs = text.as_bytes().chunks(2);
    let bytes =
        pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap());
    String::from_utf8(bytes.collect()).unwrap()
}

/// The rows of a table come in no promised order.
fn sorted(mut cells: Cells) -> Cells {
    cells.retain(|_, rows| !rows.is_empty());
    for rows in cells.values_mut() {
        rows.sort();
    }
    cells
}

/// What we read in a dump.
fn read(dump: &[u8], what: &str) -> Cells {
    let mut reader = DumpReader::new(dump, ReadOptions::default());
    let mut tables: Vec<TableDef> = Vec::new();
    let mut cells = Cells::new();
    let mut finished = None;
    while let Some(event) = reader.next_event().unwrap() {
        match event {
            Event::Table(def) => tables.push(def),
            Event::Rows { table, block } => {
                assert!(block.rejects.is_empty(), "{what}: {:?}", block.rejects);
                let def = &tables[table.0 as usize];
                let key = (def.database.clone().unwrap_or_default(), def.name.clone());
                let rows = cells.entry(key).or_default();
                let mut scratch = Vec::new();
                for row in &block.rows {
                    assert!(
                        block.row_bytes(row).is_some_and(|b| b.starts_with(b"(")),
                        "{what}"
                    );
                    let shown = block.row_cells(row).iter().map(|cell| {
                        match block.value(cell, &mut scratch) {
                            Value::Null => "NULL".to_owned(),
                            Value::Bare(b) | Value::Text(b) | Value::Bytes(b) => {
                                b.iter().map(|byte| format!("{byte:02X}")).collect()
                            }
                            other @ (Value::Default | Value::Expression(_)) => {
                                panic!("{what}: a dump holds values only: {other:?}")
                            }
                        }
                    });
                    rows.push(shown.collect());
                }
                reader.recycle(block);
            }
            Event::Setting(_) => {}
            Event::Finished(end) => finished = Some(end),
        }
    }
    let finished = finished.unwrap();
    assert!(finished.complete && !finished.cut, "{what}");
    assert_eq!(finished.account.total_bytes(), dump.len() as u64, "{what}");
    sorted(cells)
}

#[track_caller]
fn assert_equal(found: &Cells, meant: &Cells, what: &str) {
    let names = |cells: &Cells| cells.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(found), names(meant), "{what}");
    for (table, meant) in meant {
        let found = &found[table];
        assert_eq!(found.len(), meant.len(), "{what}: rows of {table:?}");
        for (found, meant) in found.iter().zip(meant) {
            for (at, (found, meant)) in found.iter().zip(meant).enumerate() {
                assert_eq!(found, meant, "{what}: column {} of {table:?}", at + 1);
            }
            assert_eq!(found.len(), meant.len(), "{what}: columns of {table:?}");
        }
    }
}

const UTC: &str = "+00:00";
const SERVERS_ZONE: &str = "+05:30";

/// Options of the client, the character set and zone that they stand for.
const OPTIONS: [(&str, &str, &str); 21] = [
    ("", "utf8mb4", UTC),
    ("--skip-extended-insert", "utf8mb4", UTC),
    ("--complete-insert", "utf8mb4", UTC),
    ("--hex-blob", "utf8mb4", UTC),
    ("--default-character-set=latin1", "latin1", UTC),
    (
        "--default-character-set=latin1 --hex-blob --skip-extended-insert",
        "latin1",
        UTC,
    ),
    ("--default-character-set=binary", "binary", UTC),
    // For servers so old that the client falls back to latin1 and states no character set.
    ("--compatible=ansi", "latin1", UTC),
    (
        "--compatible=ansi --default-character-set=utf8mb4 --hex-blob",
        "utf8mb4",
        UTC,
    ),
    ("--compatible=ansi --complete-insert", "latin1", UTC),
    ("--skip-quote-names", "utf8mb4", UTC),
    ("--replace", "utf8mb4", UTC),
    ("--insert-ignore", "utf8mb4", UTC),
    ("--order-by-primary", "utf8mb4", UTC),
    ("--tz-utc", "utf8mb4", UTC),
    ("--skip-tz-utc", "utf8mb4", SERVERS_ZONE),
    ("--skip-opt", "utf8mb4", UTC),
    ("--no-create-info --complete-insert", "utf8mb4", UTC),
    (
        "--no-create-info --skip-comments --skip-set-charset",
        "utf8mb4",
        UTC,
    ),
    (
        "--routines --events --triggers --single-transaction",
        "utf8mb4",
        UTC,
    ),
    (
        "--net-buffer-length=4096 --max-allowed-packet=16M",
        "utf8mb4",
        UTC,
    ),
];

#[test]
fn every_cell_of_every_kind_of_dump_is_what_the_server_has() {
    let Some(server) = Server::start() else {
        return;
    };
    server.load(&[], include_bytes!("../../testdata/kinds.sql"));
    let hold = |options: &str, charset: &str, zone: &str, what: &str| {
        // Without quotes nobody can tell what odd names are.
        let databases: &[&str] = match options {
            "--skip-quote-names" => &["kinds"],
            _ => &["kinds", "odd names"],
        };
        let meant = server.cells(databases, charset, zone);
        assert_eq!(meant.len(), 1 + databases.len(), "tables that hold rows");
        let args: Vec<&str> = options.split_whitespace().collect();
        let mut dump = server.dump(&args, databases);
        if options.contains("--skip-comments") {
            // Else no comment says that it is complete.
            dump.extend_from_slice(b"-- Dump completed\n");
        }
        let what = format!("{what}{options}");
        assert_equal(&read(&dump, &what), &meant, &what);
    };
    for (options, charset, zone) in OPTIONS {
        hold(options, charset, zone, "");
    }
    // The server's own mode must not matter.
    let mode = b"SET GLOBAL sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES';";
    server.load(&[], mode);
    for (options, charset, zone) in OPTIONS.into_iter().take(10) {
        hold(options, charset, zone, "NO_BACKSLASH_ESCAPES ");
    }
}

#[test]
fn what_the_server_takes_without_backslash_escapes_we_take_alike() {
    let Some(server) = Server::start() else {
        return;
    };
    // Written by hand, since the client always escapes: what the server makes of it decides.
    let text = "-- MariaDB dump\n/*!40101 SET NAMES utf8mb4 */;\n\
        SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_BACKSLASH_ESCAPES';\n\
        CREATE DATABASE `plain`;\nUSE `plain`;\n\
        CREATE TABLE `t` (`id` int PRIMARY KEY, `a` varchar(100), `b` varchar(100));\n\
        INSERT INTO `t` VALUES (1,'\\','it''s'),(2,'\\\\','\\n'),(3,'a\\''b','\"\"');\n\
        SET SQL_MODE='';\n\
        INSERT INTO `t` VALUES (4,'\\\\','it\\'s'),(5,\"dou\"\"ble\",'\\n\\%\\_\\x'),(6,x'4142',0x4344),\n\
        (7,b'01000101',NULL),(8,'\\0\\b\\Z','\\\"');\n\
        SET SQL_MODE='ANSI_QUOTES';\n\
        INSERT INTO \"t\" (\"b\", \"id\", \"a\") VALUES ('b',9,'a');\n\
        SET SQL_MODE=@OLD_SQL_MODE;\n-- Dump completed on 2022-11-24 10:00:00\n";
    server.load(&[], text.as_bytes());
    let mut meant = server.cells(&["plain"], "utf8mb4", UTC);
    for rows in meant.values_mut() {
        assert_eq!(rows.len(), 9);
        // A row has its cells in the order in which its statement names them.
        for row in rows.iter_mut().filter(|row| row[0] == "39") {
            row.rotate_right(1);
        }
    }
    assert_equal(&read(text.as_bytes(), "by hand"), &sorted(meant), "by hand");
}

/// Values that fit no column well, so that the server has to store something odd.
fn awkward(kind: &str, turn: usize) -> &'static str {
    const TEXT: [&str; 8] = [
        "'it''s'",
        "'\\\\'",
        "'a\\nb\\rc\\td'",
        "''",
        "'),('",
        "0xC3A920E282AC20F09F9880",
        "'\"q\" `t` \\Z'",
        "NULL",
    ];
    const BYTES: [&str; 4] = ["x'00275c0a'", "x''", "x'ffd8ff00'", "NULL"];
    const INTEGER: [&str; 5] = ["-1", "0", "2147483647", "NULL", "-9223372036854775808"];
    const DECIMAL: [&str; 4] = ["-12.345", "0", "1e3", "NULL"];
    const TIME: [&str; 5] = [
        "'0000-00-00 00:00:00'",
        "'2022-03-27 02:30:00'",
        "NULL",
        "'2022-00-00'",
        "'1999-12-31 23:59:59'",
    ];
    let from: &[&str] = match kind {
        "bigint" | "int" | "mediumint" | "smallint" | "tinyint" => &INTEGER,
        "decimal" | "double" | "float" => &DECIMAL,
        "date" | "datetime" | "timestamp" | "time" | "year" => &TIME,
        "enum" | "set" => &["1", "2", "''", "NULL"],
        kind if kind.ends_with("blob") || kind.ends_with("binary") => &BYTES,
        _ => &TEXT,
    };
    from[turn % from.len()]
}

/// Four awkward rows for each table of a schema.
fn fill(server: &Server, schema: &str) -> Vec<u8> {
    let columns = server.ask(&format!(
        "SELECT table_name, column_name, data_type FROM information_schema.columns \
         WHERE table_schema = '{schema}' ORDER BY table_name, ordinal_position"
    ));
    let mut tables: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for column in &columns {
        tables.entry(&column[0]).or_default().push(&column[2]);
    }
    let mut script = String::from("SET sql_mode='', foreign_key_checks=0;\n");
    for (number, (table, kinds)) in tables.iter().enumerate() {
        let rows: Vec<String> = (0..4)
            .map(|row| {
                let values = kinds.iter().enumerate();
                let values = values.map(|(at, kind)| awkward(kind, number + at + row * (at + 1)));
                format!("({})", values.collect::<Vec<_>>().join(","))
            })
            .collect();
        script.push_str(&format!(
            "INSERT IGNORE INTO `{schema}`.`{table}` VALUES {};\n",
            rows.join(",")
        ));
    }
    script.into_bytes()
}

#[test]
fn a_real_diallers_schema_is_read_cell_by_cell() {
    let Some(schema) = shared_data("sql/vicidial_asterisk.sql") else {
        return;
    };
    let Some(server) = Server::start() else {
        return;
    };
    server.load(&["-e", "CREATE DATABASE asterisk"], b"");
    server.load(&["asterisk"], &fs::read(schema).unwrap());
    server.load(&[], &fill(&server, "asterisk"));
    for (args, charset, zone) in [
        (&["--hex-blob"][..], "utf8mb4", UTC),
        (
            &[
                "--skip-tz-utc",
                "--complete-insert",
                "--skip-extended-insert",
            ],
            "utf8mb4",
            SERVERS_ZONE,
        ),
        (
            &["--default-character-set=latin1", "--compatible=ansi"],
            "latin1",
            UTC,
        ),
        (&["--skip-quote-names"], "utf8mb4", UTC),
    ] {
        let meant = server.cells(&["asterisk"], charset, zone);
        assert!(meant.len() > 300, "{} tables hold rows", meant.len());
        let what = format!("{args:?}");
        assert_equal(
            &read(&server.dump(args, &["asterisk"]), &what),
            &meant,
            &what,
        );
    }
}

/// The made-up service's dump up to its last whole row, as the server would take it.
#[expect(clippy::disallowed_methods, reason = "the made-up dump is small")]
fn whole_rows(path: &Utf8Path) -> Vec<u8> {
    let mut text = zstd::decode_all(fs::File::open(path).unwrap()).unwrap();
    let cut = text
        .windows(4)
        .rposition(|four| four == b"),\n(")
        .expect("rows");
    text.truncate(cut + 1);
    text.extend_from_slice(b";\n-- Dump completed on 2022-11-08 04:00:00\n");
    text
}

fn panel(desk: &Desk) -> Utf8PathBuf {
    desk.seized()
        .into_iter()
        .find(|path| path.extension() == Some("zst"))
        .unwrap()
}

#[test]
fn the_made_up_service_is_read_as_a_server_reads_it() {
    let Some(server) = Server::start() else {
        return;
    };
    let desk = Desk::new();
    desk.lab("tiny", 20_221_124);
    let dump = whole_rows(&panel(&desk));
    server.load(&["-e", "CREATE DATABASE panel CHARACTER SET utf8mb4"], b"");
    server.load(&["panel"], &dump);
    for (args, charset, zone) in [
        (&[][..], "utf8mb4", UTC),
        (
            &["--hex-blob", "--default-character-set=latin1"],
            "latin1",
            UTC,
        ),
        (
            &["--skip-tz-utc", "--complete-insert"],
            "utf8mb4",
            SERVERS_ZONE,
        ),
    ] {
        let meant = server.cells(&["panel"], charset, zone);
        let rows: usize = meant.values().map(Vec::len).sum();
        assert!(rows > 4000, "{rows} rows");
        let what = format!("{args:?}");
        assert_equal(&read(&server.dump(args, &["panel"]), &what), &meant, &what);
    }
    // And the made-up dump itself, as it was seized. The server stores a question mark for each
    // byte that is no UTF-8; we keep the byte.
    let meant = server.cells(&["panel"], "utf8mb4", UTC);
    let found = read(&dump, "as made up");
    let mut kept = 0;
    for ((_, table), meant) in &meant {
        let found = &found[&(String::new(), table.clone())];
        assert_eq!(found.len(), meant.len(), "{table}");
        for (found, meant) in found.iter().flatten().zip(meant.iter().flatten()) {
            if found != meant {
                assert_eq!(found.len(), meant.len(), "{table}: {found} for {meant}");
                let bytes = |hex: &str| -> Vec<String> {
                    let pairs = hex.as_bytes().chunks(2);
                    pairs
                        .map(|pair| String::from_utf8_lossy(pair).into_owned())
                        .collect()
                };
                for (ours, theirs) in bytes(found).into_iter().zip(bytes(meant)) {
                    let is_none = ours.as_str() >= "80" && theirs == "3F";
                    assert!(ours == theirs || is_none, "{table}: {found} for {meant}");
                    kept += u32::from(ours != theirs);
                }
            }
        }
    }
    assert!(kept > 0, "the made-up service has such text");
}
