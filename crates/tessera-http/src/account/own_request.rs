//! A request of a person about their own account.

use axum::response::{IntoResponse, Response};
use http::header::SET_COOKIE;
use tessera_app::access::AccessError;
use tessera_app::authenticators::AddError;
use tessera_app::sessions::Current;
use tessera_app::{Actor, Cx};
use tessera_model::{Authenticator, AuthenticatorKind, Timestamp};

use crate::after_login::AfterLogin;
use crate::cookies::Cookie;
use crate::error_report::ErrorReport;
use crate::login::DEVICE_LIFETIME;
use crate::page_request::{PageError, PageRequest};
use crate::pages::{AccountProblem, AuthenticatorLook};
use crate::request::see_other;

/// The person who asks, and a context in which they act.
pub(super) struct Own {
    pub(super) current: Current,
    pub(super) cx: Cx,
}

/// Why one of these pages is not shown as it was asked for.
pub(super) enum Instead {
    /// The page of the form, with what is wrong.
    Again(AccountProblem),
    /// Another page.
    Page(Response),
}

impl Own {
    /// Who asks. Whoever is not logged in goes to the login page first, and comes back to `page`.
    pub(super) async fn of(
        request: &PageRequest,
        page: AfterLogin,
    ) -> Result<Result<Self, Response>, PageError> {
        Ok(match request.current().await? {
            Some(current) => {
                let cx = request.cx.clone().acting_as(Actor::User(current.user.id));
                Ok(Self { current, cx })
            }
            None => Err(see_other(&page.login_path())),
        })
    }
}

/// What follows if the gate refuses. If the login is too old, the person logs in again and comes back to `page`.
pub(super) fn refused(error: AccessError, page: AfterLogin) -> Result<Response, PageError> {
    match error {
        AccessError::NotRecent => Ok(see_other(&page.login_path())),
        AccessError::Denied | AccessError::Clock(_) => Err(PageError::BadRequest),
        AccessError::Store(fault) => Err(fault.into()),
    }
}

/// What follows if an authenticator cannot be added.
pub(super) fn not_added(error: AddError, page: AfterLogin) -> Result<Instead, PageError> {
    match error {
        AddError::Taken => Ok(Instead::Again(AccountProblem::Taken)),
        AddError::TooMany => Ok(Instead::Again(AccountProblem::TooMany)),
        AddError::Name(_) => Ok(Instead::Again(AccountProblem::Name)),
        AddError::Access(error) => refused(error, page).map(Instead::Page),
        AddError::Store(fault) => Err(fault.into()),
    }
}

/// A page that is shown again, with its line for the log.
pub(super) fn shown_again(
    request: &PageRequest,
    problem: Option<&'static str>,
    page: impl IntoResponse,
) -> Response {
    let page = request.with_browser_cookie(page);
    match problem {
        Some(code) => ErrorReport::refused(&request.cx, code).attach(page),
        None => page,
    }
}

/// Sets the cookie with which this browser stays known after a change of the credentials.
pub(super) fn with_device(request: &PageRequest, device: &str, mut response: Response) -> Response {
    let cookie = request.server.cookies.set(Cookie::Device, device, DEVICE_LIFETIME);
    response.headers_mut().extend(cookie.into_iter().map(|cookie| (SET_COOKIE, cookie)));
    response
}

/// The date as `2026-01-31`, in UTC, which is read the same everywhere.
pub(super) fn day(at: Timestamp) -> String {
    let day = jiff::Timestamp::from_second(at.seconds()).map(|at| at.strftime("%Y-%m-%d").to_string());
    day.unwrap_or_default()
}

/// What an authenticator is to its person.
pub(super) const fn look(authenticator: &Authenticator) -> AuthenticatorLook {
    match &authenticator.kind {
        AuthenticatorKind::WebAuthn(credential) if credential.backup_eligible => AuthenticatorLook::Passkey,
        AuthenticatorKind::WebAuthn(_) => AuthenticatorLook::SecurityKey,
        AuthenticatorKind::Totp(secret) if secret.fob.is_none() => AuthenticatorLook::Totp,
        AuthenticatorKind::Totp(_) | AuthenticatorKind::Hotp(_) => AuthenticatorLook::Fob,
        AuthenticatorKind::Other(_) => AuthenticatorLook::Unknown,
    }
}
