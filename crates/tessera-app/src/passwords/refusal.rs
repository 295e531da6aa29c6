//! Why a password is refused.

/// One rule that a new password breaks. Each door has its own words for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordRefusal {
    /// Fewer characters than this.
    TooShort {
        /// Fewest.
        min: u32,
    },
    /// A NUL, which no login form can send.
    Nul,
    /// The password is the old one.
    SameAsOld,
    /// The password is a variation of the old one.
    LikeOld,
    /// Few guesses find it.
    Guessable,
    /// It is in the list of breached passwords.
    Breached,
    /// The list of breached passwords cannot be read now, and the settings say to refuse then.
    NotLookedUp,
}
