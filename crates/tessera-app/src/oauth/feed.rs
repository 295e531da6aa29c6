//! The revocation rules as verifiers hear them: a signed list of what came after the last rule they know.
//!
//! Identifiers are SHA-256 hashes, so that the list tells a stranger nothing about people or tokens.

use serde::Serialize;
use tessera_jose::{Algorithm, base64url};
use tessera_model::KeyPurpose;
use tessera_store::StoreError;

use super::issue::sign;
use crate::Cx;
use crate::keys::KeyError;

/// `typ` of the signed list.
pub const RULES_TYP: &str = "revocation-rules+jwt";
/// Most rules in one answer, so that it stays within the size of a token; `complete` is false when more wait.
const PAGE: u32 = 50;

#[derive(Serialize)]
struct Rules<'a> {
    iss: &'a str,
    iat: i64,
    /// The question: an answer to another one is none to this.
    after: i64,
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

/// The rules after number `after`, signed.
///
/// # Errors
/// See [`FeedError`].
pub async fn rules_after(cx: &Cx, after: i64) -> Result<String, FeedError> {
    let (head, found) = cx
        .app
        .store
        .read(|tx| async move {
            // The number is read first: a rule that comes between is found at the next request.
            let head = tx.last_rule().await?;
            Ok::<_, StoreError>((head, tx.rules_after(after, PAGE).await?))
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
    let rules = Rules { iss: &cx.app.config.issuer, iat: cx.now.seconds(), after, seq, complete, list };
    Ok(sign(&cx.app.catalog.load().keys, KeyPurpose::Feed(Algorithm::Es256), RULES_TYP, &rules)?)
}
