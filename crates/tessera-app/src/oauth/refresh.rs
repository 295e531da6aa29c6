//! Refresh (RFC 6749 section 6, RFC 9700 section 4.14, policy P1): one UPDATE moves the grant on, or says why not.

use std::sync::Arc;

use tessera_model::{Client, EventCode, GrantId, GrantStage, Rotation};
use tessera_oauth::resource::Resource;
use tessera_oauth::scope::ScopeSet;
use tessera_oauth::token::{GrantType, TokenResponse};
use tessera_store::{RotateRefresh, Tx};
use zeroize::Zeroizing;

use super::grant::{Outcome, about, answer, permitted, refuse, replayed};
use super::issue::{Extras, Refusal};
use super::target::resolve_within;
use super::token::TokenError;
use crate::Cx;
use crate::catalog::Catalog;

/// What the client presents.
pub(super) struct Presented {
    pub(super) refresh_token: Zeroizing<String>,
    pub(super) scope: Option<ScopeSet>,
    pub(super) resource: Vec<Resource>,
}

pub(super) async fn exchange(
    cx: &Cx,
    client: &Arc<Client>,
    presented: &Presented,
) -> Result<TokenResponse, TokenError> {
    let catalog = &cx.app.catalog.load_full();
    let ticket = catalog.keys.tickets.read_refresh_token(&client.id, &presented.refresh_token);
    let (id, number) = ticket.ok_or(TokenError::InvalidGrant(None))?;
    let outcome = cx
        .app
        .store
        .write(|tx| async move { rotate(cx, &tx, catalog, &Rotate { client, presented, id, number }).await })
        .await;
    answer(cx, client, (id, catalog), outcome).await
}

struct Rotate<'a> {
    client: &'a Arc<Client>,
    presented: &'a Presented,
    id: GrantId,
    number: i64,
}

async fn rotate(cx: &Cx, tx: &Tx, catalog: &Catalog, rotate: &Rotate<'_>) -> Result<Outcome, TokenError> {
    let Rotate { client, presented, id, number } = *rotate;
    let lifetimes = &cx.app.config.lifetimes;
    let rotation = RotateRefresh {
        grant: id,
        number,
        now: cx.now,
        retry: lifetimes.refresh_retry,
        idle_expires_at: cx.now.after(lifetimes.refresh_idle),
    };
    let Some(grant) = tx.rotate_refresh(&rotation).await? else { return not_rotated(cx, tx, rotate).await };
    let GrantStage::Active(Some(refresh)) = grant.stage else { return refuse(Refusal::GrantOver) };
    // Wider than granted is an error, and errors roll the rotation back (attack O28).
    let target = resolve_within(catalog, client, &grant, (presented.scope.as_ref(), &presented.resource))?;
    let permit = permitted(cx, tx, client, (&grant, target, GrantType::RefreshToken)).await?;
    tx.append_event(&about(cx, &grant, EventCode::RefreshRotated)).await?;
    // The ID token of the login stays true; a refresh does not repeat it (OIDC core section 12.2).
    let extras = Extras { refresh_number: Some(refresh.leaf), id_token: false };
    Ok(Outcome::Permitted(Box::new(permit), extras))
}

/// The UPDATE hit nothing: expired, over, or a token that had been used up (attack O21).
async fn not_rotated(cx: &Cx, tx: &Tx, rotate: &Rotate<'_>) -> Result<Outcome, TokenError> {
    let Some(grant) = tx.grant(rotate.id).await? else { return refuse(Refusal::GrantOver) };
    let GrantStage::Active(Some(refresh)) = grant.stage else { return refuse(Refusal::GrantOver) };
    let lifetimes = &cx.app.config.lifetimes;
    match refresh.present(
        rotate.number,
        cx.now,
        lifetimes.refresh_retry,
        cx.now.after(lifetimes.refresh_idle),
    ) {
        Rotation::Reused => {
            replayed(cx, tx, &grant, (EventCode::RefreshReuse, EventCode::RefreshRotated)).await
        }
        Rotation::Together => refuse(Refusal::PresentedTogether),
        // Past its idle or absolute limit.
        Rotation::Expired | Rotation::Next(_) => refuse(Refusal::GrantOver),
    }
}
