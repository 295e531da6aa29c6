//! `GET /account`: what a person can log in with.

use axum::response::Response;
use tessera_app::authenticators::of_user;
use tessera_app::passkeys;
use tessera_model::Authenticator;

use super::own_request::{Own, day, look, refused};
use crate::after_login::AfterLogin;
use crate::page_request::{PageError, PageRequest};
use crate::pages::{Account, AuthenticatorLine};

pub(crate) async fn get(request: PageRequest) -> Response {
    request.answer(show(&request).await)
}

async fn show(request: &PageRequest) -> Result<Response, PageError> {
    let Own { current, cx } = match Own::of(request, AfterLogin::Account).await? {
        Ok(own) => own,
        Err(login) => return Ok(login),
    };
    let overview = match of_user(&cx, current.user.id).await {
        Ok(overview) => overview,
        Err(error) => return refused(error, AfterLogin::Account),
    };
    let texts = |one: &Authenticator| (one.id.to_string(), day(one.created_at), one.last_used_at.map(day));
    let texts: Vec<_> = overview.authenticators.iter().map(texts).collect();
    let authenticators = overview.authenticators.iter().zip(&texts).map(|(one, (id, added, used))| {
        AuthenticatorLine { id, name: one.name.as_str(), kind: look(one), added, used: used.as_deref() }
    });
    let page = Account {
        username: current.user.username.as_str(),
        has_password: current.user.password.is_some(),
        recovery_codes: (!overview.authenticators.is_empty()).then_some(overview.recovery_codes),
        authenticators: authenticators.collect(),
        has_passkeys: passkeys::is_available(request.cx.app.config()),
    };
    Ok(request.with_browser_cookie(page.render(&request.server.pages, request.language(None))))
}
