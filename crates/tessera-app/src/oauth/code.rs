//! The exchange of a code (RFC 6749 section 4.1.3, RFC 7636 section 4.6, policy P2).
//!
//! A failed exchange consumes nothing; the third wrong verifier burns the code. A used code that comes back with all that it
//! was bound to ends the grant: one of the two who hold it is a thief. Without that it proves nothing and changes nothing.

use std::sync::Arc;

use tessera_model::grant::{MAX_CODE_FAILURES, PendingCode};
use tessera_model::{AuditEvent, Client, EventCode, Grant, GrantId, GrantStage, Refresh, RevokeReason};
use tessera_oauth::pkce::{CodeChallenge, CodeVerifier};
use tessera_oauth::resource::Resource;
use tessera_oauth::token::{GrantType, TokenResponse};
use tessera_store::{AuditFilter, Tx};
use zeroize::Zeroizing;

use super::issue::{Extras, Holder, Permit, Refusal, Request, permit};
use super::target::resolve_within;
use super::token::TokenError;
use crate::Cx;
use crate::catalog::Catalog;
use crate::denials::deny;
use crate::rules::{self, rule};

/// Among how many uses by one person and client the last one of a grant is looked for.
const RECENT: u32 = 100;

/// What the client presents.
pub(super) struct Presented {
    pub(super) code: Zeroizing<String>,
    pub(super) redirect_uri: Option<String>,
    pub(super) code_verifier: Option<CodeVerifier>,
    pub(super) resource: Vec<Resource>,
}

/// What an exchange comes to. All of it commits.
enum Outcome {
    Redeemed(Box<Permit>, Option<i64>),
    Refused,
}

pub(super) async fn exchange(
    cx: &Cx,
    client: &Arc<Client>,
    presented: &Presented,
) -> Result<TokenResponse, TokenError> {
    let catalog = &cx.app.catalog.load_full();
    let id = catalog.keys.tickets.read_code(&client.id, &presented.code).ok_or(TokenError::InvalidGrant)?;
    let outcome = cx
        .app
        .store
        .write(|tx| async move {
            let Some(grant) = tx.grant(id).await? else { return refuse(Refusal::GrantOver) };
            match &grant.stage {
                GrantStage::Code(pending) if cx.now < pending.expires_at => match binding(presented, pending)
                {
                    Binding::Good => redeem(cx, &tx, catalog, &Redemption { client, presented, id }).await,
                    Binding::Missing => refuse(Refusal::BindingMismatch),
                    Binding::Wrong => wrong_verifier(cx, &tx, &grant).await,
                },
                GrantStage::Code(_) | GrantStage::Active(_) | GrantStage::Revoked { .. } => {
                    not_redeemed(cx, &tx, &grant, presented).await
                }
            }
        })
        .await;
    match outcome {
        Ok(Outcome::Redeemed(permit, refresh_number)) => {
            Ok(permit.mint(cx, &catalog.keys, Extras { refresh_number, id_token: true })?)
        }
        Ok(Outcome::Refused) => Err(TokenError::InvalidGrant),
        Err(TokenError::Unauthorized(refusal)) => refused(cx, client, id, refusal).await,
        Err(error) => Err(error),
    }
}

enum Binding {
    Good,
    /// Something that was bound is absent or belongs elsewhere; costs nothing.
    Missing,
    /// A guess at the verifier; counts.
    Wrong,
}

fn binding(presented: &Presented, pending: &PendingCode) -> Binding {
    let redirect_uri = presented.redirect_uri.as_deref();
    let same_redirect = if pending.redirect_uri_sent {
        redirect_uri == Some(pending.redirect_uri.as_str())
    } else {
        redirect_uri.is_none_or(|uri| uri == pending.redirect_uri)
    };
    if !same_redirect {
        return Binding::Missing;
    }
    match (&pending.code_challenge, &presented.code_verifier) {
        (None, None) => Binding::Good,
        // A verifier without a challenge is a downgrade (RFC 9700 section 2.1.1), a challenge without a verifier an omission.
        (None, Some(_)) | (Some(_), None) => Binding::Missing,
        (Some(challenge), Some(verifier)) => {
            let good = challenge.parse::<CodeChallenge>().is_ok_and(|challenge| challenge.matches(verifier));
            if good { Binding::Good } else { Binding::Wrong }
        }
    }
}

struct Redemption<'a> {
    client: &'a Arc<Client>,
    presented: &'a Presented,
    id: GrantId,
}

