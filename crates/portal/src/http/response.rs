//! An answer, with the headers that every page carries.

/// Nothing from elsewhere, nothing inline, no frame, no other target for a form.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; \
connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// What is sent back.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    pub(crate) closes: bool,
}

impl Response {
    pub(crate) fn new(status: u16, content_type: &'static str, body: Vec<u8>) -> Self {
        Self {
            status,
            headers: vec![("Content-Type", content_type.to_owned())],
            body,
            closes: false,
        }
    }

    pub(crate) fn html(status: u16, page: String) -> Self {
        Self::new(status, "text/html; charset=utf-8", page.into_bytes())
    }

    /// A line of text where there is no language to answer in.
    pub(crate) fn plain(status: u16) -> Self {
        let line = format!("{status} {}\n", reason(status));
        let response = Self::new(status, "text/plain; charset=utf-8", line.into_bytes());
        // RFC 9110 §15.5.6.
        if status == 405 {
            return response.with("Allow", "GET, HEAD, POST");
        }
        response
    }

    /// Sends the browser on, with GET.
    pub(crate) fn see_other(to: &str) -> Self {
        let mut response = Self::new(303, "text/plain; charset=utf-8", Vec::new());
        response.headers.push(("Location", to.to_owned()));
        response
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The bytes to send. Values are the portal's own; a line break in one would be a bug, and is
    /// taken out.
    pub(crate) fn encode(&self, is_head: bool, closes: bool) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        let mut line = |name: &str, value: &str| {
            let value: String = value.chars().filter(|c| !c.is_control()).collect();
            head.push_str(&format!("{name}: {value}\r\n"));
        };
        for (name, value) in &self.headers {
            line(name, value);
        }
        if !self
            .headers
            .iter()
            .any(|(name, _)| *name == "Cache-Control")
        {
            line("Cache-Control", "no-store");
        }
        line("Content-Length", &self.body.len().to_string());
        line("Content-Security-Policy", POLICY);
        line("Cross-Origin-Embedder-Policy", "require-corp");
        line("Cross-Origin-Opener-Policy", "same-origin");
        line("Cross-Origin-Resource-Policy", "same-origin");
        line(
            "Permissions-Policy",
            "camera=(), geolocation=(), microphone=(), interest-cohort=()",
        );
        line("Referrer-Policy", "same-origin");
        line(
            "Strict-Transport-Security",
            "max-age=63072000; includeSubDomains",
        );
        line("X-Content-Type-Options", "nosniff");
        line("X-Frame-Options", "DENY");
        line("Connection", if closes { "close" } else { "keep-alive" });
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        if !is_head {
            bytes.extend_from_slice(&self.body);
        }
        bytes
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        202 => "Accepted",
        303 => "See Other",
        304 => "Not Modified",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        411 => "Length Required",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        417 => "Expectation Failed",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        503 => "Service Unavailable",
        _ => "Error",
    }
}
