use unspoof_model::Region;

/// How a source dialled: what may stand before a number, and where a bare national one belongs.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Context {
    /// Where a number without a country code belongs. None: such a number stays unread.
    pub default_region: Option<Region>,
    /// Where it may belong instead, where nobody knows: a number that is another one in each of
    /// several regions is [`Status::Ambiguous`](crate::Status::Ambiguous).
    pub candidate_regions: Vec<Region>,
    /// What stands for `+`, besides the default region's own prefix.
    pub international_prefixes: Vec<String>,
    /// What a switch puts before a number for itself, such as `#31#` or `*67`.
    pub technical_prefixes: Vec<String>,
    /// True where numbers are written with their country code and without any `+`.
    pub bare_is_international: bool,
}
