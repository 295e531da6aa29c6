//! The results of an authorization request.

use tessera_model::ClientId;
use tessera_oauth::authorize::ResponseMode;
use tessera_oauth::error::{ErrorCode, OAuthError};
use tessera_oauth::response::AuthorizationResponse;
use tessera_store::StoreError;

use super::super::flow::{Flow, FlowUnreadable};
use crate::Cx;
use crate::sealed::TooLong;

/// Where the browser goes next.
#[derive(Debug)]
pub enum Next {
    /// To the login page, with this flow.
    Login(String),
    /// To the page that asks for one more proof, with this flow.
    StepUp(String),
    /// To the consent page, with this flow.
    Consent(String),
    /// To the client, with this answer.
    Respond(Response),
}

/// An answer to the client.
#[derive(Debug)]
pub struct Response {
    /// The client.
    pub client_id: String,
    /// A redirect URI that is registered for the client.
    pub redirect_uri: String,
    /// How the answer travels.
    pub mode: ResponseMode,
    /// The code or the error.
    pub answer: AuthorizationResponse,
    /// The languages that the request asked for, for a page that carries the answer.
    pub ui_locales: Vec<String>,
}

/// Why a request ends here.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The person sees an error page. The client gets no answer.
    #[error(transparent)]
    Page(#[from] PageReason),
    /// The checks of a reopened flow failed. The client gets this error.
    #[error("the client gets an error")]
    Client(Box<Response>),
    /// The flow cannot be read.
    #[error(transparent)]
    Unreadable(#[from] FlowUnreadable),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<TooLong> for Refused {
    fn from(TooLong: TooLong) -> Self {
        Self::Page(PageReason::BadRequest)
    }
}

/// What the error page says. The texts are for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageReason {
    /// Parameters missing, repeated or malformed.
    #[error("a parameter is missing, repeated or malformed")]
    BadRequest,
    /// There is no such client, or it is turned off.
    #[error("there is no such client, or it is turned off")]
    UnknownClient,
    /// The redirect URI is missing or not registered.
    #[error("the redirect URI is missing or not registered for this client")]
    BadRedirect {
        /// The client that the request names.
        client_id: ClientId,
        /// The redirect URI, as it was sent.
        redirect_uri: Option<String>,
    },
}

pub(in crate::oauth) fn to_login(cx: &Cx, flow: &Flow) -> Next {
    flow.seal(cx).map_or_else(|TooLong| too_long(cx, flow), Next::Login)
}

pub(in crate::oauth) fn to_step_up(cx: &Cx, flow: &Flow) -> Next {
    flow.seal(cx).map_or_else(|TooLong| too_long(cx, flow), Next::StepUp)
}

pub(in crate::oauth) fn to_consent(cx: &Cx, flow: &Flow) -> Next {
    flow.seal(cx).map_or_else(|TooLong| too_long(cx, flow), Next::Consent)
}

fn too_long(cx: &Cx, flow: &Flow) -> Next {
    answer(cx, flow, &OAuthError::new(ErrorCode::InvalidRequest).because("the request is too long"))
}

/// Sends an error to the client.
pub(in crate::oauth) fn error(cx: &Cx, flow: &Flow, code: ErrorCode) -> Next {
    answer(cx, flow, &OAuthError::new(code))
}

fn answer(cx: &Cx, flow: &Flow, error: &OAuthError) -> Next {
    Next::Respond(response(cx, flow, error))
}

pub(super) fn response(cx: &Cx, flow: &Flow, error: &OAuthError) -> Response {
    let request = &flow.request;
    let answer = AuthorizationResponse::error(error, request.state.as_deref(), &cx.app.config.issuer);
    Response {
        client_id: request.client_id.clone(),
        redirect_uri: request.redirect_uri.clone().unwrap_or_default(),
        mode: request.response_mode,
        answer,
        ui_locales: request.ui_locales.clone(),
    }
}
