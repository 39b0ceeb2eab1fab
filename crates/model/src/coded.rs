/// Gives an error the stable code that lists, pages and machines know it by, and at most one hint.
///
/// A code is `area/what`, lower case, and never changes once released.
pub trait Coded: std::error::Error {
    /// Returns the stable code, such as `evidence/hash-mismatch`.
    fn code(&self) -> &'static str;

    /// Returns something a person can type or do next, if there is such a thing.
    fn hint(&self) -> Option<String> {
        None
    }
}
