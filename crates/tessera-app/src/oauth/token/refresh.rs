//! Refresh (RFC 6749 section 6, RFC 9700 section 4.14, policy P1): one UPDATE moves the grant on, gives the same successor again
//! to whoever comes twice, or says why not.

use std::net::IpAddr;
use std::sync::Arc;

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
use super::grant::{Outcome, answer, permitted, refuse, replayed};
use crate::catalog::Catalog;
use crate::config::{OnShadow, Peers};
use crate::rules::{RevocationTarget, rule};
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
    let grant_token = catalog.keys.grant_tokens.read_refresh_token(&client.id, &presented.refresh_token);
    let (id, number) = grant_token.ok_or(TokenError::InvalidGrant(None))?;
    let lifetimes = &cx.app.config.lifetimes;
    let used = RefreshUse {
        number,
        now: cx.now,
        from: origin(cx),
        retry: lifetimes.refresh_retry,
        idle_expires_at: cx.now.after(lifetimes.refresh_idle),
    };
    let going_on = &GoingOn { client, presented, id, used };
    let gone_on = cx.app.store.write(|tx| async move { go_on(cx, &tx, catalog, going_on).await }).await;
    if matches!(gone_on, Ok((Outcome::Permitted(..), Step::Retried))) {
        metrics::counter!("tessera_refresh_retries_total").increment(1);
    }
    answer(cx, client, (id, catalog), gone_on.map(|(outcome, _)| outcome)).await
}

/// Where the token comes from, as far as that tells anybody apart.
fn origin(cx: &Cx) -> Option<IpAddr> {
    match cx.app.config.peers {
        Peers::Direct => cx.ip.map(network::of),
        Peers::Shared => None,
    }
}

struct GoingOn<'a> {
    client: &'a Arc<Client>,
    presented: &'a RefreshRequest,
    id: GrantId,
    used: RefreshUse,
}

/// What was done about the family, by a commit that still has to come.
#[derive(Clone, Copy)]
enum Step {
    Rotated,
    Retried,
    Stopped,
}

async fn go_on(
    cx: &Cx,
    tx: &Tx,
    catalog: &Catalog,
    going_on: &GoingOn<'_>,
) -> Result<(Outcome, Step), TokenError> {
    let GoingOn { client, presented, id, used } = going_on;
    let Some(grant) = tx.grants().rotate_refresh(*id, used).await? else {
        return Ok((not_gone_on(cx, tx, going_on).await?, Step::Stopped));
    };
    let GrantStage::Active(Some(refresh)) = grant.stage else {
        return Ok((refuse(Refusal::GrantOver)?, Step::Stopped));
    };
    // The ID token of a refresh repeats no nonce (OIDC core section 12.2).
    let grant = Grant { nonce: None, ..grant };
    // Wider than granted is an error, and errors roll the rotation back (attack O28).
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

/// Who else has the token, for the audit event of the one who came second.
fn first_used(refresh: &Refresh) -> Option<String> {
    refresh.rotated_from.map(|ip| format!("first used from {}", network::name(ip)))
}

/// Rotation after rotation the token came from two addresses: an alarm, and the end of the grant if the operator wants that.
async fn shadowed(cx: &Cx, tx: &Tx, grant: &Grant, refresh: &Refresh) -> Result<OnShadow, StoreError> {
    let detail = first_used(refresh);
    tx.audit().append(&AuditEvent { detail, ..cx.grant_event(grant, EventCode::RefreshShadowed) }).await?;
    let on_shadow = cx.app.config.on_shadow;
    match on_shadow {
        OnShadow::Alarm => {}
        OnShadow::End => {
            tx.grants().revoke(grant.id, RevokeReason::Shadowed, cx.now).await?;
            tx.revocations().append(&rule(cx, &RevocationTarget::Grant(grant.id))).await?;
        }
    }
    Ok(on_shadow)
}

/// The UPDATE hit nothing: expired, over, or a token that had been used up (attack O21).
async fn not_gone_on(cx: &Cx, tx: &Tx, going_on: &GoingOn<'_>) -> Result<Outcome, TokenError> {
    let Some(grant) = tx.grants().find(going_on.id).await? else { return refuse(Refusal::GrantOver) };
    let GrantStage::Active(Some(refresh)) = grant.stage else { return refuse(Refusal::GrantOver) };
    match refresh.present(&going_on.used) {
        Rotation::Reused => {
            replayed(cx, tx, &grant, (EventCode::RefreshReuse, EventCode::RefreshRotated)).await
        }
        // Past its idle or absolute limit.
        Rotation::Expired | Rotation::Next(_) => refuse(Refusal::GrantOver),
    }
}
