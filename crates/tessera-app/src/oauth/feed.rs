//! The revocation feed: a signed list of the rules after the last one that a verifier knows.
//!
//! `docs/revocation-rules.md` describes the format. Identifiers are SHA-256 hashes, so that strangers learn nothing about people or tokens from the list.

use std::time::Duration;

use serde::Serialize;
use tessera_jose::{Algorithm, base64url};
use tessera_model::{Digest, KeyPurpose, RevocationRule};
use tessera_store::{StoreError, Tx};

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
    /// The next request asks for the rules after this number. It is lower than `after` only if the database went back in time.
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
    let unavailable = if app.recent_rules.is_cut_off() {
        // Nobody waits for a database that is known not to answer.
        StoreError::Unavailable("it did not answer when last asked for rules".to_owned())
    } else {
        match app.store.read(|tx| async move { read_page(&tx, after, PAGE).await }).await {
            Err(error) if error.is_unavailable() => error,
            outcome => return outcome,
        }
    };
    let committed = app.store.committed_rules();
    committed.and_then(|rules| app.recent_rules.page(after, PAGE as usize, rules)).ok_or(unavailable)
}

async fn read_page(tx: &Tx, after: i64, most: u32) -> Result<Page, StoreError> {
    // The number is read first. The next request finds a rule that is added after that.
    let last = tx.revocations().last().await?;
    let rules = if after < last { tx.revocations().list_after(after, most).await? } else { Vec::new() };
    let complete = rules.len() < most as usize;
    Ok(Page { seq: rules.last().map_or(last, |(seq, _)| *seq), complete, rules })
}

/// Reads the rules that are new. A job calls it twice a second, so that the feed can go on when the database cannot be read.
///
/// # Errors
/// The database cannot be read, is another one, or takes too long.
pub async fn refresh(app: &App) -> Result<(), StoreError> {
    let known = &app.recent_rules;
    let read = read_new(app).await;
    // Memory takes the place of a database that does not answer, and of nothing else: in one that does, there may be news.
    let cut_off = read.as_ref().is_err_and(StoreError::is_unavailable);
    match (known.set_cut_off(cut_off), cut_off) {
        (true, true) => {
            tracing::warn!("the revocation feed goes on from memory: the database cannot be read");
        }
        (true, false) => tracing::info!("the revocation feed comes from the database again"),
        (false, _) => {}
    }
    app.store.forget_committed_rules(read?);
    if !app.time.is_quiet() {
        known.forget_expired(app.now());
    }
    Ok(())
}

/// Rules that the job reads at once. Nobody else waits for it.
const BATCH: u32 = 1_000;
/// The longest that reading as many may take.
const READ_TIMEOUT: Duration = Duration::from_secs(2);

/// Reads what is new. Returns the last number that was read.
async fn read_new(app: &App) -> Result<i64, StoreError> {
    let known = &app.recent_rules;
    let last = within_timeout(app.store.read_own(|tx| async move { tx.revocations().last().await })).await?;
    if known.seq().is_some_and(|seq| last < seq) {
        // The database went back in time.
        known.replace(None);
    }
    let Some(mut seq) = known.seq() else { return read_last(app).await };
    let mut complete = seq == last;
    while !complete {
        let page = read_batch(app, seq).await?;
        (seq, complete) = (page.seq, page.complete);
        known.add(page);
    }
    Ok(seq)
}

/// Reads as many rules as memory holds.
async fn read_last(app: &App) -> Result<i64, StoreError> {
    let before = app.store.read_own(|tx| async move { tx.revocations().before_last(MOST).await });
    let mut read = Read::begin(within_timeout(before).await?.unwrap_or(0));
    let mut complete = false;
    while !complete {
        let page = read_batch(app, read.seq()).await?;
        complete = page.complete;
        read.add(page);
    }
    let seq = read.seq();
    app.recent_rules.replace(Some(read));
    Ok(seq)
}

async fn read_batch(app: &App, after: i64) -> Result<Page, StoreError> {
    within_timeout(app.store.read_own(|tx| async move { read_page(&tx, after, BATCH).await })).await
}

async fn within_timeout<T>(read: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    let read = tokio::time::timeout(READ_TIMEOUT, read).await;
    read.unwrap_or_else(|_| Err(StoreError::Unavailable("it takes too long".to_owned())))
}
