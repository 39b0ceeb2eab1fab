//! What `unspoof-smsc smpp` is told on the command line.

use std::path::PathBuf;

use super::{Faults, Settings, Tls};

/// What can be said, one line each.
pub const USAGE: &str = "\
unspoof-smsc smpp --listen 127.0.0.1:PORT [--NAME VALUE]...
  --system-id NAME   --password WORD   who may bind; all may where none is named
  --journal FILE     writes what is submitted there, a line of JSON each, before it is answered
  --synced yes       waits for the disk besides
  --kept no          keeps nothing in memory
  --enquire-ms N     sends enquire_link after so long a silence
  --certificate FILE   --key FILE   PEM, for TLS
  --faults FILE      what goes wrong, as TOML or JSON
";

/// Reads arguments.
///
/// # Errors
/// What is wrong with them.
pub fn read(arguments: &[String]) -> Result<Settings, String> {
    let mut settings = Settings::default();
    let (mut system_id, mut password) = (None, String::new());
    let (mut certificate, mut key) = (None, None);
    let mut rest = arguments.iter();
    while let Some(name) = rest.next() {
        let value = rest
            .next()
            .ok_or_else(|| format!("`{name}` needs a value"))?;
        let wrong = |what: &str| format!("`{name} {value}`: not {what}");
        match name.as_str() {
            "--listen" => {
                let place = value.parse();
                settings.listen = place.map_err(|_| wrong("an address with a port"))?;
            }
            "--system-id" => system_id = Some(value.clone()),
            "--password" => password.clone_from(value),
            "--journal" => settings.journal = Some(PathBuf::from(value)),
            "--synced" => settings.is_synced = value == "yes",
            "--kept" => settings.is_kept = value == "yes",
            "--enquire-ms" => {
                settings.enquire_ms = value.parse().map_err(|_| wrong("a number"))?;
            }
            "--certificate" => certificate = Some(PathBuf::from(value)),
            "--key" => key = Some(PathBuf::from(value)),
            "--faults" => {
                let text = std::fs::read_to_string(value)
                    .map_err(|error| wrong(&format!("a file that can be read: {error}")))?;
                settings.faults = faults(&text).map_err(|why| wrong(&format!("faults: {why}")))?;
            }
            other => return Err(format!("`{other}` is not known\n{USAGE}")),
        }
    }
    settings.account = system_id.map(|name| (name, password));
    settings.tls = match (certificate, key) {
        (Some(certificate), Some(key)) => Some(Tls { certificate, key }),
        (None, None) => None,
        _ => return Err("`--certificate` and `--key` go together".to_owned()),
    };
    Ok(settings)
}

/// Reads faults, as JSON or TOML.
fn faults(text: &str) -> Result<Faults, String> {
    if text.trim_start().starts_with('{') {
        serde_json::from_str(text).map_err(|error| error.to_string())
    } else {
        toml::from_str(text).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_become_settings() {
        let said = "--listen 127.0.0.1:7 --system-id a --password b --journal j --enquire-ms 9";
        let words: Vec<String> = said.split(' ').map(str::to_owned).collect();
        let settings = read(&words).unwrap();
        assert_eq!(settings.listen.port(), 7);
        assert_eq!(settings.account, Some(("a".into(), "b".into())));
        assert_eq!(settings.enquire_ms, 9);
        for wrong in ["--nonsense 1", "--enquire-ms x", "--key k", "--journal"] {
            let words: Vec<String> = wrong.split(' ').map(str::to_owned).collect();
            assert!(read(&words).is_err(), "{wrong}");
        }
    }

    #[test]
    fn faults_are_read_and_misspelt_ones_refused() {
        let read = faults("seed = 4\ncut_after = 10\n[receipts]\nform = \"tlv\"\n").unwrap();
        assert_eq!((read.seed, read.cut_after), (4, 10));
        assert_eq!(faults("{\"seed\": 4}").unwrap().seed, 4);
        assert!(faults("cut_aftr = 1").is_err());
    }
}
