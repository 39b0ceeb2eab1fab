//! The notice as a page: one file, no script, nothing from elsewhere.

use std::fmt::Write as _;

use jiff::civil::Date;
use unspoof_handover::hex;

use super::Notice;
use crate::plan::CODE;

const STYLE: &str = "body{margin:0 auto;max-width:40rem;padding:1rem;font:1.125rem/1.5 sans-serif;color:#111;\
background:#fff}h1{font-size:1.75rem;line-height:1.2}h2{font-size:1.25rem;margin-top:2rem}\
blockquote{margin:1rem 0;padding:.75rem 1rem;border:2px solid #333;border-radius:.5rem;overflow-wrap:anywhere}\
li{margin-bottom:.5rem}dt{font-weight:bold}dd{margin:0 0 .75rem}.small{font-size:1rem;overflow-wrap:anywhere}\
.made-up{padding:.75rem 1rem;border:4px solid #900;font-weight:bold}@media(prefers-color-scheme:dark){body{color:#eee;\
background:#111}blockquote{border-color:#ccc}}";

/// Writes the page, up to where the signature goes.
pub(super) fn html(notice: &Notice, key: &[u8; 32]) -> String {
    let mut page = String::new();
    let organisation = escaped(&notice.organisation);
    let sender = escaped(&notice.sender);
    let lines = [
        "<!doctype html>".to_owned(),
        "<html lang=\"en\">".to_owned(),
        "<head>".to_owned(),
        "<meta charset=\"utf-8\">".to_owned(),
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">".to_owned(),
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
            .to_owned(),
        // A number in a text is never made into something to tap.
        "<meta name=\"format-detection\" content=\"telephone=no, email=no, address=no, date=no\">".to_owned(),
        format!("<title>Text messages from {organisation}</title>"),
        format!("<style>{STYLE}</style>"),
        "</head>".to_owned(),
        "<body>".to_owned(),
        "<main>".to_owned(),
        format!("<h1>Text messages from {organisation}</h1>"),
    ];
    for line in lines {
        page.push_str(&line);
        page.push('\n');
    }
    if notice.made_up {
        page.push_str("<p class=\"made-up\">This is a rehearsal with made-up records. Nobody gets a message.</p>\n");
    }
    let days = if notice.first_day == notice.last_day {
        format!("On {}", day(&notice.first_day))
    } else {
        format!(
            "From {} to {}",
            day(&notice.first_day),
            day(&notice.last_day)
        )
    };
    let rows = [
        ("Name that the messages come from", sender),
        ("Days", format!("{days} ({})", escaped(&notice.zone))),
        (
            "Hours",
            format!(
                "{} to {}, by the clock where the telephone is at home",
                escaped(&notice.earliest),
                escaped(&notice.latest)
            ),
        ),
        ("Who sends them", organisation),
        ("How to reach us", escaped(&notice.contact)),
    ];
    page.push_str("<dl>\n");
    for (term, value) in rows {
        put(&mut page, format_args!("<dt>{term}</dt><dd>{value}</dd>\n"));
    }
    page.push_str("</dl>\n<h2>How to tell a message that is ours</h2>\n<ul>\n");
    for sentence in &notice.how_to_tell {
        put(&mut page, format_args!("<li>{}</li>\n", escaped(sentence)));
    }
    page.push_str("</ul>\n<h2>The exact words</h2>\n");
    page.push_str("<p>Each message is one of these, letter by letter. Where it says <b>code</b> stands a code of \
        twelve letters and digits that only its recipient gets.</p>\n");
    for text in &notice.texts {
        let words = escaped(&text.text).replace(CODE, "<b lang=\"en\">code</b>");
        put(
            &mut page,
            format_args!(
                "<blockquote lang=\"{}\" dir=\"auto\">{words}</blockquote>\n",
                escaped(&text.language)
            ),
        );
    }
    put(
        &mut page,
        format_args!(
            "<h2>For banks, operators and whoever checks</h2>\n<p class=\"small\">Campaign {}, plan SHA-256 {}. The last \
             line of this file is an Ed25519 signature by the key {} over all lines before it.</p>\n",
            escaped(&notice.campaign),
            notice.plan_sha256,
            hex::encode(key)
        ),
    );
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn put(page: &mut String, what: std::fmt::Arguments<'_>) {
    let written = page.write_fmt(what);
    debug_assert!(written.is_ok(), "memory takes what is written");
}

/// Writes a day as people read it; one that is none as it stands.
fn day(written: &str) -> String {
    written.parse::<Date>().map_or_else(
        |_| escaped(written),
        |date| date.strftime("%A %-d %B %Y").to_string(),
    )
}

/// No word of a plan becomes markup.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // One text is one line, so that no line of it can be taken for a signature.
            '\n' | '\r' => safe.push(' '),
            plain => safe.push(plain),
        }
    }
    safe
}
