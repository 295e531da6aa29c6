//! `GET|POST /login`: user name and password, for an authorization request or on their own.

use axum::response::Response;
use http::header::SET_COOKIE;
use tessera_app::login::{LogIn, LogInError, LoggedIn, log_in};
use tessera_app::oauth::authorize::{LoginContext, login_context, resume_after_login};
use tessera_model::PlainPassword;

use crate::cookies::{Cookie, Lifetime};
use crate::headers::FormTarget;
use crate::oauth::authorize::go_on;
use crate::pages::{LOGIN_PATH, Login, LoginProblem, SignedIn};
use crate::request::{retry_after, see_other};
use crate::visit::{PageError, Visit};

/// How long a device stays known without a login: 180 days.
const DEVICE_LIFETIME: Lifetime = Lifetime::Seconds(180 * 86_400);

pub(crate) async fn get(visit: Visit) -> Response {
    visit.answer(show(&visit).await)
}

pub(crate) async fn post(mut visit: Visit) -> Response {
    let outcome = attempt(&mut visit).await;
    visit.answer(outcome)
}

async fn show(visit: &Visit) -> Result<Response, PageError> {
    if visit.params.contains("flow") {
        return form(visit, None).await;
    }
    let Some(current) = visit.current().await? else { return form(visit, None).await };
    let page = SignedIn { username: current.user.username.as_str() };
    Ok(visit.remembered(page.render(&visit.server.pages, visit.language(None))))
}

async fn form(visit: &Visit, problem: Option<LoginProblem>) -> Result<Response, PageError> {
    let flow = visit.params.get("flow");
    let context: Option<LoginContext> = match flow {
        Some(flow) => Some(login_context(&visit.cx, flow, &visit.browser).await?),
        None => None,
    };
    let context = context.as_ref();
    let form_target = context.and_then(|context| FormTarget::of(&context.redirect_uri));
    let hint = context.and_then(|context| context.login_hint.as_deref());
    let locales = context.map(|context| context.ui_locales.join(" "));
    let page = Login {
        flow,
        csrf: &visit.form_token(),
        username: visit.params.get("username").or(hint).unwrap_or_default(),
        client_name: context.map(|context| context.client_name.as_str()),
        form_target: form_target.as_ref(),
        problem,
    };
    Ok(visit.remembered(page.render(&visit.server.pages, visit.language(locales.as_deref()))))
}

async fn attempt(visit: &mut Visit) -> Result<Response, PageError> {
    visit.require_our_form().await?;
    let typed = std::mem::take(&mut *visit.params.take("password").unwrap_or_default());
    let password = PlainPassword::to_check(typed).map_err(|_| PageError::BadRequest)?;
    let visit = &*visit;
    let previous = visit.current().await?;
    let username = visit.param("username");
    let device = visit.cookie(Cookie::Device);
    match log_in(&visit.cx, LogIn { username, password, previous: previous.as_ref(), device }).await {
        Ok(logged_in) => Ok(welcome(visit, &logged_in).await),
        Err(LogInError::Refused) => form(visit, Some(LoginProblem::WrongCredentials)).await,
        Err(LogInError::Throttled { seconds }) => form(visit, Some(LoginProblem::Wait { seconds })).await,
        Err(LogInError::Busy(_)) => {
            form(visit, Some(LoginProblem::Busy { seconds: retry_after(&visit.cx) })).await
        }
        Err(LogInError::Store(fault)) => Err(fault.into()),
    }
}

/// Sets the cookies and goes on with what the login was for. Whatever becomes of that, the person is logged in.
async fn welcome(visit: &Visit, logged_in: &LoggedIn) -> Response {
    let mut response = match visit.params.get("flow") {
        None => see_other(LOGIN_PATH),
        Some(flow) => {
            let next = resume_after_login(&visit.cx, flow, &visit.browser, &logged_in.current).await;
            visit.answer(next.map(|next| go_on(visit, next)).map_err(PageError::from))
        }
    };
    let cookies = &visit.server.cookies;
    let session = cookies.set(Cookie::Session, &logged_in.cookie, Lifetime::BrowserSession);
    let device = cookies.set(Cookie::Device, &logged_in.device, DEVICE_LIFETIME);
    let set = [session, device].into_iter().flatten().map(|cookie| (SET_COOKIE, cookie));
    response.headers_mut().extend(set);
    response
}
