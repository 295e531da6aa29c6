//! Authorization requests (RFC 6749 section 4.1.1, RFC 7636, RFC 8707, OIDC core section 3.1.2.1).
//!
//! Read in two phases. Until the client and its redirect URI are known to be good, an error may only be shown as a page
//! ([`ClientPart`]); after that it is sent to the client ([`AuthorizationRequest`]).

mod request_object;

use serde::{Deserialize, Serialize};

use crate::error::{ErrorCode, OAuthError};
use crate::params::Params;
use crate::pkce::CodeChallenge;
use crate::resource::Resource;
use crate::scope::ScopeSet;

/// Longest `state`, in bytes; a longer one is refused, never cut (attack O19).
pub const MAX_STATE_LEN: usize = 4096;
/// Longest `nonce`, in bytes.
pub const MAX_NONCE_LEN: usize = 1024;
/// Longest `client_id`, in bytes.
pub const MAX_CLIENT_ID_LEN: usize = 128;
/// Longest `id_token_hint`, in bytes.
const MAX_ID_TOKEN_HINT_LEN: usize = 8192;
/// Longest `login_hint`, in bytes; a longer one is dropped, for it only fills in a field.
const MAX_LOGIN_HINT_LEN: usize = 256;
/// Most words looked at in `acr_values` and `ui_locales`, and the longest of them.
const MAX_WORDS: usize = 16;
const MAX_WORD_LEN: usize = 128;

/// What must be right before anything may be sent to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientPart {
    /// Who asks; not yet known to exist.
    pub client_id: String,
    /// Where the answer should go; not yet known to be registered.
    pub redirect_uri: Option<String>,
    /// Comes back with the answer, byte for byte. `None` also if it is too long: then the second phase refuses. Taken
    /// from the request object, itself refused, if sent only there.
    pub state: Option<String>,
    /// How the answer travels, also an error answer; the default where the parameter makes no sense.
    pub response_mode: ResponseMode,
}

impl ClientPart {
    /// Reads the first phase.
    ///
    /// # Errors
    /// `invalid_request` without a `client_id` or with an impossible one. Show it as a page.
    pub fn parse(params: &Params) -> Result<Self, OAuthError> {
        let client_id = params.get("client_id").ok_or_else(|| invalid("client_id is missing"))?;
        if client_id.len() > MAX_CLIENT_ID_LEN || !client_id.bytes().all(|c| (0x21..=0x7e).contains(&c)) {
            return Err(invalid("client_id is malformed"));
        }
        let unread = params.get("request").map(request_object::peek).unwrap_or_default();
        let state = params.get("state").map(str::to_owned).or(unread.state);
        let mode = params.get("response_mode").or(unread.response_mode.as_deref());
        Ok(Self {
            client_id: client_id.to_owned(),
            redirect_uri: params.get("redirect_uri").map(str::to_owned),
            state: state.filter(|state| state.len() <= MAX_STATE_LEN),
            response_mode: response_mode(mode).unwrap_or_default(),
        })
    }
}

/// A well-formed authorization request. Whether the client may make it is not decided here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorizationRequest {
    /// Who asks.
    pub client_id: String,
    /// Where the answer goes, as sent.
    pub redirect_uri: Option<String>,
    /// What is asked for.
    pub response_type: ResponseType,
    /// How the answer travels.
    pub response_mode: ResponseMode,
    /// Scopes; empty if none were sent.
    pub scope: ScopeSet,
    /// Comes back with the answer, byte for byte.
    pub state: Option<String>,
    /// Goes into the ID token.
    pub nonce: Option<String>,
    /// S256 challenge; `None` if PKCE was not used.
    pub code_challenge: Option<CodeChallenge>,
    /// What to ask the person again.
    pub prompt: Prompt,
    /// Longest time since the login, in seconds; 0 forces a new one.
    pub max_age: Option<u64>,
    /// What to put into the login field.
    pub login_hint: Option<String>,
    /// Languages, best first.
    pub ui_locales: Vec<String>,
    /// Authentication levels the client would like, best first.
    pub acr_values: Vec<String>,
    /// An ID token of the person expected, unverified.
    pub id_token_hint: Option<String>,
    /// APIs the tokens are for (RFC 8707).
    pub resource: Vec<Resource>,
    /// Whether a `claims` parameter came; it is not supported and the metadata says so.
    pub claims_present: bool,
}

