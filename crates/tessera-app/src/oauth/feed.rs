//! The revocation feed: a signed list of the rules after the last one that a verifier knows.
//!
//! `docs/revocation-rules.md` describes the format. Identifiers are SHA-256 hashes, so that strangers learn nothing about people or tokens from the list.

use std::time::Duration;

use serde::Serialize;
use tessera_jose::{Algorithm, base64url};
use tessera_model::{Digest, KeyPurpose, RevocationRule};
use tessera_store::StoreError;

use super::recent_rules::{MOST, Page, Read};
use crate::keys::KeyError;
use crate::{App, Cx};

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
/// replay. While the database cannot be read, they are those that this server knows (policy P5).
///
/// # Errors
/// See [`FeedError`].
pub async fn rules_after(cx: &Cx, after: i64, nonce: Option<&str>) -> Result<String, FeedError> {
    let Page { seq, complete, rules } = page_after(&cx.app, after).await?;
    let live = rules.iter().filter(|(_, rule)| cx.now < rule.expires_at);
    let list = live.map(|(seq, rule)| Rule::new(*seq, rule)).collect();
    let (iss, iat) = (&cx.app.config.issuer, cx.now.seconds());
    let catalog = cx.app.catalog.load();
    let epoch = catalog.epoch;
    let payload = serde_json::to_vec(&Rules { iss, iat, epoch, after, nonce, seq, complete, list });
    let key = catalog.keys.signing(KeyPurpose::Feed(Algorithm::Es256))?;
    let signed = key.sign_document(RULES_TYP, &payload.map_err(|_| KeyError::Unwritable)?);
    Ok(signed.map_err(|_| KeyError::Unwritable)?)
}

async fn page_after(app: &App, after: i64) -> Result<Page, StoreError> {
    let known = &app.recent_rules;
    // Nobody waits for a database that is known not to answer.
    let page = if known.is_cut_off() { None } else { Some(read_page(app, after).await) };
    match page {
        Some(Ok(page)) => {
            known.add(after, &page);
            Ok(page)
        }
        failed => {
            known.add_committed(app.store.take_committed_rules(), app.now());
            known.page(after, PAGE as usize).ok_or_else(|| match failed {
                Some(Err(error)) => error,
                _ => StoreError::Unavailable("it did not answer when last asked for rules".to_owned()),
            })
        }
    }
}

async fn read_page(app: &App, after: i64) -> Result<Page, StoreError> {
    app.store
        .read(|tx| async move {
            // The number is read first. The next request finds a rule that is added after that.
            let head = tx.revocations().last().await?;
            let rules =
                if after < head { tx.revocations().list_after(after, PAGE).await? } else { Vec::new() };
            let complete = rules.len() < PAGE as usize;
            let seq = rules.last().map_or(head, |(seq, _)| *seq);
            Ok(Page { seq, complete, rules })
        })
        .await
}

/// Reads the rules that are new. A job calls it twice a second, so that the feed can go on when the database cannot be read.
///
/// # Errors
/// The database cannot be read.
pub async fn refresh(app: &App) -> Result<(), StoreError> {
    let mut outcome = CutOff { app, cut_off: true };
    app.recent_rules.add_committed(app.store.take_committed_rules(), app.now());
    let read = tokio::time::timeout(READ_TIMEOUT, read_new(app)).await;
    let read = read.unwrap_or_else(|_| Err(StoreError::Unavailable("it takes too long".to_owned())));
    outcome.cut_off = read.is_err();
    read
}

/// The longest that reading may take.
const READ_TIMEOUT: Duration = Duration::from_secs(2);

/// Notes whether the database could be read. It does so on drop, so that a panic counts too (invariant I6).
struct CutOff<'a> {
    app: &'a App,
    cut_off: bool,
}

impl Drop for CutOff<'_> {
    fn drop(&mut self) {
        let known = &self.app.recent_rules;
        match (known.set_cut_off(self.cut_off), self.cut_off) {
            (true, true) => tracing::warn!(
                seq = known.seq(),
                "the revocation feed goes on with the rules in memory, because the database cannot be read"
            ),
            (true, false) => tracing::info!("the revocation feed is read from the database again"),
            (false, _) => {}
        }
    }
}

async fn read_new(app: &App) -> Result<(), StoreError> {
    let known = &app.recent_rules;
    let seq = known.seq();
    let last = app.store.read(|tx| async move { tx.revocations().last().await }).await?;
    // A lower number means that the database went back in time.
    if let Some(mut after) = seq.filter(|seq| *seq <= last) {
        let mut complete = after == last;
        while !complete {
            let page = read_page(app, after).await?;
            known.add(after, &page);
            (after, complete) = (page.seq, page.complete);
        }
        return Ok(());
    }
    let before = app.store.read(|tx| async move { tx.revocations().before_last(MOST).await }).await?;
    let mut read = Read::begin(before.unwrap_or(0));
    let mut complete = false;
    while !complete {
        let page = read_page(app, read.seq()).await?;
        read.add(read.seq(), &page);
        complete = page.complete;
    }
    known.replace(read);
    Ok(())
}
