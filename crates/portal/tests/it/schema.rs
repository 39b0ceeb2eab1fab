//! Schemathesis, a fuzzer that others wrote, over every endpoint: no failure of ours, and nothing but
//! the answers that are described here.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value, json};
use unspoof_portal::questions::{Field, Kind, QUESTIONS};

use crate::support::{Site, Visitor};

fn schemathesis() -> Option<PathBuf> {
    let home = std::env::var_os("HOME").unwrap_or_else(|| ".".into());
    let default = Path::new(&home).join(".cache/unspoof/venv");
    let venv = std::env::var_os("UNSPOOF_VENV").map_or(default, PathBuf::from);
    let program = venv.join("bin/schemathesis");
    let is_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    let is_there = program.is_file();
    assert!(
        is_there || !is_ci,
        "schemathesis is missing: cargo xtask test installs it"
    );
    if !is_there {
        eprintln!("left out: `{}` is missing", program.display());
    }
    is_there.then_some(program)
}

/// A field of a form as OpenAPI writes it: what the form offers, or anything.
fn property(field: &Field) -> Vec<(String, Value)> {
    let text = |most: usize| json!({ "type": "string", "maxLength": most });
    match field.kind {
        Kind::One(values) | Kind::Any(values) => {
            vec![(
                field.name.into(),
                json!({ "type": "string", "enum": values }),
            )]
        }
        Kind::Line(most, ..) | Kind::Text(most) => vec![(field.name.into(), text(most.min(200)))],
        Kind::Amount => vec![(field.name.into(), text(24))],
        Kind::Date => ["day", "month", "year"]
            .map(|part| (format!("{}-{part}", field.name), text(4)))
            .to_vec(),
    }
}

/// A visitor's cookies, and a ticket of theirs for each form.
struct Visit {
    cookies: String,
    site: Visitor,
}

impl Visit {
    fn new(site: &Site) -> Self {
        let mut visitor = site.visitor();
        visitor.begin();
        visitor.fill("/en/report/q/happened", &[("story", "what happened")]);
        let pairs: Vec<String> = visitor
            .cookies
            .iter()
            .map(|(n, v)| format!("{n}={v}"))
            .collect();
        Self {
            cookies: pairs.join("; "),
            site: visitor,
        }
    }

    fn ticket(&mut self, page: &str) -> Value {
        let ticket = self.site.get(page).hidden("ticket");
        json!({ "type": "string", "enum": [ticket, "", "0.00"] })
    }

    /// An operation: what it takes besides cookies, and which statuses it may answer with.
    fn operation(&self, body: Option<(&str, Value)>, statuses: &[u16]) -> Value {
        let cookies = [self.cookies.as_str(), "__Host-visit=x", ""];
        let responses: Map<String, Value> = statuses
            .iter()
            .map(|status| {
                (
                    status.to_string(),
                    json!({ "description": "as the pages say" }),
                )
            })
            .collect();
        let mut operation = json!({
            "parameters": [{
                "name": "Cookie", "in": "header", "required": true,
                "schema": { "type": "string", "enum": cookies },
            }],
            "responses": responses,
        });
        if let Some((kind, schema)) = body {
            operation["requestBody"] =
                json!({ "required": true, "content": { kind: { "schema": schema } } });
        }
        operation
    }
}

