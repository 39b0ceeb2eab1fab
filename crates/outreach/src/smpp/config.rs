//! How an account at a provider is used: items of its contract. The password comes apart.

use std::fmt;
use std::net::IpAddr;

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::SmppError;
use crate::text::Coding;

/// Which connections a session has.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BindMode {
    /// One for both directions.
    #[default]
    Transceiver,
    /// One that submits and one that gets the receipts.
    Pair,
}

/// How a text goes out that needs several parts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LongText {
    /// In parts with a user data header, as phones read it.
    #[default]
    Udh,
    /// In parts with SMPP's `sar_*` parameters, from which the centre makes the header.
    Sar,
    /// As one `message_payload`, which the centre cuts.
    Payload,
}

/// The protocol's version.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub enum InterfaceVersion {
    /// SMPP 3.4, which nearly all centres speak.
    #[default]
    #[serde(rename = "3.4")]
    V34,
    /// SMPP 5.0.
    #[serde(rename = "5.0")]
    V50,
}

impl InterfaceVersion {
    /// Returns what a bind says.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::V34 => 0x34,
            Self::V50 => 0x50,
        }
    }
}

/// How a receipt writes the id that the acceptance gave.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdDialect {
    /// Nobody knows: all readings.
    #[default]
    Any,
    /// As it was, give or take zeros in front and case.
    AsGiven,
    /// In decimal, where the acceptance had hexadecimal.
    DecimalForHex,
    /// In hexadecimal, where the acceptance had decimal.
    HexForDecimal,
}

/// TLS towards the centre.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// Certificates that its chain may end in, as PEM.
    pub roots: Utf8PathBuf,
    /// The name that its certificate must carry; by default the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_name: Option<String>,
}

/// An account at a provider. Who the text comes from stands in the signed plan, never here.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmppConfig {
    /// Name or address of the centre.
    pub host: String,
    /// Its port: 2775 by custom, 3550 with TLS.
    pub port: u16,
    /// TLS, or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsConfig>,
    /// The account's name.
    pub system_id: String,
    /// Kind of ESME; mostly empty.
    #[serde(default)]
    pub system_type: String,
    /// Which connections a session has.
    #[serde(default)]
    pub bind: BindMode,
    /// How many sessions the account may have at one time.
    #[serde(default = "one")]
    pub sessions: usize,
    /// Messages without an answer in each session.
    #[serde(default = "ten")]
    pub window: usize,
    /// Parts a second that the contract allows, over all sessions. We stay a tenth below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_per_s: Option<u32>,
    /// Seconds after which a submit without an answer is unknown.
    #[serde(default = "sixty")]
    pub response_timeout_s: u32,
    /// Seconds between our `enquire_link`s; the connection is dropped when two are missed.
    #[serde(default = "thirty")]
    pub enquire_interval_s: u32,
    /// Seconds without a byte from the centre after which the connection is dropped.
    #[serde(default = "one_hundred_and_fifty")]
    pub inactivity_s: u32,
    /// How long texts go out.
    #[serde(default)]
    pub long_text: LongText,
    /// Alphabets, and the reference that joins parts.
    #[serde(default)]
    pub coding: Coding,
    /// What `data_coding` says for the default alphabet, where it is not 0.
    #[serde(default)]
    pub data_coding: u8,
    /// How receipts write ids.
    #[serde(default)]
    pub receipt_ids: IdDialect,
    /// Takes an incoming message for a receipt if its text looks like one, though it is not marked as
    /// such. Only for a sender ID that nobody can text to: else anybody could send receipts.
    #[serde(default)]
    pub receipts_by_text: bool,
    /// The protocol's version.
    #[serde(default)]
    pub interface_version: InterfaceVersion,
}

const fn one() -> usize {
    1
}

const fn ten() -> usize {
    10
}

const fn thirty() -> u32 {
    30
}

const fn sixty() -> u32 {
    60
}

const fn one_hundred_and_fifty() -> u32 {
    150
}

impl SmppConfig {
    /// Makes an account with everything else as it mostly is.
    #[must_use]
    pub fn of(host: &str, port: u16, system_id: &str) -> Self {
        Self {
            host: host.into(),
            port,
            tls: None,
            system_id: system_id.into(),
            system_type: String::new(),
            bind: BindMode::default(),
            sessions: one(),
            window: ten(),
            rate_per_s: None,
            response_timeout_s: sixty(),
            enquire_interval_s: thirty(),
            inactivity_s: one_hundred_and_fifty(),
            long_text: LongText::default(),
            coding: Coding::default(),
            data_coding: 0,
            receipt_ids: IdDialect::default(),
            receipts_by_text: false,
            interface_version: InterfaceVersion::default(),
        }
    }

