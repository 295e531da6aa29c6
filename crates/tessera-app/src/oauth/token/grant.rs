//! What every exchange does to a grant, whatever was presented: asks the gate, answers after the commit, ends it at a replay.

use std::sync::Arc;

use tessera_model::{AuditEvent, Client, EventCode, Grant, GrantId, RevokeReason};
use tessera_oauth::token::{GrantType, TokenResponse};
use tessera_store::{AuditFilter, StoreError, Tx};

use super::super::issue::{Extras, Holder, Permit, Refusal, Request, permit};
use super::super::target::Target;
use super::error::TokenError;
use crate::Cx;
use crate::audit::budget::deny;
use crate::catalog::Catalog;
use crate::rules::{self, rule};

/// Among how many uses by one person and client the last one of a grant is looked for.
const RECENT: u32 = 100;

/// What an exchange comes to. All of it commits.
pub(super) enum Outcome {
    Permitted(Box<Permit>, Extras),
    Refused,
}

/// Errors roll back, so that what was presented is not spent.
pub(super) fn refuse(refusal: Refusal) -> Result<Outcome, TokenError> {
    Err(TokenError::Unauthorized(refusal))
}

/// Reads what the gate looks at, and asks it.
pub(super) async fn permitted(
    cx: &Cx,
    tx: &Tx,
    client: &Arc<Client>,
    (grant, target, grant_type): (&Grant, Target, GrantType),
) -> Result<Permit, TokenError> {
    let user = tx.users().find(grant.user_id).await?;
    let session = tx.sessions().find(grant.session_id).await?;
    let consent = if client.settings.require_consent {
        tx.consents().find(grant.user_id, &client.id).await?
    } else {
        None
    };
    let holder =
        Holder::Person { grant, user: user.as_ref(), session: session.as_ref(), consent: consent.as_ref() };
    permit(cx, Request { client, grant_type, holder, target }).map_err(TokenError::Unauthorized)
}

/// A code or token came again: ends the grant. One of the two who had it is a thief: the address of the other stands in the
/// detail of the event (attack O21). A grant that is over already is refused like any other, and its trail is not searched again.
pub(super) async fn replayed(
    cx: &Cx,
    tx: &Tx,
    grant: &Grant,
    (again, use_of_it): (EventCode, EventCode),
) -> Result<Outcome, TokenError> {
    if !tx.grants().revoke(grant.id, RevokeReason::Replay, cx.now).await? {
        return refuse(Refusal::GrantOver);
    }
    tx.revocations().append(&rule(cx, &rules::RevocationTarget::Grant(grant.id))).await?;
    let filter = AuditFilter {
        code: Some(use_of_it),
        user: Some(grant.user_id),
        client: Some(grant.client_id.clone()),
        after: None,
    };
    let uses = tx.audit().list(&filter, RECENT).await?;
    let last = uses.into_iter().find(|event| event.grant_id == Some(grant.id)).and_then(|event| event.ip);
    let detail = last.map(|ip| format!("last used from {ip}"));
    tx.audit().append(&AuditEvent { detail, ..cx.grant_event(grant, again) }).await?;
    Ok(Outcome::Refused)
}

/// What the client gets once the transaction is over: tokens, or `invalid_grant` for every refusal.
pub(super) async fn answer(
    cx: &Cx,
    client: &Client,
    (id, catalog): (GrantId, &Catalog),
    outcome: Result<Outcome, TokenError>,
) -> Result<TokenResponse, TokenError> {
    match outcome {
        Ok(Outcome::Permitted(permit, extras)) => Ok(permit.mint(cx, &catalog.keys, extras)?),
        Ok(Outcome::Refused) => Err(TokenError::InvalidGrant(None)),
        Err(TokenError::Unauthorized(refusal)) => {
            note_refusal(cx, client, Some(id), refusal).await?;
            Err(TokenError::InvalidGrant(Some(refusal)))
        }
        Err(error) => Err(error),
    }
}

/// Writes a refusal into the audit trail, after everything else was rolled back.
pub(super) async fn note_refusal(
    cx: &Cx,
    client: &Client,
    grant: Option<GrantId>,
    refusal: Refusal,
) -> Result<(), StoreError> {
    let event = AuditEvent {
        client_id: Some(client.id.clone()),
        grant_id: grant,
        detail: Some(refusal.to_string()),
        ..cx.event(EventCode::IssuanceRefused)
    };
    deny(cx, event).await
}
