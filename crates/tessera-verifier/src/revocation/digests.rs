//! What revocation rules call a token: hashes of its identifiers.

use tessera_jose::digest::sha256;

use super::rule::RuleKind;

/// SHA-256 of every identifier of one token that a rule can name.
pub(crate) struct Digests {
    token: [u8; 32],
    grant: Option<[u8; 32]>,
    session: Option<[u8; 32]>,
    subject: [u8; 32],
    client: [u8; 32],
}

impl Digests {
    /// Hashes the claims `jti`, `sid`, `sub` and `client_id`.
    pub(crate) fn of(jti: &str, sid: Option<&str>, sub: &str, client_id: &str) -> Self {
        Self {
            token: sha256(jti.as_bytes()),
            grant: jti.split_once('.').map(|(grant, _)| sha256(grant.as_bytes())),
            session: sid.map(|sid| sha256(sid.as_bytes())),
            subject: sha256(sub.as_bytes()),
            client: sha256(client_id.as_bytes()),
        }
    }

    /// Each hash with the kind of rule that can name it.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (RuleKind, &[u8; 32])> {
        [
            (RuleKind::Token, Some(&self.token)),
            (RuleKind::Grant, self.grant.as_ref()),
            (RuleKind::Session, self.session.as_ref()),
            (RuleKind::Subject, Some(&self.subject)),
            (RuleKind::Client, Some(&self.client)),
        ]
        .into_iter()
        .filter_map(|(kind, digest)| Some((kind, digest?)))
    }
}
