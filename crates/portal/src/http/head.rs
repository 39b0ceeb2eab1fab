//! A request's head, parsed and judged.

use std::fmt;

/// What may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Head,
    Post,
}

/// What the portal looks at in a request's head. `Debug` shows neither path nor header.
#[derive(Clone)]
pub(crate) struct Head {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) content_length: u64,
    pub(crate) closes: bool,
    pub(crate) expects_continue: bool,
    headers: Vec<(String, String)>,
}

impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Head")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

impl Head {
    /// Parses a head that ends in an empty line; otherwise the status to answer with.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, u16> {
        // `httparse` takes a bare LF for a line's end; not every proxy does.
        let is_bare = |pair: &[u8]| matches!(pair, &[before, b'\n'] if before != b'\r');
        if bytes.first() == Some(&b'\n') || bytes.windows(2).any(is_bare) {
            return Err(400);
        }
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut request = httparse::Request::new(&mut headers);
        match request.parse(bytes) {
            Ok(httparse::Status::Complete(_)) => {}
            Err(httparse::Error::TooManyHeaders) => return Err(431),
            Ok(httparse::Status::Partial) | Err(_) => return Err(400),
        }
        let method = match request.method {
            Some("GET") => Method::Get,
            Some("HEAD") => Method::Head,
            Some("POST") => Method::Post,
            Some(_) | None => return Err(405),
        };
        let mut kept = Vec::new();
        for header in request.headers.iter() {
            let value = std::str::from_utf8(header.value).map_err(|_| 400_u16)?;
            kept.push((
                header.name.to_ascii_lowercase(),
                value.trim_matches([' ', '\t']).to_owned(),
            ));
        }
        let target = request.path.unwrap_or("");
        if !target.starts_with('/')
            || target.len() > 2048
            || !target.bytes().all(|b| b.is_ascii_graphic())
        {
            return Err(400);
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut head = Self {
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            content_length: 0,
            closes: request.version == Some(0),
            expects_continue: false,
            headers: kept,
        };
        head.frame(request.version == Some(1))?;
        Ok(head)
    }

    /// Where the body ends, and whether the connection does: nothing of it may be ambiguous.
    fn frame(&mut self, is_1_1: bool) -> Result<(), u16> {
        if self.all("transfer-encoding").next().is_some() || self.all("upgrade").next().is_some() {
            return Err(400);
        }
        if self.all("host").count() != 1 && (is_1_1 || self.all("host").count() > 1) {
            return Err(400);
        }
        let lengths: Vec<&str> = self.all("content-length").collect();
        let length = match lengths.as_slice() {
            [] if self.method == Method::Post => return Err(411),
            [] => 0,
            [one]
                if !one.is_empty()
                    && one.len() <= 15
                    && one.bytes().all(|b| b.is_ascii_digit()) =>
            {
                one.parse().map_err(|_| 400_u16)?
            }
            _ => return Err(400),
        };
        if length > 0 && self.method != Method::Post {
            return Err(400);
        }
        let closes = self
            .all("connection")
            .any(|value| value.to_ascii_lowercase().contains("close"));
        let expects: Vec<bool> = self
            .all("expect")
            .map(|value| value.eq_ignore_ascii_case("100-continue"))
            .collect();
        if expects.contains(&false) {
            return Err(417);
        }
        self.content_length = length;
        self.closes |= closes;
        self.expects_continue = !expects.is_empty();
        Ok(())
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(of, _)| of == name)
            .map(|(_, value)| value.as_str())
    }

    /// The value of a header that may stand once; `None` where it is missing or stands twice.
    pub(crate) fn one<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        let mut all = self.all(name);
        let first = all.next()?;
        all.next().is_none().then_some(first)
    }

    /// The value of a list header, all its lines joined.
    pub(crate) fn joined(&self, name: &str) -> String {
        self.all(name).collect::<Vec<_>>().join(",")
    }

    /// A cookie that stands once. A second of the same name may be planted: then none counts.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        let mut found = self
            .all("cookie")
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(of, _)| *of == name)
            .map(|(_, value)| value);
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        let refused = [
            (
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                400,
            ),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
                400,
            ),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n",
                400,
            ),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n",
                400,
            ),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\n",
                400,
            ),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
                400,
            ),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
                400,
            ),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\nContent-Length: 3\r\n\r\n",
                400,
            ),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nX: a\r\n Content-Length: 3\r\n\r\n",
                400,
            ),
            ("POST / HTTP/1.1\r\nHost: a\r\n\r\n", 411),
            (
                "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n",
                400,
            ),
            ("GET / HTTP/1.1\r\nHost: a\nContent-Length: 0\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
            ("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
            ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n", 400),
            ("PUT / HTTP/1.1\r\nHost: a\r\n\r\n", 405),
            ("GET / HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\n\r\n", 417),
        ];
        for (head, status) in refused {
            assert_eq!(Head::parse(head.as_bytes()).err(), Some(status), "{head:?}");
        }
        let head = Head::parse(
            b"POST /a?b HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nCookie: x=1; y=2; y=3\r\n\r\n",
        );
        let head = head.unwrap();
        assert_eq!(
            (head.path.as_str(), head.query.as_str(), head.content_length),
            ("/a", "b", 3)
        );
        assert_eq!((head.cookie("x"), head.cookie("y")), (Some("1"), None));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let _ = Head::parse(&bytes);
        }

        #[test]
        fn no_headers_panic(line in "[ -~]{0,60}") {
            let _ = Head::parse(format!("GET / HTTP/1.1\r\nHost: a\r\n{line}\r\n\r\n").as_bytes());
        }
    }
}
