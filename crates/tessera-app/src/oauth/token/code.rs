//! The exchange of a code (RFC 6749 section 4.1.3, RFC 7636 section 4.6, policy P2).
//!
//! A failed exchange consumes nothing; the third wrong verifier burns the code. A used code that comes back with everything it was
//! bound to ends the grant: one of the two who hold it is a thief. Without its bindings it proves nothing and changes nothing.

use std::sync::Arc;

use tessera_model::audit::Detail;
use tessera_model::grant::{MAX_CODE_FAILURES, PendingCode};
use tessera_model::{AuditEvent, Client, EventCode, Grant, GrantId, GrantStage, PkcePolicy, Refresh};
use tessera_oauth::pkce::{CodeChallenge, CodeVerifier};
use tessera_oauth::resource::Resource;
use tessera_oauth::token::{GrantType, TokenResponse};
use tessera_store::{StoreError, Tx};
use zeroize::Zeroizing;

use super::super::issue::{Extras, Refusal};
use super::super::target::resolve_within;
use super::error::TokenError;
use super::grant::{Outcome, own, permitted, refuse, replayed, respond};
use crate::Cx;
use crate::catalog::Catalog;

/// What the client presents.
pub(super) struct CodeExchange {
    pub(super) code: Zeroizing<String>,
    pub(super) redirect_uri: Option<String>,
    pub(super) code_verifier: Option<CodeVerifier>,
    pub(super) resource: Vec<Resource>,
}

pub(super) async fn exchange(
    cx: &Cx,
    client: &Arc<Client>,
    presented: &CodeExchange,
) -> Result<TokenResponse, TokenError> {
    let catalog = &cx.app.catalog.load_full();
    let reading = catalog.keys.grant_tokens.read_code(&client.id, &presented.code);
    let (id, _) = own(cx, client, reading, EventCode::CodeForeignClient).await?;
    let outcome = cx
        .app
        .store
        .write(|tx| async move {
            let Some(grant) = tx.grants().find(id).await? else { return refuse(Refusal::GrantOver) };
            match &grant.stage {
                GrantStage::Code(pending) if cx.now < pending.expires_at => match binding(presented, pending)
                {
                    Binding::Good => {
                        redeem(cx, &tx, catalog, &Redemption { client, presented, pending: &grant }).await
                    }
                    Binding::Unbound(refusal) => refuse(refusal),
                    Binding::Wrong => wrong_verifier(cx, &tx, &grant).await,
                },
                GrantStage::Code(_) | GrantStage::Active(_) | GrantStage::Revoked { .. } => {
                    refuse_or_end(cx, &tx, &grant, presented).await
                }
            }
        })
        .await;
    let tokens = respond(cx, client, (id, catalog), outcome).await?;
    if let Err(error) = learn_pkce(cx, client, presented, id).await {
        tracing::warn!(request_id = %cx.request_id, %error, "the server could not store that a client has proven PKCE");
    }
    Ok(tokens)
}

/// The client has proven a challenge with its secret, so from now on it must always (policy P2). This does not count for a
/// private-use redirect URI, which needs a challenge anyway, nor for plain HTTP in development. What fails here is stored at the next
/// exchange.
async fn learn_pkce(
    cx: &Cx,
    client: &Client,
    presented: &CodeExchange,
    id: GrantId,
) -> Result<(), StoreError> {
    let learns = client.settings.pkce == PkcePolicy::Auto && client.pkce_proven_at.is_none();
    if !learns || !client.kind.is_confidential() || presented.code_verifier.is_none() {
        return Ok(());
    }
    let event = &AuditEvent { client_id: Some(client.id.clone()), ..cx.event(EventCode::ClientPkceProven) };
    cx.app
        .store
        .write(|tx| async move {
            let code = tx.grants().find_code(id).await?;
            let counts = code.is_some_and(|code| code.redirect_uri.starts_with("https:"));
            if counts && tx.clients().prove_pkce(&client.id, cx.now).await? {
                tx.audit().append(event).await?;
            }
            Ok(())
        })
        .await
}

enum Binding {
    Good,
    /// Something that was bound is missing or differs. Does not count as a guess.
    Unbound(Refusal),
    /// A wrong verifier. Counts as a guess.
    Wrong,
}

