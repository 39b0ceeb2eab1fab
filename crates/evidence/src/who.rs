use unspoof_model::{Actor, Purpose};

/// Who acts, why, and with which command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// The person or service, named in every event.
    pub actor: Actor,
    /// The purpose code, in every event.
    pub purpose: Purpose,
    /// The command's name, such as `ingest`: told to whoever finds the case busy, never logged.
    pub command: String,
}
