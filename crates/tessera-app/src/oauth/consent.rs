//! Asking a person for consent (OIDC core section 3.1.2.4). The answer is remembered.

use tessera_model::{AuditEvent, EventCode};
use tessera_oauth::error::ErrorCode;
use tessera_oauth::scope::Scope;

use super::approve::{Consented, approve};
use super::authorize::{
    Checked, Next, Refused, Step, advance, error, next, reopen, to_consent, to_login, to_step_up,
};
use crate::login::BrowserSecret;
use crate::sessions::Current;
use crate::{Actor, Cx};

/// What the consent page asks.
pub struct Question {
    /// The flow that the form carries. It is valid for the session that is asked.
    pub flow: String,
    /// The name of the client.
    pub client_name: String,
    /// The scopes, each with the description by its API (`None` for scopes of OpenID Connect).
    pub scopes: Vec<(Scope, Option<String>)>,
    /// Where the browser will be sent afterwards.
    pub redirect_uri: String,
    /// Languages the client asked for.
    pub ui_locales: Vec<String>,
}

/// The answer to a GET of the consent page.
pub enum ConsentPage {
    /// Show the page.
    Ask(Question),
    /// Go on without the page. The person has answered already, or has to log in first.
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
        flow: flow.seal(cx)?,
        client_name: client.name.clone(),
        scopes: flow.request.scope.iter().map(|scope| (scope.clone(), describe(scope))).collect(),
        redirect_uri: flow.request.redirect_uri.unwrap_or_default(),
        ui_locales: flow.request.ui_locales,
    }))
}

/// The person's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The client gets what it asked for.
    Allow,
    /// The client gets `access_denied`.
    Deny,
}

/// Carries out the decision: a code, or `access_denied`.
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
        // Whoever has to log in first cannot skip that by sending the consent form.
        Step::Login | Step::ChooseAccount => return Ok(to_login(cx, flow)),
        Step::ProveMore => return Ok(to_step_up(cx, flow)),
        Step::Refuse(code) => return Ok(error(cx, flow, code)),
        Step::Consent | Step::Approve => {}
    }
    // The question was shown to another session, or not at all. It is asked in this one.
    if flow.asked != Some(current.session.id) {
        return Ok(to_consent(cx, flow));
    }
    match decision {
        Decision::Allow => approve(cx, &checked, current, Consented::Now).await,
        Decision::Deny => {
            let cx = &cx.clone().acting_as(Actor::User(current.user.id));
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