/// Spends the code with one conditional write, then asks the gate; a refusal rolls the spending back.
async fn redeem(
    cx: &Cx,
    tx: &Tx,
    catalog: &Catalog,
    redemption: &Redemption<'_>,
) -> Result<Outcome, TokenError> {
    let Redemption { client, presented, id } = *redemption;
    let lifetimes = &cx.app.config.lifetimes;
    let refresh = client
        .allows(GrantType::RefreshToken)
        .then(|| Refresh::first(cx.now, cx.now.after(lifetimes.refresh_idle)));
    let Some(grant) = tx.redeem_code(id, cx.now, refresh).await? else {
        // Something else was faster: most likely another exchange of the same code.
        return match tx.grant(id).await? {
            Some(grant) => not_redeemed(cx, tx, &grant, presented).await,
            None => refuse(Refusal::GrantOver),
        };
    };
    let target = resolve_within(catalog, client, &grant, (None, &presented.resource))?;
    let permit = permitted(cx, tx, client, (&grant, target, GrantType::AuthorizationCode)).await?;
    tx.append_event(&about(cx, &grant, EventCode::CodeRedeemed)).await?;
    Ok(Outcome::Redeemed(Box::new(permit), refresh.map(|refresh| refresh.leaf)))
}

/// Reads what the gate looks at, and asks it.
pub(super) async fn permitted(
    cx: &Cx,
    tx: &Tx,
    client: &Arc<Client>,
    (grant, target, grant_type): (&Grant, super::target::Target, GrantType),
) -> Result<Permit, TokenError> {
    let user = tx.user(grant.user_id).await?;
    let session = tx.session(grant.session_id).await?;
    let consent =
        if client.settings.require_consent { tx.consent(grant.user_id, &client.id).await? } else { None };
    let holder =
        Holder::Person { grant, user: user.as_ref(), session: session.as_ref(), consent: consent.as_ref() };
    permit(cx, Request { client, grant_type, holder, target }).map_err(TokenError::Unauthorized)
}

/// The gate said no, so everything was rolled back; what is left to do is to say so in the audit trail.
pub(super) async fn refused<T>(
    cx: &Cx,
    client: &Client,
    id: GrantId,
    refusal: Refusal,
) -> Result<T, TokenError> {
    let event = AuditEvent {
        client_id: Some(client.id.clone()),
        grant_id: Some(id),
        detail: Some(refusal.to_string()),
        ..cx.event(EventCode::IssuanceRefused)
    };
    deny(cx, event).await?;
    Err(TokenError::InvalidGrant)
}

async fn wrong_verifier(cx: &Cx, tx: &Tx, grant: &Grant) -> Result<Outcome, TokenError> {
    let burnt = tx.fail_code(grant.id, cx.now).await?.is_some_and(|failures| failures >= MAX_CODE_FAILURES);
    let event = if burnt {
        about(cx, grant, EventCode::CodeBruteforce)
    } else {
        let detail = Some(Refusal::BindingMismatch.to_string());
        AuditEvent { detail, ..about(cx, grant, EventCode::IssuanceRefused) }
    };
    tx.append_event(&event).await?;
    Ok(Outcome::Refused)
}

/// The code does not count any more: used before, or over before it was ever used.
async fn not_redeemed(cx: &Cx, tx: &Tx, grant: &Grant, presented: &Presented) -> Result<Outcome, TokenError> {
    match grant.stage {
        GrantStage::Active(_) => {
            match tx.code_of_grant(grant.id).await?.map(|code| binding(presented, &code)) {
                Some(Binding::Missing | Binding::Wrong) => refuse(Refusal::BindingMismatch),
                Some(Binding::Good) | None => {
                    replayed(cx, tx, grant, (EventCode::CodeReuse, EventCode::CodeRedeemed)).await?;
                    Ok(Outcome::Refused)
                }
            }
        }
        GrantStage::Code(_) | GrantStage::Revoked { .. } => refuse(Refusal::GrantOver),
    }
}

fn refuse(refusal: Refusal) -> Result<Outcome, TokenError> {
    Err(TokenError::Unauthorized(refusal))
}

/// A code or token came again: ends the grant. One of the two who had it is a thief: the address of the other stands in the
/// detail of the event (attack O21). A grant that is over already is refused like any other, and its trail is not searched again.
pub(super) async fn replayed(
    cx: &Cx,
    tx: &Tx,
    grant: &Grant,
    (again, use_of_it): (EventCode, EventCode),
) -> Result<(), TokenError> {
    if !tx.revoke_grant(grant.id, RevokeReason::Replay, cx.now).await? {
        return Err(TokenError::Unauthorized(Refusal::GrantOver));
    }
    tx.append_rule(&rule(cx, &rules::Target::Grant(grant.id))).await?;
    let filter = AuditFilter {
        code: Some(use_of_it),
        user: Some(grant.user_id),
        client: Some(grant.client_id.clone()),
        after: None,
    };
    let uses = tx.events(&filter, RECENT).await?;
    let last = uses.into_iter().find(|event| event.grant_id == Some(grant.id)).and_then(|event| event.ip);
    let detail = last.map(|ip| format!("last used from {ip}"));
    Ok(tx.append_event(&AuditEvent { detail, ..about(cx, grant, again) }).await?)
}

/// An event about a grant.
pub(super) fn about(cx: &Cx, grant: &Grant, code: EventCode) -> AuditEvent {
    AuditEvent {
        user_id: Some(grant.user_id),
        client_id: Some(grant.client_id.clone()),
        session_id: Some(grant.session_id),
        grant_id: Some(grant.id),
        ..cx.event(code)
    }
}
