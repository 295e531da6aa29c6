//! The revocation feed: a signed list of the rules after the last one that a verifier knows.
//!
//! `docs/revocation-rules.md` describes the format. Identifiers are SHA-256 hashes, so that strangers learn nothing about people or tokens from the list.

use serde::Serialize;
use tessera_jose::{Algorithm, base64url};
use tessera_model::{Digest, KeyPurpose, RevocationRule};
use tessera_store::StoreError;

use crate::Cx;
use crate::keys::KeyError;

/// `typ` of the signed list.
pub const RULES_TYP: &str = "revocation-rules+jwt";
/// Most rules in one answer. `complete` is false when there are more. Anybody may ask, so a page is small enough to be read and
/// signed in well under a millisecond, and its read does not queue behind the server's own list reads (invariant I8).
const PAGE: u32 = 150;

#[derive(Serialize)]
struct Rules<'a> {
    iss: &'a str,
    iat: i64,
    /// The epoch that the numbers belong to. A restore begins a higher one, and then nothing that was issued before counts.
    epoch: i64,
    /// The number that the verifier asked for. It ties the answer to the request.
    after: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    /// The number of the last rule in this list, or of the last rule ever if the list is empty. The next request asks for the
    /// rules after it. It is lower than `after` only if the database went back in time.
    seq: i64,
    /// Whether there are no further rules.
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
    seq: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<String>,
}

impl Rule {
    fn new(seq: i64, rule: &RevocationRule) -> Self {
        let text = |digest: &Digest| base64url::encode(digest.as_bytes());
        // A rule about a subject or a client has named it already.
        let further =
            |digest: &Option<Digest>| digest.as_ref().filter(|digest| **digest != rule.id).map(text);
        Self {
            kind: rule.kind.as_str(),
            id: text(&rule.id),
            before: rule.issued_before.seconds(),
            exp: rule.expires_at.seconds(),
            seq,
            subject: further(&rule.subject),
            client: further(&rule.client),
        }
    }
}

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The list could not be signed.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The rules after number `after`, signed together with `after` and `nonce`. A fresh `nonce` shows that the answer is not a
/// replay.
///
/// # Errors
/// See [`FeedError`].
pub async fn rules_after(cx: &Cx, after: i64, nonce: Option<&str>) -> Result<String, FeedError> {
    let (head, found) = cx
        .app
        .store
        // Verifiers refuse everything once the feed stops. It goes on with what is left of a lost database.
        .read_what_is_left(|tx| async move {
            // The number is read first. The next request finds a rule that is added after that.
            let head = tx.revocations().last().await?;
            let found =
                if after < head { tx.revocations().list_after(after, PAGE).await? } else { Vec::new() };
            Ok::<_, StoreError>((head, found))
        })
        .await?;
    let seq = found.last().map_or(head, |(seq, _)| *seq);
    let complete = found.len() < PAGE as usize;
    let live = found.iter().filter(|(_, rule)| cx.now < rule.expires_at);
    let list = live.map(|(seq, rule)| Rule::new(*seq, rule)).collect();
    let (iss, iat) = (&cx.app.config.issuer, cx.now.seconds());
    let catalog = cx.app.catalog.load();
    let epoch = catalog.epoch;
    let payload = serde_json::to_vec(&Rules { iss, iat, epoch, after, nonce, seq, complete, list });
    let key = catalog.keys.signing(KeyPurpose::Feed(Algorithm::Es256))?;
    let signed = key.sign_document(RULES_TYP, &payload.map_err(|_| KeyError::Unwritable)?);
    Ok(signed.map_err(|_| KeyError::Unwritable)?)
}
