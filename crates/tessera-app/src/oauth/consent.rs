//! Asking a person whether a client may (OIDC core section 3.1.2.4). The answer is remembered.

use tessera_model::{AuditEvent, EventCode};
use tessera_oauth::error::ErrorCode;
use tessera_oauth::scope::Scope;

use super::approve::{Consented, approve};
use super::authorize::{
    Checked, Next, PageReason, Refused, Step, advance, error, next, reopen, to_consent, to_login,
};
use super::sealed_params::TooLong;
use crate::Cx;
use crate::login::BrowserSecret;
use crate::sessions::Current;

/// What the consent page asks.
pub struct Question {
    /// The flow to answer with; good for the session that was asked.
    pub flow: String,
    /// Who wants it.
    pub client_name: String,
    /// What it wants: scope, and the API's own words for it (`None` for scopes of OpenID Connect).
    pub scopes: Vec<(Scope, Option<String>)>,
    /// Where the browser will be sent.
    pub redirect_uri: String,
    /// Languages the client asked for.
    pub ui_locales: Vec<String>,
}

/// What answers a visit to the consent page.
pub enum ConsentPage {
    /// Ask this.
    Ask(Question),
    /// Nothing is to be asked here: it has been answered, or somebody has to log in first.
    Continue(Next),
}

/// Reads the flow behind a consent page.
///
/// # Errors
/// See [`Refused`].
pub async fn question(
    cx: &Cx,
    flow: &str,
    browser: &BrowserSecret,
    current: &Current,
) -> Result<ConsentPage, Refused> {
    let checked = reopen(cx, flow, browser).await?;
    if next(cx, &checked, Some(current)).await? != Step::Consent {
        return advance(cx, &checked, Some(current)).await.map(ConsentPage::Continue);
    }
    let Checked { mut flow, client, target } = checked;
    flow.asked = Some(current.session.id);
    let describe = |scope: &Scope| {
        let definitions = target.apis.iter().flat_map(|api| &api.settings.scopes);
        definitions
            .into_iter()
            .find(|d| d.name == *scope)
            .map(|d| d.description.clone())
            .filter(|d| !d.is_empty())
    };
    Ok(ConsentPage::Ask(Question {
        flow: flow.seal(cx).map_err(|TooLong| Refused::Page(PageReason::BadRequest))?,
        client_name: client.name.clone(),
        scopes: flow.request.scope.iter().map(|scope| (scope.clone(), describe(scope))).collect(),
        redirect_uri: flow.request.redirect_uri.unwrap_or_default(),
        ui_locales: flow.request.ui_locales,
    }))
}

/// The person's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The client may.
    Allow,
    /// The client may not.
    Deny,
}

/// Carries the answer out: a code, or `access_denied`.
///
/// # Errors
/// See [`Refused`].
pub async fn answer(
    cx: &Cx,
    flow: &str,
    browser: &BrowserSecret,
    current: &Current,
    decision: Decision,
) -> Result<Next, Refused> {
    let checked = reopen(cx, flow, browser).await?;
    let flow = &checked.flow;
    match next(cx, &checked, Some(current)).await? {
        // A person who was asked to log in again cannot skip it by going straight to the consent form.
        Step::Login | Step::ChooseAccount => return Ok(to_login(cx, flow)),
        Step::Refuse(code) => return Ok(error(cx, flow, code)),
        Step::Consent | Step::Approve => {}
    }
    // The question was not shown, or another person has logged in since: they are asked themselves.
    if flow.asked != Some(current.session.id) {
        return Ok(to_consent(cx, flow));
    }
    match decision {
        Decision::Allow => approve(cx, &checked, current, Consented::Now).await,
        Decision::Deny => {
            let event = AuditEvent {
                user_id: Some(current.user.id),
                client_id: Some(checked.client.id.clone()),
                ..cx.event(EventCode::ConsentDenied)
            };
            cx.record(event).await?;
            Ok(error(cx, flow, ErrorCode::AccessDenied))
        }
    }
}
