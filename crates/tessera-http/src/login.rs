//! `GET|POST /login`: user name and password or a passkey, for an authorization request or without one.

use axum::response::Response;
use http::header::SET_COOKIE;
use tessera_app::login::{
    LogInError, LoggedIn, Outcome, Requirement, Visit, log_in, log_in_with_passkey, passkey_ceremony,
};
use tessera_app::oauth::authorize::Refused;
use tessera_app::oauth::identify::{
    AccountChoice, AccountContext, FreshLogin, LoginContext, LoginPage, identify, login_form,
    resume_after_login, resume_with_current,
};
use tessera_app::passkeys::Assertion;
use tessera_app::sessions::{self, Current};
use tessera_model::PlainPassword;

use crate::admission::retry_after;
use crate::after_login::AfterLogin;
use crate::cookies::{Cookie, Lifetime};
use crate::error_report::ErrorReport;
use crate::oauth::authorize::{redirect_to, to_login};
use crate::page_request::{Csrf, PageError, PageRequest};
use crate::pages::{Accounts, CeremonyForm, ClientQuestion, HOME_PATH, Login, LoginProblem};
use crate::request::see_other;

/// How long a device stays known after its last login: 180 days.
pub(crate) const DEVICE_LIFETIME: Lifetime = Lifetime::Seconds(180 * 86_400);
/// The parameter that chooses the account that is logged in, or another.
const ACCOUNT: &str = "account";

pub(crate) async fn get(request: PageRequest) -> Response {
    request.answer(show(&request).await)
}

pub(crate) async fn post(mut request: PageRequest) -> Response {
    let outcome = submit(&mut request).await;
    request.answer(outcome)
}

/// Shows the page, or goes on if the person need not log in.
async fn show(request: &PageRequest) -> Result<Response, PageError> {
    let current = request.current().await?;
    let account = if request.param(ACCOUNT) == "other" { AccountChoice::Another } else { AccountChoice::Any };
    let Some(flow) = request.params.get("flow") else {
        let known = current.as_ref().filter(|_| account == AccountChoice::Any);
        return Ok(match known {
            Some(_) if AfterLogin::of(request) == AfterLogin::Home => see_other(HOME_PATH),
            Some(_) | None => login_page(request, None, known, None),
        });
    };
    Ok(match identify(&request.cx, flow, &request.browser, current.as_ref(), account).await? {
        LoginPage::LogIn(context) => login_page(request, Some(&context), None, None),
        LoginPage::ChooseAccount(context) => accounts_page(request, &context, current.as_ref()),
        LoginPage::Continue(next) => request.with_browser_cookie(redirect_to(request, next)),
    })
}

fn login_page(
    request: &PageRequest,
    context: Option<&LoginContext>,
    again: Option<&Current>,
    problem: Option<LoginProblem>,
) -> Response {
    let known = context.and_then(|context| context.username.as_deref());
    let known = known.or_else(|| again.map(|current| current.user.username.as_str()));
    let ceremony = passkey_ceremony(&request.cx, &request.browser);
    let page = Login {
        flow: context.map(|context| context.flow.as_str()),
        to: AfterLogin::of(request).as_param(),
        csrf: &request.form_token(),
        username: request.params.get("username").or(known).unwrap_or_default(),
        client_name: context.map(|context| context.client_name.as_str()),
        passkey: ceremony.as_ref().map(CeremonyForm::from),
        problem,
    };
    let language =
        context.map_or_else(|| request.language(None), |context| request.language_among(&context.ui_locales));
    request.with_browser_cookie(page.render(&request.server.pages, language))
}

fn accounts_page(request: &PageRequest, context: &AccountContext, current: Option<&Current>) -> Response {
    let page = Accounts(ClientQuestion {
        flow: &context.flow,
        csrf: &request.form_token(),
        client_name: &context.client_name,
        username: current.map(|current| current.user.username.as_str()).unwrap_or_default(),
    });
    request
        .with_browser_cookie(page.render(&request.server.pages, request.language_among(&context.ui_locales)))
}

async fn submit(request: &mut PageRequest) -> Result<Response, PageError> {
    match request.verify_csrf().await? {
        Csrf::Valid if request.params.contains(ACCOUNT) => continue_with_current(request).await,
        Csrf::Valid => attempt_login(request).await,
        // The form of the account page has no fields, so showing the page again loses nothing.
        Csrf::OutOfDate if request.params.contains(ACCOUNT) => Ok(request.ask_again(to_login(request))),
        Csrf::OutOfDate => show_again(request, LoginProblem::OutOfDate).await,
    }
}

