//! An authorization request that passed every check: remembers the consent, writes the grant, sends its code to the client.

use tessera_model::grant::PendingCode;
use tessera_model::{Client, Consent, EventCode, Grant, GrantId, GrantStage, Holder};
use tessera_oauth::authorize::AuthorizationRequest;
use tessera_oauth::error::ErrorCode;
use tessera_oauth::response::AuthorizationResponse;
use tessera_oauth::scope::OFFLINE_ACCESS;
use tessera_store::StoreError;

use super::authorize::{Checked, Next, Refused, Response, error};
use super::target::Target;
use crate::Cx;
use crate::sessions::Current;

/// Whether the person allowed it just now.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Consented {
    Before,
    Now,
}

/// Writes the grant and responds with its code; `login_required` if the account, session or client was removed meanwhile.
pub(super) async fn approve(
    cx: &Cx,
    Checked { flow, client, target }: &Checked,
    current: &Current,
    consented: Consented,
) -> Result<Next, Refused> {
    let request = &flow.request;
    let redirect_uri = request.redirect_uri.clone().unwrap_or_default();
    let grant = &pending(cx, request, target, (client, current));
    let consent = &Consent {
        user_id: current.user.id,
        client_id: client.id.clone(),
        scope: request.scope.clone(),
        granted_at: cx.now,
    };
    let cx = &cx.clone().acting_as(crate::Actor::User(current.user.id));
    let event = &cx.grant_event(grant, EventCode::CodeIssued);
    let written = cx
        .app
        .store
        .write(|tx| async move {
            if consented == Consented::Now {
                tx.consents().allow(consent).await?;
            }
            tx.grants().insert(grant).await?;
            tx.audit().append(event).await
        })
        .await;
    match written {
        Ok(()) => {}
        // Account, session or client were removed since they were looked at.
        Err(StoreError::Conflict) => return Ok(error(cx, flow, ErrorCode::LoginRequired)),
        Err(fault) => return Err(fault.into()),
    }
    let code = cx.app.catalog.load().keys.grant_tokens.code(&client.id, grant.id).reveal();
    let answer = AuthorizationResponse::code(&code, request.state.as_deref(), &cx.app.config.issuer);
    let (client_id, ui_locales) = (client.id.to_string(), request.ui_locales.clone());
    Ok(Next::Respond(Response { client_id, redirect_uri, mode: request.response_mode, answer, ui_locales }))
}

/// A grant whose code waits to be exchanged.
fn pending(
    cx: &Cx,
    request: &AuthorizationRequest,
    Target { scope, apis }: &Target,
    (client, current): (&Client, &Current),
) -> Grant {
    let lifetimes = &cx.app.config.lifetimes;
    let (user_id, session_id) = (current.user.id, current.session.id);
    let authentication = current.session.authentication.clone();
    let holder = if scope.contains(OFFLINE_ACCESS) {
        Holder::Offline { user_id, session_id: Some(session_id), authentication }
    } else {
        Holder::Session { user_id, session_id, authentication }
    };
    Grant {
        id: GrantId::from_random(cx.app.random()),
        client_id: client.id.clone(),
        holder,
        scope: scope.clone(),
        audiences: apis.iter().map(|api| api.audience.clone()).collect(),
        nonce: request.nonce.clone(),
        stage: GrantStage::Code(PendingCode {
            expires_at: cx.now.after(lifetimes.code),
            redirect_uri: request.redirect_uri.clone().unwrap_or_default(),
            code_challenge: request.code_challenge.as_ref().map(|challenge| challenge.as_str().to_owned()),
            failures: 0,
        }),
        last_used_ip: None,
        created_at: cx.now,
        expires_at: cx.now.after(lifetimes.grant),
        security_version: Some(current.user.security_version),
    }
}
