//! `GET|POST /account/passkey`: a person registers a passkey or a security key.

use axum::response::Response;
use tessera_app::passkeys::{NewPasskey, RegisterError, begin, register};

use super::own_request::{Instead, Own, not_added, shown_again};
use crate::after_login::AfterLogin;
use crate::page_request::{Csrf, PageError, PageRequest};
use crate::pages::{ACCOUNT_PATH, AccountProblem, CeremonyForm, PasskeyPage};
use crate::request::see_other;

pub(crate) async fn get(request: PageRequest) -> Response {
    request.answer(show(&request, None).await)
}

pub(crate) async fn post(request: PageRequest) -> Response {
    request.answer(submit(&request).await)
}

async fn show(request: &PageRequest, problem: Option<AccountProblem>) -> Result<Response, PageError> {
    let Own { current, cx } = match Own::of(request, AfterLogin::Passkey).await? {
        Ok(own) => own,
        Err(login) => return Ok(login),
    };
    let ceremony = match begin(&cx, &current, &request.browser).await {
        Ok(ceremony) => ceremony,
        Err(error) => match instead(error)? {
            Instead::Page(page) => return Ok(page),
            Instead::Again(_) => return Err(PageError::BadRequest),
        },
    };
    let page = PasskeyPage {
        csrf: &request.form_token(),
        ceremony: CeremonyForm::from(&ceremony),
        name: request.params.get("name"),
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
    let Own { current, cx } = match Own::of(request, AfterLogin::Passkey).await? {
        Ok(own) => own,
        Err(login) => return Ok(login),
    };
    let new = NewPasskey {
        ceremony: request.param("ceremony"),
        response: request.param("credential"),
        name: request.param("name"),
    };
    match register(&cx, &current, &request.browser, new).await {
        Ok(_) => Ok(see_other(ACCOUNT_PATH)),
        Err(error) => match instead(error)? {
            Instead::Page(page) => Ok(page),
            Instead::Again(problem) => show(request, Some(problem)).await,
        },
    }
}

fn instead(error: RegisterError) -> Result<Instead, PageError> {
    match error {
        RegisterError::Unavailable => Ok(Instead::Page(see_other(ACCOUNT_PATH))),
        RegisterError::Ceremony | RegisterError::Response(_) => Ok(Instead::Again(AccountProblem::Ceremony)),
        RegisterError::Add(error) => not_added(error, AfterLogin::Passkey),
    }
}
