//! `GET|POST /account/recovery-codes`: a person makes recovery codes, and sees them once.

use axum::response::Response;
use tessera_app::access::require_recent;
use tessera_app::authenticators::of_user;
use tessera_app::recovery_codes::{MakeError, make};

use super::own_request::{Own, refused, shown_again};
use crate::after_login::AfterLogin;
use crate::page_request::{Csrf, PageError, PageRequest};
use crate::pages::{ACCOUNT_PATH, AccountProblem, RecoveryCodesPage};
use crate::request::see_other;

pub(crate) async fn get(request: PageRequest) -> Response {
    request.answer(show(&request, None).await)
}

pub(crate) async fn post(request: PageRequest) -> Response {
    request.answer(submit(&request).await)
}

async fn show(request: &PageRequest, problem: Option<AccountProblem>) -> Result<Response, PageError> {
    let Own { current, cx } = match Own::of(request, AfterLogin::RecoveryCodes).await? {
        Ok(own) => own,
        Err(login) => return Ok(login),
    };
    if let Err(error) = require_recent(&cx, &current).await {
        return refused(error, AfterLogin::RecoveryCodes);
    }
    match of_user(&cx, current.user.id).await {
        Ok(overview) if overview.authenticators.is_empty() => Ok(see_other(ACCOUNT_PATH)),
        Ok(overview) => Ok(page(request, overview.recovery_codes, &[], problem)),
        Err(error) => refused(error, AfterLogin::RecoveryCodes),
    }
}

fn page(request: &PageRequest, left: u64, codes: &[&str], problem: Option<AccountProblem>) -> Response {
    let page = RecoveryCodesPage { csrf: &request.form_token(), left, codes, problem };
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
    let Own { current, cx } = match Own::of(request, AfterLogin::RecoveryCodes).await? {
        Ok(own) => own,
        Err(login) => return Ok(login),
    };
    match make(&cx, &current).await {
        Ok(codes) => {
            let codes: Vec<_> = codes.iter().map(|code| code.as_str()).collect();
            Ok(page(request, 0, &codes, None))
        }
        Err(MakeError::NoSecondFactor) => Ok(see_other(ACCOUNT_PATH)),
        Err(MakeError::Access(error)) => refused(error, AfterLogin::RecoveryCodes),
        Err(MakeError::Store(fault)) => Err(fault.into()),
    }
}