fn described(site: &Site) -> Value {
    let mut visit = Visit::new(site);
    let get = [200, 303, 400, 404, 405, 408, 431];
    let post = [200, 303, 400, 403, 404, 405, 408, 411, 413, 415, 422, 429];
    let form = "application/x-www-form-urlencoded";
    let object = |properties: Map<String, Value>| json!({ "type": "object", "properties": properties, "required": ["ticket"] });
    let mut paths = Map::new();
    for path in [
        "/",
        "/health",
        "/notice.json",
        "/leave",
        "/en/",
        "/ar/",
        "/en/about",
        "/en/check",
        "/en/number",
        "/en/report",
        "/en/return",
        "/en/report/private",
        "/en/report/now",
        "/en/report/care",
        "/en/report/files",
        "/en/report/answers",
        "/en/report/sent",
        "/en/report/save",
        "/en/report/receipt",
        "/en/report/finish",
    ] {
        paths.insert(path.into(), json!({ "get": visit.operation(None, &get) }));
    }
    let text = json!({ "type": "string", "maxLength": 60 });
    let simple: [(&str, &str, &[&str]); 8] = [
        (
            "/en/check",
            "/en/check",
            &["code", "website", "place", "work"],
        ),
        ("/en/number", "/en/number", &["number", "website", "place"]),
        (
            "/en/report",
            "/en/report",
            &["code", "website", "browser", "place"],
        ),
        ("/en/return", "/en/return", &["return", "place"]),
        ("/en/report/kept", "/en/report/save", &["kept", "from"]),
        (
            "/en/report/answers",
            "/en/report/answers",
            &["place", "work"],
        ),
        (
            "/en/report/files/open",
            "/en/report/files",
            &["name", "size", "sealed"],
        ),
        ("/en/report/files/remove", "/en/report/files", &["id"]),
    ];
    for (path, page, fields) in simple {
        let mut properties: Map<String, Value> = fields
            .iter()
            .map(|name| ((*name).to_owned(), text.clone()))
            .collect();
        properties.insert("ticket".into(), visit.ticket(page));
        let operation = visit.operation(Some((form, object(properties))), &post);
        let entry = paths.entry(path).or_insert_with(|| json!({}));
        entry["post"] = operation;
    }
    let mut all = Map::new();
    for question in QUESTIONS {
        let path = format!("/en/report/q/{}", question.slug);
        let mut properties: Map<String, Value> =
            question.fields.iter().flat_map(property).collect();
        all.extend(properties.clone());
        properties.insert("ticket".into(), visit.ticket(&path));
        let mut entry = json!({ "get": visit.operation(None, &get) });
        entry["post"] = visit.operation(Some((form, object(properties))), &post);
        paths.insert(path, entry);
    }
    all.insert("ticket".into(), visit.ticket("/en/report/q/happened"));
    let keep = visit.operation(Some((form, object(all))), &post);
    paths.insert("/en/report/keep".into(), json!({ "post": keep }));
    // Bodies of other kinds.
    let file = json!({
        "type": "object", "required": ["ticket", "file"],
        "properties": {
            "ticket": visit.ticket("/en/report/files"),
            "file": { "type": "string", "format": "binary" },
        },
    });
    let whole = visit.operation(Some(("multipart/form-data", file)), &post);
    paths.entry("/en/report/files").or_insert_with(|| json!({}))["post"] = whole;
    let bytes = json!({ "type": "string", "format": "binary" });
    let ticketed = |mut operation: Value, ticket: Value| {
        let header = json!({ "name": "X-Portal-Ticket", "in": "header", "schema": ticket });
        operation["parameters"].as_array_mut().unwrap().push(header);
        operation
    };
    let octets = Some(("application/octet-stream", bytes));
    let sealed = visit.operation(octets.clone(), &post);
    let sealed = ticketed(sealed, visit.ticket("/en/report/answers"));
    paths.insert("/en/report/sealed".into(), json!({ "post": sealed }));
    let mut with_409 = post.to_vec();
    with_409.push(409);
    let piece = visit.operation(octets, &with_409);
    let mut piece = ticketed(piece, visit.ticket("/en/report/files"));
    for name in ["id", "offset"] {
        let place = json!({ "name": name, "in": "path", "required": true, "schema": text.clone() });
        piece["parameters"].as_array_mut().unwrap().push(place);
    }
    paths.insert(
        "/en/report/files/part/{id}/{offset}".into(),
        json!({ "post": piece }),
    );
    json!({ "openapi": "3.0.3", "info": { "title": "portal", "version": "1" }, "paths": paths })
}

#[test]
fn schemathesis_finds_nothing() {
    let Some(program) = schemathesis() else {
        return;
    };
    let site = Site::new();
    let schema = described(&site);
    let endpoints = schema["paths"].as_object().unwrap().len();
    assert!(endpoints > 35, "{endpoints}");
    // A form that is filled in at once is shown again: tickets are old enough.
    site.clock.advance(5000);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("openapi.json");
    std::fs::write(&file, schema.to_string()).unwrap();
    let is_soak = std::env::var_os("UNSPOOF_SOAK").is_some();
    let judged = Command::new(program)
        .args([
            "run",
            "--no-color",
            "--phases",
            "examples,coverage,fuzzing",
            "--seed",
            "20221124",
        ])
        .args(["--max-examples", if is_soak { "300" } else { "4" }])
        .args(["--checks", "not_a_server_error,status_code_conformance"])
        .args([
            "--suppress-health-check",
            "all",
            "--warnings",
            "off",
            "--no-shrink",
        ])
        .args([
            "--max-redirects",
            "0",
            "--generation-database",
            ":memory:",
            "--workers",
            "2",
        ])
        .arg("--url")
        .arg(format!("http://{}", site.address))
        .arg(&file)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&judged.stdout);
    let errors = String::from_utf8_lossy(&judged.stderr);
    assert!(judged.status.success(), "{told}\n{errors}");
    assert!(
        !site.metrics().contains("event=\"failed\""),
        "{}",
        site.metrics()
    );
}