impl AuthorizationRequest {
    /// Reads the second phase. Unknown parameters are ignored (RFC 6749 section 3.1).
    ///
    /// # Errors
    /// The error to send to the client, with the state and response mode of `client`.
    pub fn parse(client: ClientPart, params: &Params) -> Result<Self, OAuthError> {
        refuse_request_objects(params)?;
        let response_type = response_type(params)?;
        let response_mode = response_mode(params.get("response_mode"))?;
        refuse_over(params, "state", MAX_STATE_LEN, "state is too long")?;
        refuse_over(params, "nonce", MAX_NONCE_LEN, "nonce is too long")?;
        refuse_over(params, "id_token_hint", MAX_ID_TOKEN_HINT_LEN, "id_token_hint is too long")?;
        let owned = |name| params.get(name).map(str::to_owned);
        Ok(Self {
            response_type,
            response_mode,
            scope: ScopeSet::requested(params.get("scope").unwrap_or_default())?,
            nonce: owned("nonce"),
            code_challenge: CodeChallenge::parse(
                params.get("code_challenge"),
                params.get("code_challenge_method"),
            )?,
            prompt: Prompt::parse(params.get("prompt").unwrap_or_default())?,
            max_age: max_age(params)?,
            login_hint: owned("login_hint").filter(|hint| hint.len() <= MAX_LOGIN_HINT_LEN),
            ui_locales: words(params, "ui_locales"),
            acr_values: words(params, "acr_values"),
            id_token_hint: owned("id_token_hint"),
            resource: Resource::all(params)?,
            claims_present: params.contains("claims"),
            client_id: client.client_id,
            redirect_uri: client.redirect_uri,
            state: client.state,
        })
    }
}

/// What an authorization request asks for. Everything else is `unsupported_response_type` (attack O62).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseType {
    /// `code`.
    Code,
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

/// The `prompt` parameter: what to ask again, or that nothing may be asked (OIDC core section 3.1.2.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt(Vec<PromptValue>);

/// One word of `prompt`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromptValue {
    /// Ask nothing; answer with an error instead. Stands alone.
    None,
    /// Log in again.
    Login,
    /// Ask for consent again.
    Consent,
    /// Let the person choose an account.
    SelectAccount,
}

impl Prompt {
    /// Reads words with spaces between, where surplus ones are harmless; the empty text is the empty set.
    ///
    /// # Errors
    /// `invalid_request` for an unknown word, and for `none` together with another (attack O63).
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

    /// Whether this word was sent.
    pub fn contains(&self, value: PromptValue) -> bool {
        self.0.contains(&value)
    }

    /// `none`: nothing may be asked.
    pub fn is_silent(&self) -> bool {
        self.contains(PromptValue::None)
    }

    /// `login`: log in again.
    pub fn login(&self) -> bool {
        self.contains(PromptValue::Login)
    }

    /// `consent`: ask again.
    pub fn consent(&self) -> bool {
        self.contains(PromptValue::Consent)
    }

    /// `select_account`: let the person choose.
    pub fn select_account(&self) -> bool {
        self.contains(PromptValue::SelectAccount)
    }
}

fn invalid(description: &'static str) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidRequest).because(description)
}

/// Request objects are not supported, and never ignored (OIDC core section 6, attack O37).
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

fn response_type(params: &Params) -> Result<ResponseType, OAuthError> {
    match params.get("response_type") {
        Some("code") => Ok(ResponseType::Code),
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

fn words(params: &Params, name: &str) -> Vec<String> {
    let words = params.get(name).unwrap_or_default().split(' ');
    words.filter(|w| !w.is_empty() && w.len() <= MAX_WORD_LEN).take(MAX_WORDS).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
