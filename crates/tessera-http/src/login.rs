//! `GET|POST /login`: user name and password, for an authorization request or on their own.

use axum::response::Response;
use http::header::SET_COOKIE;
use tessera_app::login::{LogIn, LogInError, LoggedIn, log_in};
use tessera_app::oauth::authorize::Refused;
use tessera_app::oauth::identify::{
    ChoiceContext, Identify, LoginContext, Whom, identify, login_form, resume_after_login,
    resume_with_current,
};
use tessera_app::sessions::{self, Current};
use tessera_model::PlainPassword;

use crate::cookies::{Cookie, Lifetime};
use crate::oauth::authorize::{go_on, to_login};
use crate::pages::{Accounts, HOME_PATH, Login, LoginProblem};
use crate::request::{retry_after, see_other};
use crate::visit::{Form, PageError, Visit};

/// How long a device stays known without a login: 180 days.
const DEVICE_LIFETIME: Lifetime = Lifetime::Seconds(180 * 86_400);
/// The parameter that says which account is meant: the one that is logged in, or another.
const ACCOUNT: &str = "account";

pub(crate) async fn get(visit: Visit) -> Response {
    visit.answer(show(&visit).await)
}

pub(crate) async fn post(mut visit: Visit) -> Response {
    let outcome = receive(&mut visit).await;
    visit.answer(outcome)
}

/// Whoever need not log in is led on.
async fn show(visit: &Visit) -> Result<Response, PageError> {
    let current = visit.current().await?;
    let whom = if visit.param(ACCOUNT) == "other" { Whom::SomebodyElse } else { Whom::Anybody };
    let Some(flow) = visit.params.get("flow") else {
        return Ok(match current.filter(|_| whom == Whom::Anybody) {
            Some(_) => see_other(HOME_PATH),
            None => login_page(visit, None, None),
        });
    };
    Ok(match identify(&visit.cx, flow, &visit.browser, current.as_ref(), whom).await? {
        Identify::Login(context) => login_page(visit, Some(&context), None),
        Identify::Choose(context) => accounts_page(visit, &context, current.as_ref()),
        Identify::Onward(next) => visit.remembered(go_on(visit, next)),
    })
}

fn login_page(visit: &Visit, context: Option<&LoginContext>, problem: Option<LoginProblem>) -> Response {
    let known = context.and_then(|context| context.username.as_deref());
    let locales = context.map(|context| context.ui_locales.join(" "));
    let page = Login {
        flow: context.map(|context| context.flow.as_str()),
        csrf: &visit.form_token(),
        username: visit.params.get("username").or(known).unwrap_or_default(),
        client_name: context.map(|context| context.client_name.as_str()),
        problem,
    };
    visit.remembered(page.render(&visit.server.pages, visit.language(locales.as_deref())))
}

fn accounts_page(visit: &Visit, context: &ChoiceContext, current: Option<&Current>) -> Response {
    let page = Accounts {
        flow: &context.flow,
        csrf: &visit.form_token(),
        username: current.map(|current| current.user.username.as_str()).unwrap_or_default(),
        client_name: &context.client_name,
    };
    visit.remembered(page.render(&visit.server.pages, visit.language(Some(&context.ui_locales.join(" ")))))
}

async fn receive(visit: &mut Visit) -> Result<Response, PageError> {
    match visit.form().await? {
        Form::Ours if visit.params.contains(ACCOUNT) => choose(visit).await,
        Form::Ours => attempt(visit).await,
        // Nobody types anything there: the page itself is the way on.
        Form::OutOfDate if visit.params.contains(ACCOUNT) => Ok(to_login(visit)),
        Form::OutOfDate => again(visit, LoginProblem::OutOfDate).await,
    }
}

/// The form once more, with what was typed as a name.
async fn again(visit: &Visit, problem: LoginProblem) -> Result<Response, PageError> {
    let context = match visit.params.get("flow") {
        Some(flow) => Some(login_form(&visit.cx, flow, &visit.browser).await?),
        None => None,
    };
    Ok(login_page(visit, context.as_ref(), Some(problem)))
}

/// The person goes on as who is logged in.
async fn choose(visit: &Visit) -> Result<Response, PageError> {
    let current = visit.current().await?;
    let next = resume_with_current(&visit.cx, visit.param("flow"), &visit.browser, current.as_ref()).await?;
    Ok(go_on(visit, next))
}

async fn attempt(visit: &mut Visit) -> Result<Response, PageError> {
    let typed = std::mem::take(&mut *visit.params.take("password").unwrap_or_default());
    let password = PlainPassword::to_check(typed).map_err(|_| PageError::BadRequest)?;
    let visit = &*visit;
    let previous = sessions::not_ended(&visit.cx, visit.cookie(Cookie::Session)).await?;
    let username = visit.param("username");
    let device = visit.cookie(Cookie::Device);
    match log_in(&visit.cx, LogIn { username, password, previous: previous.as_ref(), device }).await {
        Ok(logged_in) => Ok(welcome(visit, &logged_in).await),
        Err(LogInError::Refused) => again(visit, LoginProblem::WrongCredentials).await,
        Err(LogInError::Throttled { seconds }) => again(visit, LoginProblem::Wait { seconds }).await,
        Err(LogInError::Busy(_)) => {
            again(visit, LoginProblem::Busy { seconds: retry_after(&visit.cx) }).await
        }
        Err(LogInError::Store(fault)) => Err(fault.into()),
    }
}

/// Sets the cookies and goes on with what the login was for. Whatever becomes of that, the person is logged in.
async fn welcome(visit: &Visit, logged_in: &LoggedIn) -> Response {
    let mut response = match visit.params.get("flow") {
        None => see_other(HOME_PATH),
        Some(flow) => {
            let next = resume_after_login(&visit.cx, flow, &visit.browser, &logged_in.current).await;
            match next {
                // Somebody has cut the address off. The start page says that the person is logged in.
                Err(Refused::Unreadable(_)) => see_other(HOME_PATH),
                next => visit.answer(next.map(|next| go_on(visit, next)).map_err(PageError::from)),
            }
        }
    };
    let cookies = &visit.server.cookies;
    let session = cookies.set(Cookie::Session, &logged_in.cookie, Lifetime::BrowserSession);
    let device = cookies.set(Cookie::Device, &logged_in.device, DEVICE_LIFETIME);
    let set = [session, device].into_iter().flatten().map(|cookie| (SET_COOKIE, cookie));
    response.headers_mut().extend(set);
    response
}
