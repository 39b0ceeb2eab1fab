//! A handful of colours, each for light and for dark paper.

/// Which paper a picture is drawn on. Each brings its own paper along, so it can be read wherever it
/// is put.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Scheme {
    /// Dark on light.
    #[default]
    Light,
    /// Light on dark.
    Dark,
    /// As the reader's system prefers: for a picture that is a file of its own.
    Auto,
}

/// What a colour is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Colour {
    /// What everything lies on.
    Paper,
    /// Text.
    Ink,
    /// Lesser text.
    Soft,
    /// Axes and frames; carries no meaning by itself.
    Rule,
    /// The first series, and strong lines.
    First,
    /// The second series.
    Second,
    /// The third series, and weak lines.
    Third,
}

impl Colour {
    /// All colours.
    pub const ALL: [Self; 7] = [
        Self::Paper,
        Self::Ink,
        Self::Soft,
        Self::Rule,
        Self::First,
        Self::Second,
        Self::Third,
    ];
    /// The colours of series, in their order.
    pub const SERIES: [Self; 3] = [Self::First, Self::Second, Self::Third];

    /// Returns the colour as `#rrggbb`, on light paper or on dark.
    #[must_use]
    pub const fn hex(self, dark: bool) -> &'static str {
        match (self, dark) {
            (Self::Paper, false) => "#ffffff",
            (Self::Paper, true) => "#14181d",
            (Self::Ink, false) => "#1b1f24",
            (Self::Ink, true) => "#e8ecf1",
            (Self::Soft, false) => "#57606a",
            (Self::Soft, true) => "#a9b4c0",
            (Self::Rule, false) => "#d5dae0",
            (Self::Rule, true) => "#3a434d",
            (Self::First, false) => "#1f5a96",
            (Self::First, true) => "#9cc8f5",
            (Self::Second, false) => "#b0500f",
            (Self::Second, true) => "#f0a35e",
            (Self::Third, false) => "#5f6e7d",
            (Self::Third, true) => "#8593a3",
        }
    }

    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Paper => "paper",
            Self::Ink => "ink",
            Self::Soft => "soft",
            Self::Rule => "rule",
            Self::First => "first",
            Self::Second => "second",
            Self::Third => "third",
        }
    }
}
