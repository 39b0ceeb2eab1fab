//! Which server, database and user.

use std::fmt;
use std::str::FromStr;

use crate::StoreError;

/// A PostgreSQL database: `postgres://USER[:PASSWORD]@HOST[:PORT]/DATABASE`, with
/// `?host=/FOLDER` for a socket in a folder.
///
/// Nothing encrypts the connection. So another machine than this one is refused unless the URL says
/// `?sslmode=disable`: whoever writes that has a tunnel or a network of their own.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) user: String,
    pub(crate) password: Option<String>,
    pub(crate) database: String,
}

/// Shows no password.
impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            host,
            port,
            user,
            database,
            ..
        } = self;
        write!(f, "postgres://{user}@{host}:{port}/{database}")
    }
}

/// Shows no password.
impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PostgresUrl {
    /// Takes a password from elsewhere, unless the URL holds one.
    #[must_use]
    pub fn or_password(mut self, password: Option<String>) -> Self {
        self.password = self.password.or(password);
        self
    }

    /// Returns whether the server is on this machine.
    fn is_near(&self) -> bool {
        self.host.starts_with('/')
            || self.host == "localhost"
            || self
                .host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    }
}

/// Undoes `%41`; anything that is not text in the end is refused.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |b: u8| char::from(b).to_digit(16);
        let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
        bytes.push((high * 16 + low) as u8);
    }
    let text = String::from_utf8(bytes).ok()?;
    (!text.contains('\0')).then_some(text)
}

impl FromStr for PostgresUrl {
    type Err = StoreError;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        let refused = |why| StoreError::Url { why };
        let rest = url
            .strip_prefix("postgres://")
            .or_else(|| url.strip_prefix("postgresql://"))
            .ok_or_else(|| refused("it does not begin with `postgres://`"))?;
        let (rest, options) = rest.split_once('?').unwrap_or((rest, ""));
        let (server, database) = rest
            .split_once('/')
            .filter(|(_, database)| !database.is_empty())
            .ok_or_else(|| refused("it names no database"))?;
        let (login, server) = server
            .rsplit_once('@')
            .ok_or_else(|| refused("it names no user"))?;
        let (user, password) = match login.split_once(':') {
            Some((user, password)) => (user, Some(password)),
            None => (login, None),
        };
        // An IPv6 address stands in brackets, and holds colons itself.
        let (host, port) = match server.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, Some(port)),
            Some(_) | None => (server, None),
        };
        let port = match port {
            None => 5432,
            Some(port) => port.parse().map_err(|_| refused("its port is no number"))?,
        };
        let part = |text: &str| decoded(text).ok_or_else(|| refused("it has a wrong `%`"));
        let mut read = Self {
            host: part(host.trim_start_matches('[').trim_end_matches(']'))?,
            port,
            user: part(user)?,
            password: password.map(part).transpose()?,
            database: part(database)?,
        };
        let mut is_open = false;
        for option in options.split('&').filter(|option| !option.is_empty()) {
            match option.split_once('=') {
                Some(("sslmode", "disable")) => is_open = true,
                Some(("host", folder)) => read.host = part(folder)?,
                _ => {
                    return Err(refused(
                        "of options it may have `sslmode=disable` and `host=/FOLDER`",
                    ));
                }
            }
        }
        if read.user.is_empty() || read.host.is_empty() {
            return Err(refused("it names no user or no host"));
        }
        if !read.is_near() && !is_open {
            return Err(refused(
                "the connection is not encrypted: reach another machine through a tunnel, or say ?sslmode=disable",
            ));
        }
        Ok(read)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that fails says where by itself")]
mod tests {
    use super::*;

    #[test]
    fn reads_what_psql_reads() {
        let url: PostgresUrl = "postgres://ana%20l:s%3Acret@127.0.0.1:5433/cases"
            .parse()
            .unwrap();
        assert_eq!((url.user.as_str(), url.port), ("ana l", 5433));
        assert_eq!(url.password.as_deref(), Some("s:cret"));
        assert_eq!(format!("{url} {url:?}").matches("cret").count(), 0);
        let url: PostgresUrl = "postgresql://a@localhost/b?host=/run/pg".parse().unwrap();
        assert_eq!((url.host.as_str(), url.port), ("/run/pg", 5432));
        let url: PostgresUrl = "postgres://a@[::1]:9/b".parse().unwrap();
        assert_eq!((url.host.as_str(), url.port), ("::1", 9));
        assert_eq!(
            url.or_password(Some("p".into())).password.as_deref(),
            Some("p")
        );
    }

    #[test]
    fn refuses_what_it_would_misread() {
        for bad in [
            "mysql://a@localhost/b",
            "postgres://localhost/b",
            "postgres://a@localhost",
            "postgres://a@localhost/",
            "postgres://a@localhost:x/b",
            "postgres://a%@localhost/b",
            "postgres://a@localhost/b?sslmode=require",
            "postgres://a@10.0.0.1/b",
            "postgres://@localhost/b",
        ] {
            assert!(bad.parse::<PostgresUrl>().is_err(), "{bad}");
        }
        assert!(
            "postgres://a@10.0.0.1/b?sslmode=disable"
                .parse::<PostgresUrl>()
                .is_ok()
        );
    }
}
