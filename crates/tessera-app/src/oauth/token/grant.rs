//! What the exchanges of codes and of refresh tokens share: ask the gate, end the grant at a replay, respond after the commit.

use std::sync::Arc;

use tessera_model::audit::Detail;
use tessera_model::{AuditEvent, Client, EventCode, Grant, GrantId, RevokeReason};
use tessera_oauth::scope::GROUPS;
use tessera_oauth::token::{GrantType, TokenResponse};
use tessera_store::{StoreError, Tx};

use super::super::foreign_token::note_foreign_token;
use super::super::issue::{Extras, OnBehalfOf, Permit, Refusal, Request, permit};
use super::super::target::Target;
use super::error::TokenError;
use crate::Cx;
use crate::audit::budget::deny;
use crate::catalog::Catalog;
use crate::grant_tokens::Reading;
use crate::rules::{RevocationTarget, revoke, subject_digest};

/// The outcome of an exchange. Its transaction commits.
pub(super) enum Outcome {
    Permitted(Box<Permit>, Extras),
    Refused,
}

/// The grant and the number behind what this client presents.
///
/// # Errors
/// Nobody was issued it, or another client was, which becomes an audit event.
pub(super) async fn own(
    cx: &Cx,
    client: &Client,
    presented: Reading,
    of_another: EventCode,
) -> Result<(GrantId, i64), TokenError> {
    match presented {
        Reading::Own(grant, number) => return Ok((grant, number)),
        Reading::OfAnotherClient(grant) => note_foreign_token(cx, client, grant, of_another).await?,
        Reading::Unknown => {}
    }
    Err(TokenError::InvalidGrant(None))
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
    let Some(user_id) = grant.holder.user_id() else {
        return Err(TokenError::Unauthorized(Refusal::GrantTypeNotAllowed));
    };
    let user = tx.users().find_holder(user_id, &subject_digest(user_id), &client.id).await?;
    let session = match grant.holder.session_id() {
        Some(id) => tx.sessions().find(id).await?,
        None => None,
    };
    let consent =
        if client.settings.require_consent { tx.consents().find(user_id, &client.id).await? } else { None };
    let are_told = client.settings.id_token_claims && target.scope.contains(GROUPS);
    let groups = if are_told { tx.groups().of_user(user_id).await? } else { Vec::new() };
    let (user, session, consent) = (user.as_ref(), session.as_ref(), consent.as_ref());
    let on_behalf_of = OnBehalfOf::Person { grant, user, groups: &groups, session, consent };
    permit(cx, Request { client, grant_type, on_behalf_of, target }).map_err(TokenError::Unauthorized)
}

/// A used code or refresh token came again: ends the grant. One of the two who presented it is a thief. The event carries the
/// address of this request, and its detail the address of the last use. A grant that is over already is refused like any other.
pub(super) async fn replayed(
    cx: &Cx,
    tx: &Tx,
    grant: &Grant,
    reuse: EventCode,
) -> Result<Outcome, TokenError> {
    if !tx.grants().revoke(grant.id, RevokeReason::Replay, cx.now).await? {
        return refuse(Refusal::GrantOver);
    }
    revoke(cx, tx, &RevocationTarget::Grant(grant)).await?;
    let detail = grant.last_used_ip.map(|ip| Detail::LastUsedFrom(ip).text());
    tx.audit().append(&AuditEvent { detail, ..cx.grant_event(grant, reuse) }).await?;
    Ok(Outcome::Refused)
}

/// What the client gets once the transaction is over: tokens, or `invalid_grant` for every refusal.
pub(super) async fn respond(
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
        detail: Some(Detail::Reason(&refusal.to_string()).text()),
        ..cx.event(EventCode::IssuanceRefused)
    };
    deny(cx, event).await
}
