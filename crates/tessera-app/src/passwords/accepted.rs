//! A password that the rules accept.

use tessera_model::PlainPassword;

/// A new password that the rules accept. Only [`judge()`](super::judge()) makes one, and the hasher sets no other.
#[derive(Debug)]
pub struct AcceptedPassword(PlainPassword);

impl AcceptedPassword {
    pub(super) const fn new(password: PlainPassword) -> Self {
        Self(password)
    }

    pub(crate) fn into_plain(self) -> PlainPassword {
        self.0
    }
}
