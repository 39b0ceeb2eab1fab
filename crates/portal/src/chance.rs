//! Randomness in one place. Ids, keys, tickets and return codes depend on chance; nothing else does.

use crate::PortalError;

/// Draws bytes from the operating system.
///
/// # Errors
/// [`PortalError::System`] where the system has none to give.
#[expect(
    clippy::disallowed_methods,
    reason = "keys, ids and return codes are drawn at random"
)]
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], PortalError> {
    let mut drawn = [0_u8; N];
    getrandom::fill(&mut drawn).map_err(|_| PortalError::System { what: "randomness" })?;
    Ok(drawn)
}
