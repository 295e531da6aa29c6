//! Revocation rules for all verifiers. Each is written in the transaction of the act that causes it.
//!
//! Rules have a budget. Too many of one person become one about the person, too many of a client with very many people become one about
//! the client. They never become a rule for everybody.

use std::time::Duration;

use tessera_jose::digest::sha256;
use tessera_model::policy::MAX_ACCESS_TOKEN_SECONDS;
use tessera_model::{
    AuditEvent, ClientId, Digest, EventCode, Grant, RevocationKind, RevocationRule, Session, Timestamp,
    UserId,
};
use tessera_store::{StoreError, Tx};

use crate::Cx;
use crate::sid::Sector;

/// What a rule takes back.
pub(crate) enum RevocationTarget<'a> {
    /// A token that a client got for itself.
    Token { client: &'a ClientId, jti: &'a str, issued_at: Timestamp, expires_at: Timestamp },
    /// All tokens of a grant.
    Grant(&'a Grant),
    /// All tokens of a session, and the only client that has grants of it.
    Session { session: &'a Session, client: Option<&'a ClientId> },
    /// All tokens of a person.
    Subject(UserId),
    /// All tokens of a client.
    Client(&'a ClientId),
}

/// How far the clocks of two issuers may be apart (policy P6). That covers the half second until every issuer knows of a disabled
/// client.
const CLOCKS: Duration = Duration::from_secs(10);

/// How long after its end a token may still pass somewhere: the most leeway that a verifier may have (policy P6).
const TOLERANCE: Duration = Duration::from_secs(60);

/// Takes back what has been issued. A rule lasts as long as the longest token that it can hit.
pub(crate) async fn revoke(cx: &Cx, tx: &Tx, target: &RevocationTarget<'_>) -> Result<(), StoreError> {
    for rule in rules(cx, target) {
        tx.revocations().append(&rule).await?;
    }
    keep_budget_of_person(cx, tx, target).await
}

/// Takes a token back; `false` if that was done before.
pub(crate) async fn revoke_once(cx: &Cx, tx: &Tx, target: &RevocationTarget<'_>) -> Result<bool, StoreError> {
    let mut written = false;
    for rule in rules(cx, target) {
        written |= tx.revocations().append_once(&rule).await?;
    }
    if written {
        keep_budget_of_person(cx, tx, target).await?;
    }
    Ok(written)
}

/// A request under way, or another issuer, may read a later time than this one. So the rules about a grant and a session, which never
/// issue again, hit all of their tokens. A token carries its own times.
fn rules(cx: &Cx, target: &RevocationTarget<'_>) -> Vec<RevocationRule> {
    let end = for_good(cx);
    let rule = |kind, id: &str, subject, client| RevocationRule {
        kind,
        id: id_digest(id),
        issued_before: end,
        expires_at: end,
        subject,
        client,
    };
    match target {
        RevocationTarget::Token { client, jti, issued_at, expires_at } => {
            let machine = Some(id_digest(client.as_str()));
            let one = rule(RevocationKind::Token, jti, machine, machine);
            vec![RevocationRule { issued_before: *issued_at, expires_at: expires_at.after(TOLERANCE), ..one }]
        }
        RevocationTarget::Grant(grant) => {
            let subject = grant.holder.user_id().map(subject_digest);
            let client = Some(id_digest(grant.client_id.as_str()));
            vec![rule(RevocationKind::Grant, &grant.id.to_string(), subject, client)]
        }
        RevocationTarget::Session { session, client } => {
            let catalog = cx.app.catalog.load();
            let subject = Some(subject_digest(session.user_id));
            let client = client.map(|client| id_digest(client.as_str()));
            let sids = Sector::ALL.map(|sector| catalog.keys.sids.of(session.id, sector));
            sids.iter().map(|sid| rule(RevocationKind::Session, sid, subject, client)).collect()
        }
        RevocationTarget::Subject(id) => vec![about_subject(cx, subject_digest(*id), None)],
        RevocationTarget::Client(id) => vec![about_client(cx, id_digest(id.as_str()))],
    }
}

/// A person may come back: the rule reaches only a little past this moment, and tokens that are issued in that time name its number
/// ([`tessera_model::KnownRule`]). The act may have begun long before, so its time is no measure. A machine is a client too.
fn about_subject(cx: &Cx, id: Digest, machine: Option<Digest>) -> RevocationRule {
    RevocationRule {
        kind: RevocationKind::Subject,
        id,
        issued_before: cx.app.now().after(CLOCKS),
        expires_at: for_good(cx),
        subject: Some(id),
        client: machine,
    }
}

/// As [`about_subject`].
fn about_client(cx: &Cx, id: Digest) -> RevocationRule {
    RevocationRule {
        kind: RevocationKind::Client,
        client: Some(id),
        subject: None,
        ..about_subject(cx, id, None)
    }
}

/// The end of every token that has been issued.
fn for_good(cx: &Cx) -> Timestamp {
    cx.now.after(Duration::from_secs(u64::from(MAX_ACCESS_TOKEN_SECONDS)) + TOLERANCE)
}

/// Too many rules about tokens, grants and sessions of one person or machine become one about them.
async fn keep_budget_of_person(cx: &Cx, tx: &Tx, target: &RevocationTarget<'_>) -> Result<(), StoreError> {
    let event = cx.event(EventCode::RulesFolded);
    let (subject, machine, event) = match target {
        RevocationTarget::Token { client, .. } => {
            let id = id_digest(client.as_str());
            (id, Some(id), AuditEvent { client_id: Some((*client).clone()), ..event })
        }
        RevocationTarget::Grant(Grant { holder, .. }) => {
            let Some(user_id) = holder.user_id() else { return Ok(()) };
            (subject_digest(user_id), None, AuditEvent { user_id: Some(user_id), ..event })
        }
        RevocationTarget::Session { session: Session { user_id, .. }, .. } => {
            (subject_digest(*user_id), None, AuditEvent { user_id: Some(*user_id), ..event })
        }
        RevocationTarget::Subject(_) | RevocationTarget::Client(_) => return Ok(()),
    };
    if tx.revocations().count_of_person(&subject).await? <= cx.app.config.rule_budget.of_person {
        return Ok(());
    }
    tx.revocations().fold_person(&subject, &about_subject(cx, subject, machine)).await?;
    if machine.is_some() {
        // Issuers look for rules about machines in the catalog.
        tx.catalog().changed().await?;
    }
    tx.audit().append(&event).await
}

/// If there are too many rules, those of the client with the most people become one about the client. `None` if there are not, or if no
/// client has enough people. The old rules, which the new one covers, are still to be removed.
pub(crate) async fn fold_clients(cx: &Cx) -> Result<Option<FoldedClient>, StoreError> {
    let budget = cx.app.config.rule_budget;
    let store = &cx.app.store;
    if store.read(|tx| async move { tx.revocations().count().await }).await? <= budget.rules {
        return Ok(None);
    }
    let largest = store.read(|tx| async move { tx.revocations().largest_client().await }).await?;
    let Some((digest, people)) = largest.filter(|(_, people)| *people > budget.people_of_client) else {
        tracing::error!("there are too many revocation rules, and no client has enough people to fold them");
        return Ok(None);
    };
    let client_id = cx.app.catalog.load().client_of(&digest);
    tracing::error!(client = ?client_id, people, "the revocation rules of a client became one about the client");
    let event = &AuditEvent { client_id, ..cx.event(EventCode::RulesFolded) };
    let rule = &about_client(cx, digest);
    let folded = store.write(|tx| async move {
        let seq = tx.revocations().append(rule).await?;
        tx.catalog().changed().await?;
        tx.audit().append(event).await?;
        Ok::<_, StoreError>(FoldedClient { digest, seq })
    });
    folded.await.map(Some)
}

/// A client whose rules a new one covers.
pub(crate) struct FoldedClient {
    /// What rules call the client.
    pub(crate) digest: Digest,
    /// The number of the new rule.
    pub(crate) seq: i64,
}

/// What rules call a person.
pub(crate) fn subject_digest(id: UserId) -> Digest {
    id_digest(&id.to_string())
}

/// SHA-256 of what a rule is about: the log of rules tells an outsider nothing.
pub(crate) fn id_digest(identifier: &str) -> Digest {
    Digest::new(sha256(identifier.as_bytes()))
}
