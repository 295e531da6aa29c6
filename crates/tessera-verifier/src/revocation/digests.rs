//! What revocation rules call a token: hashes of its identifiers.

use tessera_jose::digest::sha256;

use super::RuleKind;
use crate::claims::Claims;

/// SHA-256 of every identifier of one token that a rule can name.
pub(crate) struct Digests {
    token: [u8; 32],
    grant: Option<[u8; 32]>,
    session: Option<[u8; 32]>,
    subject: [u8; 32],
    client: [u8; 32],
}

impl Digests {
    pub(crate) fn of(claims: &Claims) -> Self {
        Self {
            token: sha256(claims.jti().as_bytes()),
            grant: claims.jti().split_once('.').map(|(grant, _)| sha256(grant.as_bytes())),
            session: claims.session().map(|sid| sha256(sid.as_bytes())),
            subject: sha256(claims.subject().as_bytes()),
            client: sha256(claims.client_id().as_bytes()),
        }
    }

    /// Kind and hash of each.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (RuleKind, &[u8; 32])> {
        let present = |kind, id| Some((kind, id));
        [
            present(RuleKind::Token, &self.token),
            self.grant.as_ref().map(|id| (RuleKind::Grant, id)),
            self.session.as_ref().map(|id| (RuleKind::Session, id)),
            present(RuleKind::Subject, &self.subject),
            present(RuleKind::Client, &self.client),
        ]
        .into_iter()
        .flatten()
    }
}
