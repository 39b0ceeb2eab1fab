use unspoof_model::Coded;

/// Why a campaign cannot be planned, signed or sent. It repeats no number and no text.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutreachError {
    /// The sender's other side cannot be reached or used.
    #[error("the sender {sender} cannot be used: {detail}")]
    Sender {
        /// `smpp`, `notify`, `csv` or `rehearsal`.
        sender: &'static str,
        /// What is wrong, without numbers, texts or secrets.
        detail: String,
    },
    /// The account at the provider cannot be used.
    #[error(transparent)]
    Smpp(#[from] crate::smpp::SmppError),
}

impl Coded for OutreachError {
    fn code(&self) -> &'static str {
        match self {
            Self::Sender { .. } => "outreach/sender",
            Self::Smpp(source) => source.code(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Sender { .. } => None,
            Self::Smpp(source) => source.hint(),
        }
    }
}