/// The verifier binds the exchange to the request at least as well as the redirect URI, which may then be left out (OAuth 2.1
/// section 4.1.3).
fn binding(presented: &CodeExchange, pending: &PendingCode) -> Binding {
    match presented.redirect_uri.as_deref() {
        Some(uri) if uri != pending.redirect_uri => return Binding::Unbound(Refusal::RedirectUriDiffers),
        None if pending.code_challenge.is_none() => {
            return Binding::Unbound(Refusal::RedirectUriMissing);
        }
        Some(_) | None => {}
    }
    match (&pending.code_challenge, &presented.code_verifier) {
        (None, None) => Binding::Good,
        (None, Some(_)) => Binding::Unbound(Refusal::VerifierUnexpected),
        (Some(_), None) => Binding::Unbound(Refusal::VerifierMissing),
        (Some(challenge), Some(verifier)) => {
            let good = challenge.parse::<CodeChallenge>().is_ok_and(|challenge| challenge.matches(verifier));
            if good { Binding::Good } else { Binding::Wrong }
        }
    }
}

struct Redemption<'a> {
    client: &'a Arc<Client>,
    presented: &'a CodeExchange,
    /// The grant as it was with its code.
    pending: &'a Grant,
}

/// Spends the code with one conditional write, then asks the gate; a refusal rolls the spending back.
async fn redeem(
    cx: &Cx,
    tx: &Tx,
    catalog: &Catalog,
    redemption: &Redemption<'_>,
) -> Result<Outcome, TokenError> {
    let Redemption { client, presented, pending } = *redemption;
    let lifetimes = &cx.app.config.lifetimes;
    let refresh = client
        .may_refresh(pending.holder.is_offline())
        .then(|| Refresh::first(cx.now, pending.idle_limit(cx.now, lifetimes.refresh_idle)));
    let Some(grant) = tx.grants().redeem_code(pending.id, (cx.now, cx.ip), refresh).await? else {
        // Another request was faster, most likely an exchange of the same code.
        return match tx.grants().find(pending.id).await? {
            Some(grant) => refuse_or_end(cx, tx, &grant, presented).await,
            None => refuse(Refusal::GrantOver),
        };
    };
    let target = resolve_within(catalog, client, &grant, (None, &presented.resource))?;
    let permit = permitted(cx, tx, client, (&grant, target, GrantType::AuthorizationCode)).await?;
    tx.audit().append(&cx.grant_event(&grant, EventCode::CodeRedeemed)).await?;
    let extras = Extras { refresh_number: refresh.map(|refresh| refresh.leaf), id_token: true };
    Ok(Outcome::Permitted(Box::new(permit), extras))
}

async fn wrong_verifier(cx: &Cx, tx: &Tx, grant: &Grant) -> Result<Outcome, TokenError> {
    let burnt =
        tx.grants().fail_code(grant.id, cx.now).await?.is_some_and(|failures| failures >= MAX_CODE_FAILURES);
    let event = if burnt {
        cx.grant_event(grant, EventCode::CodeBruteforce)
    } else {
        let detail = Some(Detail::Reason(&Refusal::VerifierWrong.to_string()).text());
        AuditEvent { detail, ..cx.grant_event(grant, EventCode::IssuanceRefused) }
    };
    tx.audit().append(&event).await?;
    Ok(Outcome::Refused)
}

/// A code that can no longer be redeemed. One that was used before may be a replay, which ends the grant.
async fn refuse_or_end(
    cx: &Cx,
    tx: &Tx,
    grant: &Grant,
    presented: &CodeExchange,
) -> Result<Outcome, TokenError> {
    match grant.stage {
        GrantStage::Active(_) => {
            match tx.grants().find_code(grant.id).await?.map(|code| binding(presented, &code)) {
                Some(Binding::Unbound(refusal)) => refuse(refusal),
                Some(Binding::Wrong) => refuse(Refusal::VerifierWrong),
                Some(Binding::Good) | None => replayed(cx, tx, grant, EventCode::CodeReuse).await,
            }
        }
        GrantStage::Code(_) | GrantStage::Revoked { .. } => refuse(Refusal::GrantOver),
    }
}
