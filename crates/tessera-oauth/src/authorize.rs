//! Authorization requests (RFC 6749 section 4.1.1, RFC 7636, RFC 8707, OIDC core section 3.1.2.1).
//!
//! A request is read in two phases. Until client and redirect URI are verified, an error may only be shown as a page
//! ([`ClientPart`]). After that it is sent to the client ([`AuthorizationRequest`]).

mod request_object;

use serde::{Deserialize, Serialize};

use crate::client_auth::MAX_CLIENT_ID_LEN;
use crate::error::{ErrorCode, OAuthError};
use crate::params::Params;
use crate::pkce::CodeChallenge;
use crate::resource::Resource;
use crate::scope::ScopeSet;

/// Longest `state`, in bytes. A longer one is refused, never cut.
pub const MAX_STATE_LEN: usize = 4096;
/// Longest `nonce`, in bytes.
pub const MAX_NONCE_LEN: usize = 1024;
/// Longest `id_token_hint`, in bytes.
const MAX_ID_TOKEN_HINT_LEN: usize = 8192;
/// Longest `login_hint`, in bytes. A longer one is ignored, because it only fills in a field.
const MAX_LOGIN_HINT_LEN: usize = 256;
/// Most values read from `acr_values`. The rest is ignored.
const MAX_ACR_VALUES: usize = 8;
/// Longest value in `acr_values`, in bytes. A longer one is ignored.
const MAX_ACR_VALUE_LEN: usize = 128;
/// Most languages read from `ui_locales`.
const MAX_LOCALES: usize = 16;
/// Longest language in `ui_locales`, in bytes. A longer one is ignored.
const MAX_LOCALE_LEN: usize = 128;

/// The part of a request that must be verified before anything may be sent to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientPart {
    /// Who asks. The client may not exist.
    pub client_id: String,
    /// Where the answer should go. It may not be registered.
    pub redirect_uri: Option<String>,
    /// The answer repeats it, byte for byte. `None` also if it is too long; the second phase then refuses the request. A client that
    /// sends it only in the request object gets it back from there, with the refusal of the object.
    pub state: Option<String>,
    /// How the answer travels, also an error. The default if the parameter has an unknown value.
    pub response_mode: ResponseMode,
}

impl ClientPart {
    /// Reads the first phase.
    ///
    /// # Errors
    /// `invalid_request` if `client_id` is missing or malformed. Show it as a page.
    pub fn parse(params: &Params) -> Result<Self, OAuthError> {
        let client_id = params.get("client_id").ok_or_else(|| invalid("client_id is missing"))?;
        if client_id.len() > MAX_CLIENT_ID_LEN || !client_id.bytes().all(|c| (0x21..=0x7e).contains(&c)) {
            return Err(invalid("client_id is malformed"));
        }
        let object = params.get("request").map(request_object::answer_params).unwrap_or_default();
        let state = params.get("state").map(str::to_owned).or(object.state);
        let mode = params.get("response_mode").or(object.response_mode.as_deref());
        Ok(Self {
            client_id: client_id.to_owned(),
            redirect_uri: params.get("redirect_uri").map(str::to_owned),
            state: state.filter(|state| state.len() <= MAX_STATE_LEN),
            response_mode: response_mode(mode).unwrap_or_default(),
        })
    }
}

/// A well-formed authorization request. Whether the client may make it is not decided here.
///
/// A login page carries it, sealed. During a rolling upgrade an older server may read the request of a newer one, so unknown
/// members are ignored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// Who asks.
    pub client_id: String,
    /// Where the answer goes, as sent.
    pub redirect_uri: Option<String>,
    /// How the answer travels.
    pub response_mode: ResponseMode,
    /// Scopes. Empty if none were sent.
    pub scope: ScopeSet,
    /// The answer repeats it, byte for byte.
    pub state: Option<String>,
    /// Goes into the ID token.
    pub nonce: Option<String>,
    /// S256 challenge. `None` if the client does not use PKCE.
    pub code_challenge: Option<CodeChallenge>,
    /// What to ask the person again.
    pub prompt: Prompt,
    /// Longest time since the login, in seconds. 0 forces a new login.
    pub max_age: Option<u64>,
    /// Levels that the client would like the login to have, best first (OIDC core section 3.1.2.1). Other names than ours may be among them.
    #[serde(default)]
    pub acr_values: Vec<String>,
    /// What to fill into the login field.
    pub login_hint: Option<String>,
    /// Languages, best first.
    pub ui_locales: Vec<String>,
    /// An ID token of the expected person, unverified.
    pub id_token_hint: Option<String>,
    /// APIs that the tokens are for (RFC 8707).
    pub resource: Vec<Resource>,
}

