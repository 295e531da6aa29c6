//! Authorization requests (RFC 6749 section 4.1.1, RFC 9700, OIDC core section 3.1.2): checked, and led through login and
//! consent to a code.
//!
//! Until client and redirect URI are known to be good nothing is sent anywhere: the person sees a page ([`Refused::Page`]).
//! After that every answer, error or code, goes to the client ([`Next::Respond`]).

use std::sync::Arc;

use tessera_model::{AuditEvent, Client, ClientId, ClientKind, EventCode};
use tessera_oauth::authorize::{AuthorizationRequest, ClientPart, ResponseMode};
use tessera_oauth::error::{ErrorCode, OAuthError};
use tessera_oauth::params::Params;
use tessera_oauth::redirect::is_private_use;
use tessera_oauth::response::AuthorizationResponse;
use tessera_oauth::token::GrantType;
use tessera_store::StoreError;

use super::approve::{Consented, approve};
pub use super::flow::FlowUnreadable;
use super::flow::{Flow, Opened};
use super::id_token_hint;
use super::sealed_params::TooLong;
use super::target::{Target, offered, resolve};
use crate::Cx;
use crate::audit::budget::deny;
use crate::catalog::{self, require_current};
use crate::login::BrowserSecret;
use crate::sessions::Current;

/// What happens next.
#[derive(Debug)]
pub enum Next {
    /// Show the login page; it carries this flow.
    Login(String),
    /// Show the consent page; it carries this flow.
    Consent(String),
    /// Send this to the client.
    Respond(Response),
}

/// An answer to the client.
#[derive(Debug)]
pub struct Response {
    /// A redirect URI that is registered for the client.
    pub redirect_uri: String,
    /// How it travels.
    pub mode: ResponseMode,
    /// What it says.
    pub answer: AuthorizationResponse,
}

/// Why the request goes nowhere.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The person is told, the client is not.
    #[error("refused: {0:?}")]
    Page(PageReason),
    /// What the request asks for is not to be had any more: the client is told.
    #[error("the client is told")]
    Client(Box<Response>),
    /// What the address carries cannot be read.
    #[error(transparent)]
    Unreadable(#[from] FlowUnreadable),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the page says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageReason {
    /// Parameters missing, repeated or malformed.
    BadRequest,
    /// No such client, or it is turned off.
    UnknownClient,
    /// The redirect URI is missing or not registered.
    BadRedirect {
        /// For which client.
        client_id: ClientId,
        /// As it was sent.
        redirect_uri: Option<String>,
    },
}

/// Checks a request, and leads it as far as this browser's session allows.
///
/// # Errors
/// See [`Refused`].
pub async fn start(
    cx: &Cx,
    params: &Params,
    browser: &BrowserSecret,
    current: Option<&Current>,
) -> Result<Next, Refused> {
    let part = ClientPart::parse(params).map_err(|_| Refused::Page(PageReason::BadRequest))?;
    let client = client(cx, &part.client_id).await?;
    let redirect_uri = redirect_uri(cx, &client, part.redirect_uri.as_deref()).await?;
    let (state, mode) = (part.state.clone(), part.response_mode);
    let checked = AuthorizationRequest::parse(part, params).and_then(|mut request| {
        check_pkce(cx, &client, &request, &redirect_uri)?;
        check(cx, &client, &mut request)?;
        Ok(request)
    });
    match checked {
        Ok(request) => advance(cx, Flow::begin(cx, request, browser), current).await,
        Err(error) => {
            let answer = AuthorizationResponse::error(&error, state.as_deref(), &cx.app.config.issuer);
            Ok(Next::Respond(Response { redirect_uri, mode, answer }))
        }
    }
}

/// Opens a flow and checks again what may have changed since: client, redirect URI, scopes.
pub(super) async fn reopen(
    cx: &Cx,
    text: &str,
    browser: &BrowserSecret,
) -> Result<(Flow, Arc<Client>), Refused> {
    let (mut flow, opened) = Flow::open(cx, browser, text)?;
    let client = client(cx, &flow.request.client_id).await?;
    redirect_uri(cx, &client, flow.request.redirect_uri.as_deref()).await?;
    let uri = flow.request.redirect_uri.as_deref().unwrap_or_default();
    let checked = match opened {
        Opened::BeginsAgain => check_pkce(cx, &client, &flow.request, uri),
        Opened::GoesOn => Ok(()),
    };
    match checked.and_then(|()| check(cx, &client, &mut flow.request)) {
        Ok(()) => Ok((flow, client)),
        Err(error) => Err(Refused::Client(Box::new(response(cx, &flow, &error)))),
    }
}