    /// Checks what can be checked without a network.
    ///
    /// # Errors
    /// [`SmppError::Config`] names the item; [`SmppError::MadeUp`] where made-up records would
    /// leave this machine.
    pub fn check(&self, made_up: bool) -> Result<(), SmppError> {
        let wrong = |item, why| Err(SmppError::Config { item, why });
        if made_up && !is_loopback(&self.host) {
            return Err(SmppError::MadeUp);
        }
        if self.host.is_empty() {
            return wrong("host", "is empty");
        }
        if self.port == 0 {
            return wrong("port", "is 0");
        }
        // Zero octets end strings; the specification's lengths, zero octet left out.
        for (item, string, most) in [
            ("system_id", &self.system_id, 15),
            ("system_type", &self.system_type, 12),
        ] {
            if string.len() > most {
                return wrong(item, "is longer than the protocol allows");
            }
            if !string.bytes().all(|octet| (0x20..0x7f).contains(&octet)) {
                return wrong(item, "has characters other than ASCII");
            }
        }
        if self.system_id.is_empty() {
            return wrong("system_id", "is empty");
        }
        if !(1..=100).contains(&self.sessions) {
            return wrong("sessions", "is not from 1 to 100");
        }
        if !(1..=10_000).contains(&self.window) {
            return wrong("window", "is not from 1 to 10,000");
        }
        if self.rate_per_s == Some(0) {
            return wrong("rate_per_s", "is 0");
        }
        for (item, seconds) in [
            ("response_timeout_s", self.response_timeout_s),
            ("enquire_interval_s", self.enquire_interval_s),
            ("inactivity_s", self.inactivity_s),
        ] {
            if !(1..=86_400).contains(&seconds) {
                return wrong(item, "is not from 1 to 86,400 seconds");
            }
        }
        Ok(())
    }
}

/// Says whether a host is an address of this machine that leads nowhere else. Names are none: what
/// they stand for is decided elsewhere.
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    host.parse::<IpAddr>()
        .is_ok_and(|address| address.is_loopback())
}

/// The account's password. It is never shown and is wiped when it is dropped.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes a password as it was read from a file or descriptor, its line ending left out.
    ///
    /// # Errors
    /// [`SmppError::Config`] where it is longer than 64 octets or has others than ASCII's.
    pub fn of(read: Zeroizing<String>) -> Result<Self, SmppError> {
        let wrong = |why| {
            Err(SmppError::Config {
                item: "password",
                why,
            })
        };
        let password = Zeroizing::new(read.trim_end_matches(['\r', '\n']).to_owned());
        // The protocol says 8; providers that hand out longer ones take them.
        if password.len() > 64 {
            return wrong("is longer than 64 characters");
        }
        if !password.bytes().all(|octet| (0x20..0x7f).contains(&octet)) {
            return wrong("has characters other than ASCII");
        }
        Ok(Self(password))
    }

    /// Gives it up, for a bind alone.
    pub(super) fn reveal(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::{BindMode, Password, SmppConfig, is_loopback};
    use crate::smpp::SmppError;

    #[test]
    fn an_account_is_read_with_the_usual_items_left_out() {
        let config: SmppConfig = serde_json::from_str(
            r#"{"host": "127.0.0.1", "port": 2775, "system_id": "unspoof", "bind": "pair",
                "interface_version": "5.0", "long_text": "sar", "receipt_ids": "decimal-for-hex"}"#,
        )
        .unwrap();
        assert_eq!((config.window, config.sessions), (10, 1));
        assert_eq!(config.bind, BindMode::Pair);
        assert_eq!(config.interface_version.number(), 0x50);
        config.check(true).unwrap();
        // A misspelt item is not passed over, and there is no item for whom the text comes from.
        for item in ["windows", "source_addr", "sender_id"] {
            let text = format!(r#"{{"host": "::1", "port": 1, "system_id": "a", "{item}": "x"}}"#);
            assert!(serde_json::from_str::<SmppConfig>(&text).is_err(), "{item}");
        }
    }

    #[test]
    fn made_up_records_stay_on_this_machine() {
        for (host, stays) in [
            ("127.0.0.1", true),
            ("127.255.3.4", true),
            ("::1", true),
            ("localhost", false),
            ("192.0.2.1", false),
            ("::ffff:127.0.0.1", false),
            ("smpp.example", false),
            ("127.0.0.1.example", false),
            ("0.0.0.0", false),
        ] {
            assert_eq!(is_loopback(host), stays, "{host}");
            let config = SmppConfig::of(host, 2775, "unspoof");
            let made_up = config.check(true);
            assert_eq!(made_up.is_ok(), stays, "{host}");
            if let Err(why) = made_up {
                assert!(matches!(why, SmppError::MadeUp));
            }
            config.check(false).unwrap();
        }
    }

    #[test]
    fn wrong_items_are_named() {
        let good = SmppConfig::of("127.0.0.1", 2775, "unspoof");
        let items = |change: fn(&mut SmppConfig)| {
            let mut config = good.clone();
            change(&mut config);
            match config.check(false) {
                Err(SmppError::Config { item, .. }) => item,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(items(|c| c.port = 0), "port");
        assert_eq!(items(|c| c.window = 0), "window");
        assert_eq!(items(|c| c.sessions = 1000), "sessions");
        assert_eq!(items(|c| c.rate_per_s = Some(0)), "rate_per_s");
        assert_eq!(
            items(|c| c.system_id = "sixteen octets..".into()),
            "system_id"
        );
        assert_eq!(items(|c| c.system_type = "a\0b".into()), "system_type");
        assert_eq!(items(|c| c.response_timeout_s = 0), "response_timeout_s");
    }

    #[test]
    fn a_password_is_never_shown() {
        let password = Password::of(Zeroizing::new("s3cret\r\n".into())).unwrap();
        assert_eq!(password.reveal(), b"s3cret");
        assert_eq!(format!("{password:?}"), "Password");
        assert!(Password::of(Zeroizing::new("pass\0word".into())).is_err());
        assert!(Password::of(Zeroizing::new("a".repeat(65))).is_err());
    }
}
