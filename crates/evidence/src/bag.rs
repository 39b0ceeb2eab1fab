//! BagIt 1.0 bags (RFC 8493): one file in each.

mod check;

use camino::Utf8Path;
use unspoof_model::UtcMicros;

use crate::clock::rfc3339_utc;
use crate::exhibit::{Exhibit, RECORD, Sha512Hash};
use crate::state::encode_path;

pub(crate) use check::{check, parse_manifest};

pub(crate) const DECLARATION: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// Writes a bag's tag files for a sealed exhibit: name under the bag's folder, and text.
pub(crate) fn tag_files(exhibit: &Exhibit, payload: &str) -> Vec<(&'static str, String)> {
    let place = encode_path(&format!("data/{payload}"));
    let mut files = vec![
        ("bagit.txt", DECLARATION.to_owned()),
        ("bag-info.txt", bag_info(exhibit)),
        (
            "manifest-sha256.txt",
            format!("{}  {place}\n", exhibit.sha256),
        ),
        (
            "manifest-sha512.txt",
            format!("{}  {place}\n", exhibit.sha512),
        ),
        (RECORD, exhibit.to_record()),
    ];
    files.sort_by_key(|(name, _)| *name);
    let listed = |hash: &dyn Fn(&[u8]) -> String| {
        files.iter().fold(String::new(), |list, (name, text)| {
            list + &hash(text.as_bytes()) + "  " + name + "\n"
        })
    };
    let sha256 = listed(&|bytes| crate::state::sha256(bytes).to_string());
    let sha512 = listed(&|bytes| sha512(bytes).to_string());
    files.push(("tagmanifest-sha256.txt", sha256));
    files.push(("tagmanifest-sha512.txt", sha512));
    files
}

fn sha512(bytes: &[u8]) -> Sha512Hash {
    use sha2::Digest as _;
    Sha512Hash(sha2::Sha512::digest(bytes).into())
}

/// Writes `bag-info.txt` (RFC 8493 section 2.2.2). Values hold no line breaks: see
/// `seal::checked_notes`.
fn bag_info(exhibit: &Exhibit) -> String {
    let optional = [
        ("Source-Organization", &exhibit.source_organization),
        ("Legal-Authority", &exhibit.authority),
        ("Use-Restrictions", &exhibit.restrictions),
    ];
    let mut text = String::new();
    for (label, value) in optional {
        if let Some(value) = value {
            text += &format!("{label}: {value}\n");
        }
    }
    let Exhibit { name, bytes, .. } = exhibit;
    text += &format!("External-Identifier: {name}\n");
    text += &format!("Bagging-Date: {}\n", date(exhibit.sealed_utc));
    text += &format!("Payload-Oxum: {bytes}.1\n");
    text += &format!(
        "Bag-Software-Agent: unspoof {}\n",
        env!("CARGO_PKG_VERSION")
    );
    text
}

fn date(at_utc: UtcMicros) -> String {
    // The day that RFC 3339 text begins with.
    let text = rfc3339_utc(at_utc);
    text.split('T').next().unwrap_or_default().to_owned()
}

/// Tells whether a path under a bag is payload.
pub(crate) fn is_payload(path: &str) -> bool {
    Utf8Path::new(path).starts_with("data")
}