/// Shows the form again, with the name that was typed.
pub(crate) async fn show_again(request: &PageRequest, problem: LoginProblem) -> Result<Response, PageError> {
    let context = match request.params.get("flow") {
        Some(flow) => Some(login_form(&request.cx, flow, &request.browser).await?),
        None => None,
    };
    let client = context.as_ref().map(|context| context.client_id.as_str());
    let report = ErrorReport::refused(&request.cx, problem.code()).of_client(client);
    Ok(report.attach(login_page(request, context.as_ref(), None, Some(problem))))
}

/// The person continues with the account that is logged in.
async fn continue_with_current(request: &PageRequest) -> Result<Response, PageError> {
    let current = request.current().await?;
    let next =
        resume_with_current(&request.cx, request.param("flow"), &request.browser, current.as_ref()).await?;
    Ok(redirect_to(request, next))
}

async fn attempt_login(request: &mut PageRequest) -> Result<Response, PageError> {
    let typed = std::mem::take(&mut *request.params.take("password").unwrap_or_default());
    let password = PlainPassword::to_check(typed).map_err(|_| PageError::BadRequest)?;
    let request = &*request;
    let previous = sessions::not_ended(&request.cx, request.cookie(Cookie::Session)).await?;
    let visit = Visit {
        browser: &request.browser,
        previous: previous.as_ref(),
        device: request.cookie(Cookie::Device),
        required: &requirement(request).await?,
    };
    let outcome = match request.params.get("credential") {
        Some(response) => {
            let assertion = Assertion { ceremony: request.param("ceremony"), response };
            log_in_with_passkey(&request.cx, assertion, visit).await
        }
        None => log_in(&request.cx, request.param("username"), password, visit).await,
    };
    let refused = match outcome {
        Ok(outcome) => return Ok(go_on(request, &outcome).await),
        Err(LogInError::Store(fault)) => return Err(fault.into()),
        Err(LogInError::Refused | LogInError::Ended) if request.params.contains("credential") => {
            LoginProblem::WrongPasskey
        }
        Err(LogInError::Refused | LogInError::Ended) => LoginProblem::WrongCredentials,
        Err(LogInError::Throttled { seconds }) => LoginProblem::Wait { seconds },
        Err(LogInError::Busy(_)) => LoginProblem::Busy { seconds: retry_after(&request.cx) },
    };
    show_again(request, refused).await
}

/// What the request behind the page needs. A damaged one needs nothing: it is refused after the login.
pub(crate) async fn requirement(request: &PageRequest) -> Result<Requirement, PageError> {
    let Some(flow) = request.params.get("flow") else { return Ok(Requirement::default()) };
    match login_form(&request.cx, flow, &request.browser).await {
        Ok(context) => Ok(context.required),
        Err(Refused::Store(fault)) => Err(fault.into()),
        Err(Refused::Page(_) | Refused::Client(_) | Refused::Unreadable(_)) => Ok(Requirement::default()),
    }
}

/// Leads to the next step, or into the session that has begun.
pub(crate) async fn go_on(request: &PageRequest, outcome: &Outcome) -> Response {
    match outcome {
        Outcome::LoggedIn(logged_in) => finish_login(request, logged_in, FreshLogin::Yes).await,
        Outcome::Raised(logged_in) => finish_login(request, logged_in, FreshLogin::No).await,
        Outcome::NextStep(login) => see_other(&AfterLogin::step_path(request, *login)),
    }
}

/// Sets the cookies and resumes the authorization request. The person stays logged in even if the request fails.
async fn finish_login(request: &PageRequest, logged_in: &LoggedIn, login: FreshLogin) -> Response {
    let mut response = match request.params.get("flow") {
        None => see_other(AfterLogin::of(request).path()),
        Some(flow) => {
            let next =
                resume_after_login(&request.cx, flow, &request.browser, &logged_in.current, login).await;
            match next {
                // The flow is damaged. The start page shows that the person is logged in.
                Err(Refused::Unreadable(_)) => see_other(HOME_PATH),
                next => request.answer(next.map(|next| redirect_to(request, next)).map_err(PageError::from)),
            }
        }
    };
    let cookies = &request.server.cookies;
    let session = cookies.set(Cookie::Session, &logged_in.cookie, Lifetime::BrowserSession);
    let device = cookies.set(Cookie::Device, &logged_in.device, DEVICE_LIFETIME);
    let set = [session, device].into_iter().flatten().map(|cookie| (SET_COOKIE, cookie));
    response.headers_mut().extend(set);
    response
}
