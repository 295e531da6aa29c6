//! The login page of an authorization request, and how the request goes on after it.
//!
//! A person with a session that satisfies the request is not asked again, even if they come to the login page with the back
//! button, from a bookmark or in a second tab.

use super::authorize::{Checked, Next, Refused, Step, advance, next, reopen, to_login};
use crate::Cx;
use crate::login::{BrowserSecret, Requirement};
use crate::sessions::Current;

/// The answer to a GET of the login page.
pub enum LoginPage {
    /// Show the login form.
    LogIn(LoginContext),
    /// Show the account that is logged in, and offer to use another (`prompt=select_account`).
    ChooseAccount(AccountContext),
    /// Go on without the page.
    Continue(Next),
}

/// Which account the person wants to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountChoice {
    /// Any account that the request allows.
    Any,
    /// Another account than the one that is logged in.
    Another,
}

/// What the login page shows about a request.
pub struct LoginContext {
    /// The flow that the form carries.
    pub flow: String,
    /// The client.
    pub client_id: String,
    /// The name of the client.
    pub client_name: String,
    /// What to fill into the field for the user name.
    pub username: Option<String>,
    /// Languages the client asked for.
    pub ui_locales: Vec<String>,
    /// What the login needs.
    pub required: Requirement,
}

/// What the account page shows.
pub struct AccountContext {
    /// The flow that the form carries. It is valid for the session that is offered.
    pub flow: String,
    /// The name of the client.
    pub client_name: String,
    /// Languages the client asked for.
    pub ui_locales: Vec<String>,
}

/// Reads the flow of a login page, and goes on if the person need not see the page.
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
                flow: checked.flow.seal(cx)?,
                client_name: checked.client.name.clone(),
                ui_locales: checked.flow.request.ui_locales,
            }))
        }
        Step::ProveMore | Step::Consent | Step::Refuse(_) | Step::Approve => {
            advance(cx, &checked, known).await.map(LoginPage::Continue)
        }
    }
}

/// Reads the flow of a login form that is shown again.
///
/// # Errors
/// See [`Refused`].
pub async fn login_form(cx: &Cx, flow: &str, browser: &BrowserSecret) -> Result<LoginContext, Refused> {
    login_context(cx, reopen(cx, flow, browser).await?, None)
}

/// Fills in `login_hint`, or else the name of the person who has to log in again.
fn login_context(
    cx: &Cx,
    Checked { flow, client, .. }: Checked,
    known: Option<&Current>,
) -> Result<LoginContext, Refused> {
    let again = known.filter(|_| flow.request.id_token_hint.is_none());
    let again = again.map(|known| known.user.username.as_str().to_owned());
    Ok(LoginContext {
        required: flow.requirement(),
        flow: flow.seal(cx)?,
        client_id: client.id.to_string(),
        client_name: client.name.clone(),
        username: flow.request.login_hint.or(again),
        ui_locales: flow.request.ui_locales,
    })
}

/// Whether the person has logged in for a request as a whole. One more proof in an old session is no fresh login (`prompt=login`,
/// `max_age`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FreshLogin {
    /// They have.
    Yes,
    /// They have added a proof to a session.
    No,
}

/// Resumes a request after the person has proven something for it.
///
/// # Errors
/// See [`Refused`].
pub async fn resume_after_login(
    cx: &Cx,
    flow: &str,
    browser: &BrowserSecret,
    current: &Current,
    fresh: FreshLogin,
) -> Result<Next, Refused> {
    let mut checked = reopen(cx, flow, browser).await?;
    if fresh == FreshLogin::Yes {
        checked.flow.fresh_login = Some(current.session.id);
    }
    advance(cx, &checked, Some(current)).await
}

/// Resumes a request after the person has chosen the account that is logged in. If another person has logged in since the page
/// was shown, the page is shown again for that account.
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
