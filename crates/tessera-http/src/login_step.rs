//! `GET|POST /login/step`: a further proof, for a login that is under way or a session that has to be raised.

use axum::response::Response;
use tessera_app::login::{
    Answer, LogInError, Requirement, StepPage, TypedCodes, Underway, Visit, show_step, take_step,
};
use tessera_app::oauth::identify::{LoginContext, login_form};
use tessera_app::passkeys::Assertion;
use tessera_app::sessions::{self, Current};
use tessera_model::{LoginId, PlainPassword, ProofMethod};
use zeroize::Zeroizing;

use crate::admission::retry_after;
use crate::after_login::AfterLogin;
use crate::cookies::Cookie;
use crate::error_report::ErrorReport;
use crate::login::{go_on, requirement, show_again};
use crate::oauth::authorize::to_login;
use crate::page_request::{Csrf, PageError, PageRequest};
use crate::pages::{CeremonyForm, LoginProblem, LoginStep, StepMethod, StepProblem};
use crate::request::see_other;

pub(crate) async fn get(request: PageRequest) -> Response {
    request.answer(show(&request, None).await)
}

pub(crate) async fn post(mut request: PageRequest) -> Response {
    let outcome = submit(&mut request).await;
    request.answer(outcome)
}

/// The login or session that the request goes on with.
enum Begun {
    Login(LoginId),
    Session(Box<Current>),
}

impl Begun {
    async fn of(request: &PageRequest) -> Result<Option<Self>, PageError> {
        match request.params.get("login") {
            Some(id) => Ok(id.parse().ok().map(Self::Login)),
            None => Ok(request.current().await?.map(|current| Self::Session(Box::new(current)))),
        }
    }

    const fn underway(&self) -> Underway<'_> {
        match self {
            Self::Login(id) => Underway::Login(*id),
            Self::Session(current) => Underway::Session(current),
        }
    }
}

/// Shows the page. If nothing more is needed, or the login has ended, it begins again.
async fn show(request: &PageRequest, problem: Option<StepProblem>) -> Result<Response, PageError> {
    let required = requirement(request).await?;
    let visit = visit(request, &required);
    let Some(begun) = Begun::of(request).await? else { return Ok(begin_again(request)) };
    let page = match show_step(&request.cx, begun.underway(), visit).await {
        Ok(page) if page.methods.is_empty() => return Ok(begin_again(request)),
        Ok(page) => page,
        Err(LogInError::Store(fault)) => return Err(fault.into()),
        Err(LogInError::Ended | LogInError::Refused | LogInError::Throttled { .. } | LogInError::Busy(_)) => {
            return Ok(begin_again(request));
        }
    };
    let context = match request.params.get("flow") {
        Some(flow) => Some(login_form(&request.cx, flow, &request.browser).await?),
        None => None,
    };
    let response = step_page(request, context.as_ref(), &page, problem);
    Ok(match problem {
        Some(problem) => ErrorReport::refused(&request.cx, problem.code()).attach(response),
        None => response,
    })
}

fn step_page(
    request: &PageRequest,
    context: Option<&LoginContext>,
    page: &StepPage,
    problem: Option<StepProblem>,
) -> Response {
    let mut methods: Vec<_> = page.methods.iter().filter_map(StepMethod::of).collect();
    // Whoever has an app and a fob types a code of either. They stand beside each other by their strength.
    methods.dedup();
    let chosen = StepMethod::parse(request.param("method")).filter(|chosen| methods.contains(chosen));
    let Some(method) = chosen.or_else(|| methods.first().copied()) else { return begin_again(request) };
    let page = LoginStep {
        login: request.params.get("login"),
        flow: context.map(|context| context.flow.as_str()),
        to: AfterLogin::of(request).as_param(),
        csrf: &request.form_token(),
        username: page.user.username.as_str(),
        client_name: context.map(|context| context.client_name.as_str()),
        method,
        asks_next_code: page.takes_two_codes && problem == Some(StepProblem::Wrong),
        others: methods.into_iter().filter(|other| *other != method).collect(),
        passkey: page.ceremony.as_ref().map(CeremonyForm::from),
        problem,
    };
    let language =
        context.map_or_else(|| request.language(None), |context| request.language_among(&context.ui_locales));
    request.with_browser_cookie(page.render(&request.server.pages, language))
}

async fn submit(request: &mut PageRequest) -> Result<Response, PageError> {
    if request.verify_csrf().await? == Csrf::OutOfDate {
        return show(request, Some(StepProblem::OutOfDate)).await;
    }
    let password = request.params.take("password").map(|mut typed| std::mem::take(&mut *typed));
    let password = password.map(PlainPassword::to_check).transpose().map_err(|_| PageError::BadRequest)?;
    let code = Zeroizing::new(request.param("code").trim().to_owned());
    let next = Zeroizing::new(request.param("next_code").trim().to_owned());
    let request = &*request;
    let Some(begun) = Begun::of(request).await? else { return Ok(begin_again(request)) };
    let answer = match (StepMethod::parse(request.param("method")), password) {
        (Some(StepMethod::Password), Some(password)) => Answer::Password(password),
        (Some(StepMethod::Totp), None) => {
            Answer::Code(TypedCodes { code: &code, next: Some(&**next).filter(|next| !next.is_empty()) })
        }
        (Some(StepMethod::RecoveryCode), None) => Answer::RecoveryCode(&code),
        (Some(StepMethod::Passkey), None) => {
            let (ceremony, response) = (request.param("ceremony"), request.param("credential"));
            Answer::Passkey(Assertion { ceremony, response })
        }
        (Some(_) | None, _) => return Err(PageError::BadRequest),
    };
    let previous = sessions::not_ended(&request.cx, request.cookie(Cookie::Session)).await?;
    let required = requirement(request).await?;
    let visit = Visit { previous: previous.as_ref(), ..visit(request, &required) };
    let problem = match take_step(&request.cx, begun.underway(), answer, visit).await {
        Ok(outcome) => return Ok(go_on(request, &outcome).await),
        Err(LogInError::Store(fault)) => return Err(fault.into()),
        Err(LogInError::Ended) => return show_again(request, LoginProblem::Ended).await,
        Err(LogInError::Refused) => StepProblem::Wrong,
        Err(LogInError::Throttled { seconds }) => StepProblem::Wait { seconds },
        Err(LogInError::Busy(_)) => StepProblem::Busy { seconds: retry_after(&request.cx) },
    };
    show(request, Some(problem)).await
}

fn visit<'a>(request: &'a PageRequest, required: &'a Requirement) -> Visit<'a> {
    Visit { browser: &request.browser, previous: None, device: request.cookie(Cookie::Device), required }
}

/// Leads to the login page of the same request.
fn begin_again(request: &PageRequest) -> Response {
    if request.params.contains("flow") {
        to_login(request)
    } else {
        see_other(&AfterLogin::of(request).login_path())
    }
}

impl StepMethod {
    /// The way in which the page asks for a method. `None` for one of a newer version.
    const fn of(method: &ProofMethod) -> Option<Self> {
        match method {
            ProofMethod::WebAuthn => Some(Self::Passkey),
            ProofMethod::Totp | ProofMethod::Hotp => Some(Self::Totp),
            ProofMethod::RecoveryCode => Some(Self::RecoveryCode),
            ProofMethod::Password => Some(Self::Password),
            ProofMethod::Other(_) => None,
        }
    }
}
