//! SVG, written element by element. Every text goes through one escape.

use std::fmt::Write as _;

use crate::colours::{Colour, Scheme};
use crate::writing::plain;

/// How a picture stands on its page.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Look {
    /// Sets it apart from other pictures of the page; letters, digits and hyphens of it are used.
    pub id: String,
    /// On which paper.
    pub scheme: Scheme,
}

#[derive(Clone, Copy)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// One picture in the making.
pub(crate) struct Svg {
    body: String,
    dark: bool,
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in plain(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

impl Svg {
    pub(crate) fn new(look: &Look) -> Self {
        Self {
            body: String::new(),
            dark: look.scheme == Scheme::Dark,
        }
    }

    fn put(&mut self, text: &str) {
        self.body.push_str(text);
        self.body.push('\n');
    }

    pub(crate) fn text(
        &mut self,
        (x, y): (i32, i32),
        anchor: Anchor,
        size_px: i32,
        colour: Colour,
        text: &str,
    ) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let line = format!(
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{size_px}\" text-anchor=\"{anchor}\" \
             class=\"f-{}\" fill=\"{}\">{}</text>",
            colour.class(),
            colour.hex(self.dark),
            escaped(text)
        );
        self.put(&line);
    }

    pub(crate) fn rect(&mut self, x: i32, y: i32, width: i32, height: i32, colour: Colour) {
        let line = format!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" class=\"f-{}\" \
             fill=\"{}\"/>",
            colour.class(),
            colour.hex(self.dark)
        );
        self.put(&line);
    }

    pub(crate) fn dot(&mut self, x: i32, y: i32, radius: i32, colour: Colour) {
        let line = format!(
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" class=\"f-{}\" fill=\"{}\"/>",
            colour.class(),
            colour.hex(self.dark)
        );
        self.put(&line);
    }

    /// Draws a path; `d` is made of this crate's own numbers alone.
    pub(crate) fn path(&mut self, d: &str, width: &str, colour: Colour) {
        let line = format!(
            "<path d=\"{d}\" fill=\"none\" stroke-width=\"{width}\" class=\"s-{}\" stroke=\"{}\"/>",
            colour.class(),
            colour.hex(self.dark)
        );
        self.put(&line);
    }

    /// Closes the picture. `described` is read out to whoever cannot see it.
    pub(crate) fn finish(
        self,
        look: &Look,
        (width, height): (i32, i32),
        title: &str,
        described: &str,
    ) -> String {
        let id: String = look
            .id
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
            .collect();
        let id = format!("picture-{id}");
        let mut out = String::with_capacity(self.body.len() + 1_024);
        let _ = writeln!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" id=\"{id}\" role=\"img\" \
             aria-labelledby=\"{id}-title {id}-desc\" viewBox=\"0 0 {width} {height}\" \
             width=\"{width}\" height=\"{height}\" \
             font-family=\"system-ui, 'Segoe UI', Roboto, Arial, sans-serif\">\n\
             <title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-desc\">{}</desc>",
            escaped(title),
            escaped(described)
        );
        if look.scheme == Scheme::Auto {
            out.push_str("<style>@media (prefers-color-scheme: dark) {");
            for colour in Colour::ALL {
                let (class, hex) = (colour.class(), colour.hex(true));
                let _ = write!(out, " #{id} .f-{class} {{ fill: {hex} }}");
                let _ = write!(out, " #{id} .s-{class} {{ stroke: {hex} }}");
            }
            out.push_str(" }</style>\n");
        }
        let _ = writeln!(
            out,
            "<rect width=\"{width}\" height=\"{height}\" class=\"f-paper\" fill=\"{}\"/>",
            Colour::Paper.hex(self.dark)
        );
        out.push_str(&self.body);
        out.push_str("</svg>\n");
        out
    }
}
