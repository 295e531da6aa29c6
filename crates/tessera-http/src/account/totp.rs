//! `GET|POST /account/totp`: a person enrols an authenticator app.

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tessera_app::totp::{EnrolError, Enrolment, NewTotp, again, begin, enrol};

use super::own_request::{Instead, Own, not_added, shown_again};
use crate::after_login::AfterLogin;
use crate::page_request::{Csrf, PageError, PageRequest};
use crate::pages::{ACCOUNT_PATH, AccountProblem, TotpPage};
use crate::request::see_other;

pub(crate) async fn get(request: PageRequest) -> Response {
    request.answer(show(&request, None).await)
}

pub(crate) async fn post(request: PageRequest) -> Response {
    request.answer(submit(&request).await)
}

/// Shows a new secret, or after a mistake the one that the person has scanned already.
async fn show(request: &PageRequest, problem: Option<AccountProblem>) -> Result<Response, PageError> {
    let Own { current, cx } = match Own::of(request, AfterLogin::Totp).await? {
        Ok(own) => own,
        Err(login) => return Ok(login),
    };
    let shown = match problem {
        Some(_) => again(&cx, &current, &request.browser, request.param("enrolment")),
        None => None,
    };
    let shown = match shown {
        Some(enrolment) => Ok(enrolment),
        None => begin(&cx, &current, &request.browser).await,
    };
    match shown {
        Ok(enrolment) => Ok(page(request, &enrolment, problem)),
        Err(error) => match instead(error)? {
            Instead::Page(page) => Ok(page),
            Instead::Again(_) => Err(PageError::BadRequest),
        },
    }
}

fn page(request: &PageRequest, enrolment: &Enrolment, problem: Option<AccountProblem>) -> Response {
    let page = TotpPage {
        csrf: &request.form_token(),
        qr: &format!("data:image/svg+xml;base64,{}", STANDARD.encode(enrolment.qr.as_bytes())),
        secret: &enrolment.secret,
        uri: &enrolment.uri,
        sealed: &enrolment.sealed,
        name: request.params.get("name"),
        problem,
    };
    shown_again(
        request,
        problem.map(AccountProblem::code),
        page.render(&request.server.pages, request.language(None)),
    )
}

async fn submit(request: &PageRequest) -> Result<Response, PageError> {
    if request.verify_csrf().await? == Csrf::OutOfDate {
        return show(request, Some(AccountProblem::OutOfDate)).await;
    }
    let Own { current, cx } = match Own::of(request, AfterLogin::Totp).await? {
        Ok(own) => own,
        Err(login) => return Ok(login),
    };
    let new = NewTotp {
        sealed: request.param("enrolment"),
        code: request.param("code").trim(),
        name: request.param("name"),
    };
    match enrol(&cx, &current, &request.browser, new).await {
        Ok(_) => Ok(see_other(ACCOUNT_PATH)),
        Err(error) => match instead(error)? {
            Instead::Page(page) => Ok(page),
            Instead::Again(problem) => show(request, Some(problem)).await,
        },
    }
}

fn instead(error: EnrolError) -> Result<Instead, PageError> {
    match error {
        EnrolError::OutOfDate => Ok(Instead::Again(AccountProblem::OutOfDate)),
        EnrolError::WrongCode => Ok(Instead::Again(AccountProblem::Code)),
        EnrolError::Add(error) => not_added(error, AfterLogin::Totp),
    }
}
