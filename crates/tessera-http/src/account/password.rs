//! `GET|POST /account/password`: a person changes their password, or sets their first one.

use axum::response::Response;
use tessera_app::access::require_recent;
use tessera_app::passwords::PasswordRefusal;
use tessera_app::users::{ChangePasswordError, change_own_password};
use tessera_model::PlainPassword;

use super::own_request::{Own, refused, shown_again, with_device};
use crate::admission::retry_after;
use crate::after_login::AfterLogin;
use crate::page_request::{Csrf, PageError, PageRequest};
use crate::pages::{ACCOUNT_PATH, PasswordPage, PasswordProblem};
use crate::request::see_other;

pub(crate) async fn get(request: PageRequest) -> Response {
    request.answer(show(&request, &[]).await)
}

pub(crate) async fn post(mut request: PageRequest) -> Response {
    let outcome = submit(&mut request).await;
    request.answer(outcome)
}

async fn show(request: &PageRequest, problems: &[PasswordProblem]) -> Result<Response, PageError> {
    let Own { current, cx } = match Own::of(request, AfterLogin::Password).await? {
        Ok(own) => own,
        Err(login) => return Ok(login),
    };
    if let Err(error) = require_recent(&cx, &current).await {
        return refused(error, AfterLogin::Password);
    }
    let page = PasswordPage {
        csrf: &request.form_token(),
        username: current.user.username.as_str(),
        has_password: current.user.password.is_some(),
        problems,
    };
    let code = problems.first().map(|problem| problem.code());
    Ok(shown_again(request, code, page.render(&request.server.pages, request.language(None))))
}

async fn submit(request: &mut PageRequest) -> Result<Response, PageError> {
    if request.verify_csrf().await? == Csrf::OutOfDate {
        return show(request, &[PasswordProblem::OutOfDate]).await;
    }
    let mut typed = |name| std::mem::take(&mut *request.params.take(name).unwrap_or_default());
    let (old, new) = (typed("current"), typed("new"));
    let old = PlainPassword::to_check(old).map_err(|_| PageError::BadRequest)?;
    let request = &*request;
    let Own { current, cx } = match Own::of(request, AfterLogin::Password).await? {
        Ok(own) => own,
        Err(login) => return Ok(login),
    };
    let Ok(new) = PlainPassword::to_check(new) else {
        return show(request, &[PasswordProblem::TooLong]).await;
    };
    let problems = match change_own_password(&cx, &current, old, new).await {
        Ok(device) => return Ok(with_device(request, &device, see_other(ACCOUNT_PATH))),
        Err(ChangePasswordError::Access(error)) => return refused(error, AfterLogin::Password),
        Err(ChangePasswordError::Store(fault)) => return Err(fault.into()),
        Err(ChangePasswordError::WrongCurrent) => vec![PasswordProblem::WrongCurrent],
        Err(ChangePasswordError::Throttled { seconds }) => vec![PasswordProblem::Wait { seconds }],
        Err(ChangePasswordError::Busy(_)) => vec![PasswordProblem::Busy { seconds: retry_after(&cx) }],
        Err(ChangePasswordError::Refused(refusals)) => {
            refusals.into_iter().map(PasswordProblem::from).collect()
        }
    };
    show(request, &problems).await
}

impl From<PasswordRefusal> for PasswordProblem {
    fn from(refusal: PasswordRefusal) -> Self {
        match refusal {
            PasswordRefusal::TooShort { min } => Self::TooShort { min },
            PasswordRefusal::Nul => Self::Nul,
            PasswordRefusal::SameAsOld => Self::SameAsOld,
            PasswordRefusal::LikeOld => Self::LikeOld,
            PasswordRefusal::Guessable => Self::Guessable,
            PasswordRefusal::Breached => Self::Breached,
            PasswordRefusal::NotLookedUp => Self::NotLookedUp,
        }
    }
}
