//! `GET|POST /account/authenticator`: a person renames or removes an authenticator.

use axum::response::Response;
use tessera_app::authenticators::{AuthenticatorError, of_user, remove_own, rename_own};
use tessera_model::AuthenticatorId;

use super::own_request::{Own, day, look, refused, shown_again, with_device};
use crate::after_login::AfterLogin;
use crate::page_request::{Csrf, PageError, PageRequest};
use crate::pages::{ACCOUNT_PATH, AccountProblem, AuthenticatorLine, AuthenticatorPage};
use crate::request::see_other;

pub(crate) async fn get(request: PageRequest) -> Response {
    request.answer(show(&request, None).await)
}

pub(crate) async fn post(request: PageRequest) -> Response {
    request.answer(submit(&request).await)
}

async fn show(request: &PageRequest, problem: Option<AccountProblem>) -> Result<Response, PageError> {
    let Own { current, cx } = match Own::of(request, AfterLogin::Account).await? {
        Ok(own) => own,
        Err(login) => return Ok(login),
    };
    let overview = match of_user(&cx, current.user.id).await {
        Ok(overview) => overview,
        Err(error) => return refused(error, AfterLogin::Account),
    };
    let id = request.param("id");
    let shown = overview.authenticators.iter().find(|one| one.id.to_string() == id);
    let Some(shown) = shown else { return Ok(see_other(ACCOUNT_PATH)) };
    let (added, used) = (day(shown.created_at), shown.last_used_at.map(day));
    let page = AuthenticatorPage {
        csrf: &request.form_token(),
        line: AuthenticatorLine {
            id,
            name: shown.name.as_str(),
            kind: look(shown),
            added: &added,
            used: used.as_deref(),
        },
        problem,
    };
    Ok(shown_again(
        request,
        problem.map(AccountProblem::code),
        page.render(&request.server.pages, request.language(None)),
    ))
}

async fn submit(request: &PageRequest) -> Result<Response, PageError> {
    if request.verify_csrf().await? == Csrf::OutOfDate {
        return show(request, Some(AccountProblem::OutOfDate)).await;
    }
    let Own { current, cx } = match Own::of(request, AfterLogin::Account).await? {
        Ok(own) => own,
        Err(login) => return Ok(login),
    };
    let id: AuthenticatorId = request.param("id").parse().map_err(|_| PageError::BadRequest)?;
    let done = match request.param("act") {
        "rename" => rename_own(&cx, &current, id, request.param("name")).await.map(|()| None),
        "remove" => remove_own(&cx, &current, id).await.map(|removed| Some(removed.device)),
        _ => return Err(PageError::BadRequest),
    };
    match done {
        Ok(Some(device)) => Ok(with_device(request, &device, see_other(ACCOUNT_PATH))),
        // Somebody else, or another tab, has removed it already.
        Ok(None) | Err(AuthenticatorError::NotFound) => Ok(see_other(ACCOUNT_PATH)),
        Err(AuthenticatorError::LastFactor) => show(request, Some(AccountProblem::LastFactor)).await,
        Err(AuthenticatorError::OfOrganisation) => show(request, Some(AccountProblem::OfOrganisation)).await,
        Err(AuthenticatorError::Name(_)) => show(request, Some(AccountProblem::Name)).await,
        Err(AuthenticatorError::Access(error)) => refused(error, AfterLogin::Account),
        Err(AuthenticatorError::Store(fault)) => Err(fault.into()),
    }
}
