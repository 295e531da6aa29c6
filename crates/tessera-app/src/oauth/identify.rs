//! Which person an authorization request is for: the login page of a request, and what it leads to.
//!
//! Whoever has a session that satisfies the request is not asked again, however they came to the page: with the back button,
//! from a bookmark, in a second tab.

use super::authorize::{Checked, Next, PageReason, Refused, Step, advance, next, reopen, to_login};
use super::flow::Flow;
use super::sealed_params::TooLong;
use crate::Cx;
use crate::login::BrowserSecret;
use crate::sessions::Current;

/// What answers a visit to the login page.
pub enum LoginPage {
    /// Ask for name and password.
    LogIn(LoginContext),
    /// Offer the person who is logged in (`prompt=select_account`).
    ChooseAccount(AccountContext),
    /// Nothing is to be asked here.
    Continue(Next),
}

/// Who the visitor wants to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountChoice {
    /// Whoever the request allows.
    Any,
    /// Not the one who is logged in.
    Another,
}

/// What the login page says about a request.
pub struct LoginContext {
    /// The flow that its form carries.
    pub flow: String,
    /// Name of the client that wants a login.
    pub client_name: String,
    /// What to put into the login field.
    pub username: Option<String>,
    /// Languages the client asked for.
    pub ui_locales: Vec<String>,
}

/// What the page says that offers an account.
pub struct AccountContext {
    /// The flow that its form carries; good for the session that is offered.
    pub flow: String,
    /// Name of the client that asked.
    pub client_name: String,
    /// Languages the client asked for.
    pub ui_locales: Vec<String>,
}

/// Reads the flow of a login page, and leads on whoever need not see it.
///
/// # Errors
/// See [`Refused`].
pub async fn identify(
    cx: &Cx,
    flow: &str,
    browser: &BrowserSecret,
    current: Option<&Current>,
    account: AccountChoice,
) -> Result<LoginPage, Refused> {
    let mut checked = reopen(cx, flow, browser).await?;
    let known = current.filter(|_| account == AccountChoice::Any);
    match next(cx, &checked, known).await? {
        Step::Login => login_context(cx, checked, known).map(LoginPage::LogIn),
        Step::ChooseAccount => {
            checked.flow.offered = known.map(|known| known.session.id);
            Ok(LoginPage::ChooseAccount(AccountContext {
                flow: sealed(cx, &checked.flow)?,
                client_name: checked.client.name.clone(),
                ui_locales: checked.flow.request.ui_locales,
            }))
        }
        Step::Consent | Step::Refuse(_) | Step::Approve => {
            advance(cx, &checked, known).await.map(LoginPage::Continue)
        }
    }
}

/// Reads the flow behind a login form that is shown again.
///
/// # Errors
/// See [`Refused`].
pub async fn login_form(cx: &Cx, flow: &str, browser: &BrowserSecret) -> Result<LoginContext, Refused> {
    login_context(cx, reopen(cx, flow, browser).await?, None)
}

/// The name that the client hints at, or of whom the request asks to log in again.
fn login_context(
    cx: &Cx,
    Checked { flow, client, .. }: Checked,
    known: Option<&Current>,
) -> Result<LoginContext, Refused> {
    let again = known.filter(|_| flow.request.id_token_hint.is_none());
    let again = again.map(|known| known.user.username.as_str().to_owned());
    Ok(LoginContext {
        flow: sealed(cx, &flow)?,
        client_name: client.name.clone(),
        username: flow.request.login_hint.or(again),
        ui_locales: flow.request.ui_locales,
    })
}

fn sealed(cx: &Cx, flow: &Flow) -> Result<String, Refused> {
    flow.seal(cx).map_err(|TooLong| Refused::Page(PageReason::BadRequest))
}

/// Takes up a request again after the person has logged in for it.
///
/// # Errors
/// See [`Refused`].
pub async fn resume_after_login(
    cx: &Cx,
    flow: &str,
    browser: &BrowserSecret,
    current: &Current,
) -> Result<Next, Refused> {
    let mut checked = reopen(cx, flow, browser).await?;
    checked.flow.fresh_login = Some(current.session.id);
    advance(cx, &checked, Some(current)).await
}

/// Takes up a request again after the person has said that the one who is logged in is meant. Whoever was not offered, because
/// somebody else has logged in meanwhile, is offered first.
///
/// # Errors
/// See [`Refused`].
pub async fn resume_with_current(
    cx: &Cx,
    flow: &str,
    browser: &BrowserSecret,
    current: Option<&Current>,
) -> Result<Next, Refused> {
    let mut checked = reopen(cx, flow, browser).await?;
    match current.filter(|current| checked.flow.offered == Some(current.session.id)) {
        Some(current) => {
            checked.flow.chosen = Some(current.session.id);
            advance(cx, &checked, Some(current)).await
        }
        None => Ok(to_login(cx, &checked.flow)),
    }
}
