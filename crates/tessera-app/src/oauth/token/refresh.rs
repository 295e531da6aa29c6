//! Refresh (RFC 6749 section 6, RFC 9700 section 4.14, policy P1). One UPDATE rotates the refresh token, or gives the same successor
//! again at a retry. If it hits no row, the rule of the model says why.

use std::sync::Arc;

use tessera_model::audit::Detail;
use tessera_model::{AuditEvent, Client, EventCode, Grant, GrantId, GrantStage, Refresh, RefreshUse};
use tessera_model::{RevokeReason, Rotation};
use tessera_oauth::resource::Resource;
use tessera_oauth::scope::ScopeSet;
use tessera_oauth::token::{GrantType, TokenResponse};
use tessera_store::{StoreError, Tx};
use zeroize::Zeroizing;

use super::super::issue::{Extras, Refusal};
use super::super::target::resolve_within;
use super::error::TokenError;
use super::grant::{Outcome, own, permitted, refuse, replayed, respond};
use crate::catalog::Catalog;
use crate::config::OnShadow;
use crate::rules::{RevocationTarget, revoke};
use crate::{Cx, network};

/// What the client presents.
pub(super) struct RefreshRequest {
    pub(super) refresh_token: Zeroizing<String>,
    pub(super) scope: Option<ScopeSet>,
    pub(super) resource: Vec<Resource>,
}

pub(super) async fn exchange(
    cx: &Cx,
    client: &Arc<Client>,
    presented: &RefreshRequest,
) -> Result<TokenResponse, TokenError> {
    let catalog = &cx.app.catalog.load_full();
    let reading = catalog.keys.grant_tokens.read_refresh_token(&client.id, &presented.refresh_token);
    let (id, number) = own(cx, client, reading, EventCode::RefreshForeignClient).await?;
    let lifetimes = &cx.app.config.lifetimes;
    let used = RefreshUse {
        number,
        now: cx.now,
        from: cx.origin(),
        ip: cx.ip,
        retry: lifetimes.refresh_retry,
        idle_expires_at: cx.now.after(lifetimes.refresh_idle),
    };
    let attempt = &Attempt { client, presented, id, used };
    let rotated = cx.app.store.write(|tx| async move { rotate(cx, &tx, catalog, attempt).await }).await;
    if matches!(rotated, Ok((Outcome::Permitted(..), Step::Retried))) {
        metrics::counter!("tessera_refresh_retries_total").increment(1);
    }
    respond(cx, client, (id, catalog), rotated.map(|(outcome, _)| outcome)).await
}

struct Attempt<'a> {
    client: &'a Arc<Client>,
    presented: &'a RefreshRequest,
    id: GrantId,
    used: RefreshUse,
}

/// What the transaction did. It still has to commit.
#[derive(Clone, Copy)]
enum Step {
    Rotated,
    Retried,
    Stopped,
}

async fn rotate(
    cx: &Cx,
    tx: &Tx,
    catalog: &Catalog,
    attempt: &Attempt<'_>,
) -> Result<(Outcome, Step), TokenError> {
    let Attempt { client, presented, id, used } = attempt;
    let Some(grant) = tx.grants().rotate_refresh(*id, used).await? else {
        return Ok((refuse_or_end(cx, tx, attempt).await?, Step::Stopped));
    };
    let GrantStage::Active(Some(refresh)) = grant.stage else {
        return Ok((refuse(Refusal::GrantOver)?, Step::Stopped));
    };
    // The ID token of a refresh repeats no nonce (OIDC core section 12.2).
    let grant = Grant { nonce: None, ..grant };
    // Wider than granted is an error, and errors roll the rotation back.
    let target = resolve_within(catalog, client, &grant, (presented.scope.as_ref(), &presented.resource))?;
    let permit = permitted(cx, tx, client, (&grant, target, GrantType::RefreshToken)).await?;
    let extras = Extras { refresh_number: Some(refresh.leaf), id_token: true };
    if !refresh.is_retry() {
        tx.audit().append(&cx.grant_event(&grant, EventCode::RefreshRotated)).await?;
        return Ok((Outcome::Permitted(Box::new(permit), extras), Step::Rotated));
    }
    if refresh.is_shadowed(used.from) && shadowed(cx, tx, &grant, &refresh).await? == OnShadow::End {
        return Ok((Outcome::Refused, Step::Stopped));
    }
    let detail = first_used(&refresh);
    tx.audit().append(&AuditEvent { detail, ..cx.grant_event(&grant, EventCode::RefreshRetried) }).await?;
    Ok((Outcome::Permitted(Box::new(permit), extras), Step::Retried))
}

/// For the audit event of a retry: who presented the token first.
fn first_used(refresh: &Refresh) -> Option<String> {
    refresh.rotated_from.map(|ip| Detail::FirstUsedFrom(&network::name(ip)).text())
}

/// In several rotations running the token came from two addresses: raises the alarm, and ends the grant if the operator wants that.
async fn shadowed(cx: &Cx, tx: &Tx, grant: &Grant, refresh: &Refresh) -> Result<OnShadow, StoreError> {
    let detail = first_used(refresh);
    tx.audit().append(&AuditEvent { detail, ..cx.grant_event(grant, EventCode::RefreshShadowed) }).await?;
    let on_shadow = cx.app.config.on_shadow;
    match on_shadow {
        OnShadow::Alarm => {}
        OnShadow::End => {
            tx.grants().revoke(grant.id, RevokeReason::Shadowed, cx.now).await?;
            revoke(cx, tx, &RevocationTarget::Grant(grant)).await?;
        }
    }
    Ok(on_shadow)
}

/// The UPDATE hit no row: the grant expired or is over, or the token was used up before, which ends the grant.
async fn refuse_or_end(cx: &Cx, tx: &Tx, attempt: &Attempt<'_>) -> Result<Outcome, TokenError> {
    let Some(grant) = tx.grants().find(attempt.id).await? else { return refuse(Refusal::GrantOver) };
    let GrantStage::Active(Some(refresh)) = grant.stage else { return refuse(Refusal::GrantOver) };
    match refresh.present(&attempt.used) {
        Rotation::Reused => replayed(cx, tx, &grant, EventCode::RefreshReuse).await,
        // Past its idle or absolute limit.
        Rotation::Expired | Rotation::Next(_) => refuse(Refusal::GrantOver),
    }
}