impl AuthorizationRequest {
    /// Reads the second phase. Unknown parameters are ignored (RFC 6749 section 3.1), and so is `claims`, which Tessera
    /// does not support.
    ///
    /// # Errors
    /// The error to send to the client, with state and response mode of `client`.
    pub fn parse(client: ClientPart, params: &Params) -> Result<Self, OAuthError> {
        refuse_request_objects(params)?;
        require_code(params)?;
        let response_mode = response_mode(params.get("response_mode"))?;
        refuse_over(params, "state", MAX_STATE_LEN, "state is too long")?;
        refuse_over(params, "nonce", MAX_NONCE_LEN, "nonce is too long")?;
        refuse_over(params, "id_token_hint", MAX_ID_TOKEN_HINT_LEN, "id_token_hint is too long")?;
        let owned = |name| params.get(name).map(str::to_owned);
        Ok(Self {
            response_mode,
            scope: ScopeSet::requested(params.get("scope").unwrap_or_default())?,
            nonce: owned("nonce"),
            code_challenge: CodeChallenge::parse(
                params.get("code_challenge"),
                params.get("code_challenge_method"),
            )?,
            prompt: Prompt::parse(params.get("prompt").unwrap_or_default())?,
            max_age: max_age(params)?,
            acr_values: acr_values(params),
            login_hint: owned("login_hint").filter(|hint| hint.len() <= MAX_LOGIN_HINT_LEN),
            ui_locales: ui_locales(params),
            id_token_hint: owned("id_token_hint"),
            resource: Resource::all(params)?,
            client_id: client.client_id,
            redirect_uri: client.redirect_uri,
            state: client.state,
        })
    }
}

fn acr_values(params: &Params) -> Vec<String> {
    let values = params.get("acr_values").unwrap_or_default().split(' ');
    let kept = values.filter(|value| (1..=MAX_ACR_VALUE_LEN).contains(&value.len()));
    kept.take(MAX_ACR_VALUES).map(str::to_owned).collect()
}

/// How the answer travels (OAuth 2.0 Multiple Response Types, OAuth 2.0 Form Post Response Mode).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query of the redirect URI.
    #[default]
    Query,
    /// In a form that the browser posts to the redirect URI.
    FormPost,
}

impl ResponseMode {
    /// The name in `response_mode`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::FormPost => "form_post",
        }
    }
}

/// The `prompt` parameter: what to ask the person again, or that nothing may be asked (OIDC core section 3.1.2.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt(Vec<PromptValue>);

/// One word of `prompt`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PromptValue {
    None,
    Login,
    Consent,
    SelectAccount,
}

impl Prompt {
    /// Reads words separated by spaces. Extra spaces are ignored. The empty text is the empty set.
    ///
    /// # Errors
    /// `invalid_request` for an unknown word, and for `none` together with another word.
    pub fn parse(text: &str) -> Result<Self, OAuthError> {
        let mut values = Vec::new();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let value = match word {
                "none" => PromptValue::None,
                "login" => PromptValue::Login,
                "consent" => PromptValue::Consent,
                "select_account" => PromptValue::SelectAccount,
                _ => return Err(invalid("prompt has an unknown value")),
            };
            if !values.contains(&value) {
                values.push(value);
            }
        }
        if values.len() > 1 && values.contains(&PromptValue::None) {
            return Err(invalid("prompt none stands alone"));
        }
        Ok(Self(values))
    }

    fn contains(&self, value: PromptValue) -> bool {
        self.0.contains(&value)
    }

    /// `none`: ask nothing, and answer with an error where the person would have to act.
    pub fn is_silent(&self) -> bool {
        self.contains(PromptValue::None)
    }

    /// `login`: log in again.
    pub fn login(&self) -> bool {
        self.contains(PromptValue::Login)
    }

    /// `consent`: ask for consent again.
    pub fn consent(&self) -> bool {
        self.contains(PromptValue::Consent)
    }

    /// `select_account`: let the person choose an account.
    pub fn select_account(&self) -> bool {
        self.contains(PromptValue::SelectAccount)
    }
}

fn invalid(description: &'static str) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidRequest).because(description)
}

/// Request objects are not supported. To ignore one would be to answer another request (OIDC core section 6).
fn refuse_request_objects(params: &Params) -> Result<(), OAuthError> {
    for (name, code) in [
        ("request", ErrorCode::RequestNotSupported),
        ("request_uri", ErrorCode::RequestUriNotSupported),
        ("registration", ErrorCode::RegistrationNotSupported),
    ] {
        if params.contains(name) {
            return Err(OAuthError::new(code));
        }
    }
    Ok(())
}

/// The code flow is the only one (`response_type=code`).
fn require_code(params: &Params) -> Result<(), OAuthError> {
    match params.get("response_type") {
        Some("code") => Ok(()),
        Some(_) => Err(OAuthError::new(ErrorCode::UnsupportedResponseType)),
        None => Err(invalid("response_type is missing")),
    }
}

fn response_mode(name: Option<&str>) -> Result<ResponseMode, OAuthError> {
    match name {
        None | Some("query") => Ok(ResponseMode::Query),
        Some("form_post") => Ok(ResponseMode::FormPost),
        Some(_) => Err(invalid("response_mode must be query or form_post")),
    }
}

fn refuse_over(
    params: &Params,
    name: &str,
    limit: usize,
    description: &'static str,
) -> Result<(), OAuthError> {
    if params.get(name).is_some_and(|value| value.len() > limit) { Err(invalid(description)) } else { Ok(()) }
}

fn max_age(params: &Params) -> Result<Option<u64>, OAuthError> {
    let Some(text) = params.get("max_age") else { return Ok(None) };
    let digits = text.bytes().all(|c| c.is_ascii_digit());
    let seconds = text.parse().ok().filter(|_| digits);
    seconds.map(Some).ok_or_else(|| invalid("max_age must be a whole number of seconds"))
}

/// The languages of `ui_locales`, best first. Also for the answer to a request that is refused.
pub fn ui_locales(params: &Params) -> Vec<String> {
    let tags = params.get("ui_locales").unwrap_or_default().split(' ');
    let usable = tags.filter(|tag| !tag.is_empty() && tag.len() <= MAX_LOCALE_LEN);
    usable.take(MAX_LOCALES).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
