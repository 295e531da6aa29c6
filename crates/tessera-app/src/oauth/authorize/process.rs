//! Processing a request: parse it, check it, and go as far as this browser's session allows.

use std::sync::Arc;

use tessera_model::{AuditEvent, Client, ClientId, Consent, EventCode};
use tessera_oauth::authorize::{AuthorizationRequest, ClientPart, ui_locales};
use tessera_oauth::params::Params;
use tessera_oauth::response::AuthorizationResponse;
use tessera_store::StoreError;

use super::super::approve::{Consented, approve};
use super::super::flow::{Flow, Opened};
use super::interaction::{Facts, Level, Step, next_step};
use super::outcome::{
    Next, PageReason, Refused, Response, error, response, to_consent, to_login, to_step_up,
};
use super::request_checks::{Checked, check};
use crate::Cx;
use crate::audit::budget::deny;
use crate::catalog::{self, require_current};
use crate::login::{self, BrowserSecret, LoginStep, Means};
use crate::sessions::Current;

/// Checks a new request, and goes as far as this browser's session allows.
///
/// # Errors
/// See [`Refused`].
pub async fn start(
    cx: &Cx,
    params: &Params,
    browser: &BrowserSecret,
    current: Option<&Current>,
) -> Result<Next, Refused> {
    let part = ClientPart::parse(params).map_err(|_| Refused::Page(PageReason::BadRequest))?;
    let client = active_client(cx, &part.client_id).await?;
    let redirect_uri = registered_redirect_uri(cx, &client, part.redirect_uri.as_deref()).await?;
    let (state, mode) = (part.state.clone(), part.response_mode);
    let checked = AuthorizationRequest::parse(part, params).and_then(|mut request| {
        let target = check(cx, &client, &mut request, Opened::Restarted)?;
        Ok((request, target))
    });
    match checked {
        Ok((request, target)) => {
            let flow = Flow::begin(cx, request, browser);
            advance(cx, &Checked { flow, client, target }, current).await
        }
        Err(error) => {
            let answer = AuthorizationResponse::error(&error, state.as_deref(), &cx.app.config.issuer);
            let client_id = client.id.to_string();
            Ok(Next::Respond(Response {
                client_id,
                redirect_uri,
                mode,
                answer,
                ui_locales: ui_locales(params),
            }))
        }
    }
}

/// Opens a flow, and repeats the checks of what may have changed since: client, redirect URI, scopes, APIs.
pub(in crate::oauth) async fn reopen(
    cx: &Cx,
    text: &str,
    browser: &BrowserSecret,
) -> Result<Checked, Refused> {
    let (mut flow, opened) = Flow::open(cx, browser, text)?;
    let client = active_client(cx, &flow.request.client_id).await?;
    registered_redirect_uri(cx, &client, flow.request.redirect_uri.as_deref()).await?;
    match check(cx, &client, &mut flow.request, opened) {
        Ok(target) => Ok(Checked { flow, client, target }),
        Err(error) => Err(Refused::Client(Box::new(response(cx, &flow, &error)))),
    }
}

async fn active_client(cx: &Cx, id: &str) -> Result<Arc<Client>, Refused> {
    require_current(&cx.app)?;
    let id: ClientId = id.parse().map_err(|_| Refused::Page(PageReason::UnknownClient))?;
    let client = catalog::client(cx, &id).await.filter(|client| client.is_active());
    client.ok_or(Refused::Page(PageReason::UnknownClient))
}

/// Policy P7: the redirect URI must be sent (OIDC core section 3.1.2.1), and must equal a registered one byte for byte.
async fn registered_redirect_uri(
    cx: &Cx,
    client: &Client,
    requested: Option<&str>,
) -> Result<String, Refused> {
    let registered = |uri: &&str| client.settings.redirect_uris.iter().any(|known| known.matches(uri));
    if let Some(uri) = requested.filter(registered) {
        return Ok(uri.to_owned());
    }
    deny(cx, AuditEvent { client_id: Some(client.id.clone()), ..cx.event(EventCode::BadRedirect) }).await?;
    let (client_id, redirect_uri) = (client.id.clone(), requested.map(str::to_owned));
    Err(Refused::Page(PageReason::BadRedirect { client_id, redirect_uri }))
}

/// Takes the next step: the login page, the consent page, a code, or an error.
pub(in crate::oauth) async fn advance(
    cx: &Cx,
    checked: &Checked,
    current: Option<&Current>,
) -> Result<Next, Refused> {
    let flow = &checked.flow;
    Ok(match (next(cx, checked, current).await?, current) {
        (Step::Approve, Some(current)) => approve(cx, checked, current, Consented::Before).await?,
        (Step::Login | Step::ChooseAccount, _) | (Step::Approve, None) => to_login(cx, flow),
        (Step::ProveMore, _) => to_step_up(cx, flow),
        (Step::Consent, _) => to_consent(cx, flow),
        (Step::Refuse(code), _) => error(cx, flow, code),
    })
}

/// The next step of this request.
pub(in crate::oauth) async fn next(
    cx: &Cx,
    checked: &Checked,
    current: Option<&Current>,
) -> Result<Step, StoreError> {
    let Checked { flow, client, .. } = checked;
    let consent = match current {
        Some(current) if client.settings.require_consent => find_consent(cx, client, current).await?,
        Some(_) | None => None,
    };
    let level = match current {
        Some(current) => level(cx, flow, current).await?,
        None => Level::Enough,
    };
    let (check, step) = next_step(&Facts::of(cx, (flow, client), current, (consent.as_ref(), level)));
    tracing::debug!(request_id = %cx.request_id, check, ?step, "next step of an authorization request");
    Ok(step)
}

/// What the session lacks. Only a session with less than the request wants costs a look at what its person could prove.
async fn level(cx: &Cx, flow: &Flow, current: &Current) -> Result<Level, StoreError> {
    let (required, proven) = (&flow.requirement(), &current.session.authentication);
    if required.is_met_by(proven) {
        return Ok(Level::Enough);
    }
    let means = cx.app.store.read(|tx| async move { Means::read(&tx, &current.user, cx.now).await }).await?;
    Ok(match login::next_step(&means, proven, required, cx.now) {
        LoginStep::StartSession => Level::Enough,
        LoginStep::Prove(_) => Level::Missing,
        LoginStep::Refuse => Level::OutOfReach,
    })
}

async fn find_consent(cx: &Cx, client: &Client, current: &Current) -> Result<Option<Consent>, StoreError> {
    cx.app.store.read(|tx| async move { tx.consents().find(current.user.id, &client.id).await }).await
}