async fn client(cx: &Cx, id: &str) -> Result<Arc<Client>, Refused> {
    require_current(&cx.app)?;
    let id: ClientId = id.parse().map_err(|_| Refused::Page(PageReason::UnknownClient))?;
    let client = catalog::client(cx, &id).await.filter(|client| client.is_active());
    client.ok_or(Refused::Page(PageReason::UnknownClient))
}

/// Policy P7: byte for byte one of the registered ones, and spelled out (OIDC core section 3.1.2.1).
async fn redirect_uri(cx: &Cx, client: &Client, requested: Option<&str>) -> Result<String, Refused> {
    let registered = |uri: &&str| client.settings.redirect_uris.iter().any(|known| known.matches(uri));
    if let Some(uri) = requested.filter(registered) {
        return Ok(uri.to_owned());
    }
    deny(cx, AuditEvent { client_id: Some(client.id.clone()), ..cx.event(EventCode::BadRedirect) }).await?;
    let (client_id, redirect_uri) = (client.id.clone(), requested.map(str::to_owned));
    Err(Refused::Page(PageReason::BadRedirect { client_id, redirect_uri }))
}

/// Policy P2. Looked at when a request begins: one that was let through stays good on its way through the pages.
fn check_pkce(
    cx: &Cx,
    client: &Client,
    request: &AuthorizationRequest,
    redirect_uri: &str,
) -> Result<(), OAuthError> {
    let reason = if request.code_challenge.is_some() {
        return Ok(());
    } else if cx.app.config.require_pkce {
        "this issuer requires PKCE of every client"
    } else if is_private_use(redirect_uri) {
        "a redirect URI with a scheme of its own requires PKCE"
    } else if client.needs_pkce() {
        "this client is required to use PKCE"
    } else {
        return Ok(());
    };
    let description = format!("code_challenge is missing: {reason}; switch PKCE with S256 on in the client");
    Err(OAuthError::new(ErrorCode::InvalidRequest).because(description))
}

/// What the client may ask for; what it may not have is left out.
fn check(cx: &Cx, client: &Client, request: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    if !client.allows(GrantType::AuthorizationCode) {
        return Err(OAuthError::new(ErrorCode::UnauthorizedClient));
    }
    request.scope = offered(client, &request.scope);
    if request.scope.is_empty() {
        return Err(OAuthError::new(ErrorCode::InvalidScope)
            .because("this client is registered for none of these scopes"));
    }
    let Target { scope, apis } = target(cx, client, request)?;
    if apis.is_empty() && !scope.is_about_a_person() {
        return Err(OAuthError::new(ErrorCode::InvalidScope)
            .because("ask for a scope about the person, such as openid, or for one of an API"));
    }
    let mixed = apis.windows(2).any(|w| w[0].settings.token_form != w[1].settings.token_form);
    if mixed {
        return Err(OAuthError::new(ErrorCode::InvalidTarget)
            .because("these APIs need separate tokens: send resource"));
    }
    Ok(())
}

pub(super) fn target(cx: &Cx, client: &Client, request: &AuthorizationRequest) -> Result<Target, OAuthError> {
    resolve(&cx.app.catalog.load(), client, &request.scope, &request.resource)
}

/// The person's part: login, consent, code.
pub(super) async fn advance(cx: &Cx, flow: Flow, current: Option<&Current>) -> Result<Next, Refused> {
    let silent = flow.request.prompt.is_silent();
    let client = client(cx, &flow.request.client_id).await?;
    if silent && needs_interaction(&client, &flow) {
        return Ok(error(cx, &flow, ErrorCode::InteractionRequired));
    }
    let Some(current) = current.filter(|current| wants(cx, &flow, current) == Wants::Nothing) else {
        return Ok(if silent { error(cx, &flow, ErrorCode::LoginRequired) } else { to_login(cx, &flow) });
    };
    let acted = [flow.fresh_login, flow.chosen].contains(&Some(current.session.id));
    let acted = acted || !needs_interaction(&client, &flow);
    if !is_expected(cx, &flow, current) || (acted && !needs_consent(cx, &client, &flow, current).await?) {
        return approve(cx, &flow, &client, current, Consented::Before).await;
    }
    Ok(if silent { error(cx, &flow, ErrorCode::ConsentRequired) } else { to_consent(cx, &flow) })
}

