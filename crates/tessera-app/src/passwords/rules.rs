//! What an operator demands of new passwords.

use std::ops::RangeInclusive;

use tessera_model::password::MIN_PASSWORD_LEN;

use super::breached::Breached;

/// What an operator demands of new passwords.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordRules {
    /// Fewest characters of a password that is the only factor (default 15: NIST SP 800-63B-4 section 3.1.1.2).
    pub min_length_only_factor: u32,
    /// Least score of the estimate: 0 for anything, 4 for what takes more than 10^10 guesses (default 3: 10^8 guesses).
    pub min_score: u32,
    /// Where breached passwords are listed.
    pub breached: Breached,
    /// What happens while that list cannot be read.
    pub when_unreachable: WhenUnreachable,
}

impl PasswordRules {
    /// The bounds of `min_length_only_factor`. Everybody may use 64 characters, so nobody may demand more.
    pub const MIN_LENGTH: RangeInclusive<u32> = MIN_LENGTH..=64;
    /// The bounds of `min_score`.
    pub const MIN_SCORE: RangeInclusive<u32> = 0..=4;

    /// Fewest characters of a password.
    pub(super) fn min_length(&self, only_factor: OnlyFactor) -> u32 {
        match only_factor {
            OnlyFactor::Yes => self.min_length_only_factor.max(MIN_LENGTH),
            OnlyFactor::No => MIN_LENGTH,
        }
    }
}

impl Default for PasswordRules {
    fn default() -> Self {
        Self {
            min_length_only_factor: 15,
            min_score: 3,
            breached: Breached::Off,
            when_unreachable: WhenUnreachable::default(),
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a small constant")]
const MIN_LENGTH: u32 = MIN_PASSWORD_LEN as u32;

/// What happens while the list of breached passwords cannot be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenUnreachable {
    /// The password is accepted without it. The log and a metric say so.
    #[default]
    Accept,
    /// Every password is refused.
    Refuse,
}

/// Whether the password alone logs its person in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnlyFactor {
    /// Nothing else is asked for.
    Yes,
    /// A login also needs another factor.
    No,
}
