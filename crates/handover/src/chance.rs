//! Randomness in one place. Ids, keys, tickets and return codes depend on chance; nothing else does.

use crate::HandoverError;

/// Draws bytes from the operating system.
///
/// # Errors
/// [`HandoverError::System`] where the system has none to give.
#[expect(
    clippy::disallowed_methods,
    reason = "keys, ids and return codes are drawn at random"
)]
pub fn bytes<const N: usize>() -> Result<[u8; N], HandoverError> {
    let mut drawn = [0_u8; N];
    getrandom::fill(&mut drawn).map_err(|_| HandoverError::System { what: "randomness" })?;
    Ok(drawn)
}
