//! The revocation rules as verifiers hear them: a signed list of what came after the last rule they know.
//!
//! Identifiers are SHA-256 hashes, so that the list tells a stranger nothing about people or tokens.

use serde::Serialize;
use tessera_jose::{Algorithm, base64url};
use tessera_model::KeyPurpose;
use tessera_store::StoreError;

use crate::Cx;
use crate::keys::KeyError;

/// `typ` of the signed list.
pub const RULES_TYP: &str = "revocation-rules+jwt";
/// Most rules in one answer; `complete` is false when more wait. Anybody may ask, so a page is read and signed in well under a
/// millisecond, and stands in no queue with what the server itself reads (invariant I8).
const PAGE: u32 = 250;

#[derive(Serialize)]
struct Rules<'a> {
    iss: &'a str,
    iat: i64,
    /// The question: an answer to another one is none to this.
    after: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    /// Number of the last rule in here, or of the last one ever written; the next request asks for what came after. Lower than
    /// what was asked for only where the database has gone back, to a backup.
    seq: i64,
    /// Whether this was all.
    complete: bool,
    #[serde(rename = "rules")]
    list: Vec<Rule>,
}

#[derive(Serialize)]
struct Rule {
    kind: &'static str,
    id: String,
    before: i64,
    exp: i64,
}

/// Why the list is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// It could not be signed.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The rules after number `after`, signed together with the question: with a new `nonce` the answer cannot be an old one.
///
/// # Errors
/// See [`FeedError`].
pub async fn rules_after(cx: &Cx, after: i64, nonce: Option<&str>) -> Result<String, FeedError> {
    let (head, found) = cx
        .app
        .store
        .read(|tx| async move {
            // The number is read first: a rule that comes between is found at the next request.
            let head = tx.revocations().last().await?;
            let found =
                if after < head { tx.revocations().list_after(after, PAGE).await? } else { Vec::new() };
            Ok::<_, StoreError>((head, found))
        })
        .await?;
    let seq = found.last().map_or(head, |(seq, _)| *seq);
    let complete = found.len() < PAGE as usize;
    let live = found.into_iter().map(|(_, rule)| rule).filter(|rule| cx.now < rule.expires_at);
    let list = live
        .map(|rule| Rule {
            kind: rule.kind.as_str(),
            id: base64url::encode(rule.id.as_bytes()),
            before: rule.issued_before.seconds(),
            exp: rule.expires_at.seconds(),
        })
        .collect();
    let (iss, iat) = (&cx.app.config.issuer, cx.now.seconds());
    let payload = serde_json::to_vec(&Rules { iss, iat, after, nonce, seq, complete, list });
    let catalog = cx.app.catalog.load();
    let key = catalog.keys.signing(KeyPurpose::Feed(Algorithm::Es256))?;
    let signed = key.sign_document(RULES_TYP, &payload.map_err(|_| KeyError::Unwritable)?);
    Ok(signed.map_err(|_| KeyError::Unwritable)?)
}
