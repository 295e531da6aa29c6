//! What revocation rules call a token: hashes of its identifiers.

use tessera_jose::digest::sha256;

use super::rule::RuleKind;

/// SHA-256 of every identifier of one token that a rule can name.
pub(crate) struct Digests(Vec<(RuleKind, [u8; 32])>);

impl Digests {
    /// Hashes what each kind of rule calls the token.
    pub(crate) fn of<'a>(names: impl Iterator<Item = (RuleKind, &'a str)>) -> Self {
        Self(names.map(|(kind, name)| (kind, sha256(name.as_bytes()))).collect())
    }

    /// Each hash with the kind of rule that can name it.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &(RuleKind, [u8; 32])> {
        self.0.iter()
    }
}