pub(super) fn to_login(cx: &Cx, flow: &Flow) -> Next {
    flow.seal(cx).map_or_else(|TooLong| too_long(cx, flow), Next::Login)
}

pub(super) fn to_consent(cx: &Cx, flow: &Flow) -> Next {
    flow.seal(cx).map_or_else(|TooLong| too_long(cx, flow), Next::Consent)
}

fn too_long(cx: &Cx, flow: &Flow) -> Next {
    answer(cx, flow, &OAuthError::new(ErrorCode::InvalidRequest).because("the request is too long"))
}

/// What a request wants from the person before it is their turn to consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wants {
    /// Name and password.
    Login,
    /// To say that the one who is logged in is meant.
    Choice,
    /// Nothing more.
    Nothing,
}

pub(super) fn wants(cx: &Cx, flow: &Flow, current: &Current) -> Wants {
    let (request, session) = (&flow.request, Some(current.session.id));
    if flow.fresh_login == session {
        return Wants::Nothing;
    }
    // A hint that cannot be read any more still asks for somebody to log in, once.
    let is_another = request.id_token_hint.as_deref().is_some_and(|hint| !is_about(cx, hint, current));
    let age = cx.now.since(current.session.authentication.auth_time).as_secs();
    let too_old = request.max_age.is_some_and(|max_age| max_age == 0 || age > max_age);
    if is_another || too_old || request.prompt.login() {
        Wants::Login
    } else if request.prompt.select_account() && flow.chosen != session {
        Wants::Choice
    } else {
        Wants::Nothing
    }
}

fn is_about(cx: &Cx, hint: &str, current: &Current) -> bool {
    id_token_hint::subject(cx, hint).is_some_and(|subject| subject == current.user.id.to_string())
}

/// Whether nobody else was asked for. Somebody else may have logged in for the request (OIDC core section 3.1.2.1).
pub(super) fn is_expected(cx: &Cx, flow: &Flow, current: &Current) -> bool {
    let hinted = flow.request.id_token_hint.as_deref().and_then(|hint| id_token_hint::subject(cx, hint));
    hinted.is_none_or(|subject| subject == current.user.id.to_string())
}

/// Whether the person has to do something for this very request: other programs on the device may claim the redirect URI, so
/// that a code that comes by itself could go to any of them (RFC 8252 section 8.6).
fn needs_interaction(client: &Client, flow: &Flow) -> bool {
    let uri = flow.request.redirect_uri.as_deref().unwrap_or_default();
    is_private_use(uri) || (client.kind == ClientKind::Native && !uri.starts_with("https:"))
}

async fn needs_consent(cx: &Cx, client: &Client, flow: &Flow, current: &Current) -> Result<bool, StoreError> {
    if flow.request.prompt.consent() {
        return Ok(true);
    }
    if !client.settings.require_consent {
        return Ok(false);
    }
    let remembered =
        cx.app.store.read(|tx| async move { tx.consent(current.user.id, &client.id).await }).await?;
    Ok(!remembered.is_some_and(|consent| flow.request.scope.is_subset(&consent.scope)))
}

/// An error that goes to the client.
pub(super) fn error(cx: &Cx, flow: &Flow, code: ErrorCode) -> Next {
    answer(cx, flow, &OAuthError::new(code))
}

fn answer(cx: &Cx, flow: &Flow, error: &OAuthError) -> Next {
    Next::Respond(response(cx, flow, error))
}

fn response(cx: &Cx, flow: &Flow, error: &OAuthError) -> Response {
    let request = &flow.request;
    let answer = AuthorizationResponse::error(error, request.state.as_deref(), &cx.app.config.issuer);
    let redirect_uri = request.redirect_uri.clone().unwrap_or_default();
    Response { redirect_uri, mode: request.response_mode, answer }
}
