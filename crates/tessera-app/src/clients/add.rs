//! A new client.

use tessera_jose::Algorithm;
use tessera_model::client::ClientSettings;
use tessera_model::{
    AuditEvent, Client, ClientAuthMethod, ClientId, ClientKind, ClientSecret, ClientStatus, EventCode,
    KeyPurpose, PkcePolicy,
};
use tessera_oauth::redirect::RedirectUri;
use tessera_oauth::scope::ScopeSet;
use tessera_oauth::token::GrantType;
use tessera_store::StoreError;
use zeroize::Zeroizing;

use super::secret::fresh;
use crate::Cx;
use crate::keys::KeyError;
use crate::keys::rotate::Forge;

/// Scopes of OpenID Connect that a client may be given (OIDC core section 5.4).
/// What a client for people may ask for unless somebody says otherwise.
const DEFAULT_SCOPES: [&str; 3] = ["openid", "profile", "email"];
const OIDC_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];
/// Algorithms of ID tokens.
const ID_TOKEN_SIGNING: [Algorithm; 4] =
    [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ed25519];
const MAX_NAME: usize = 100;

/// What a client starts with.
pub struct NewClient {
    /// `None`: one is made up.
    pub id: Option<ClientId>,
    /// What kind of program it is.
    pub kind: ClientKind,
    /// Shown on the consent page.
    pub name: String,
    /// `None`: the secret in either place for confidential clients, `none` for public ones.
    pub auth_method: Option<ClientAuthMethod>,
    /// Where codes go.
    pub redirect_uris: Vec<RedirectUri>,
    /// Where logout may go.
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// What it may ask for.
    pub scopes: ScopeSet,
    /// APIs it may ask tokens for.
    pub audiences: Vec<String>,
    /// Whether its authorization requests need a PKCE challenge; always for public clients.
    pub pkce: PkcePolicy,
    /// `false` only for first-party applications.
    pub require_consent: bool,
    /// A web client also gets tokens for itself (RFC 6749 section 4.4); a service client always does.
    pub client_credentials: bool,
    /// Claims about the person stand in its ID tokens too.
    pub id_token_claims: bool,
    /// `false` only for applications that ask before a logout themselves.
    pub confirm_logout: bool,
    /// Signature of its ID tokens: RS256, ES256, EdDSA or Ed25519.
    pub id_token_alg: Algorithm,
    /// Access-token lifetime instead of the API's, if shorter.
    pub access_token_seconds: Option<u32>,
}

impl NewClient {
    /// A client of this kind with the defaults of the kind, without redirect URIs and APIs.
    pub fn new(kind: ClientKind, name: &str) -> Self {
        let scopes = if kind == ClientKind::Service { &[][..] } else { &DEFAULT_SCOPES[..] };
        Self {
            id: None,
            kind,
            name: name.to_owned(),
            auth_method: None,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            scopes: scopes.iter().filter_map(|scope| scope.parse().ok()).collect(),
            audiences: Vec::new(),
            pkce: if kind.is_confidential() { PkcePolicy::Auto } else { PkcePolicy::Required },
            require_consent: true,
            client_credentials: false,
            id_token_claims: false,
            confirm_logout: true,
            id_token_alg: Algorithm::Rs256,
            access_token_seconds: None,
        }
    }
}

/// A registered client and its secret, which is shown once.
pub struct Added {
    /// As registered.
    pub client: Client,
    /// For confidential clients.
    pub secret: Option<Zeroizing<String>>,
}

/// Why a client was not registered.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// Some of it cannot be; all reasons at once.
    #[error("{}", .0.join("\n"))]
    Invalid(Vec<String>),
    /// The id is registered already.
    #[error("this client id is registered already")]
    Taken,
    /// A key for its ID tokens could not be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Registers a client, and makes the key that its ID tokens need.
///
/// # Errors
/// See [`AddError`]; nothing is registered then.
pub async fn add(cx: &Cx, new: NewClient) -> Result<Added, AddError> {
    let apis = &cx.app.store.read(|tx| async move { tx.apis().await }).await?.entries;
    let problems = problems(&new, apis);
    if !problems.is_empty() {
        return Err(AddError::Invalid(problems));
    }
    Forge::of(cx).ensure(&[KeyPurpose::IdToken(new.id_token_alg)]).await?;
    let (secret, digest) = fresh(cx);
    let confidential = new.kind.is_confidential();
    let client = client(cx, new, if confidential { Some(digest) } else { None });
    let event = &AuditEvent { client_id: Some(client.id.clone()), ..cx.event(EventCode::ClientCreated) };
    let row = &client;
    cx.app
        .store
        .write(|tx| async move {
            if !tx.insert_client(row).await? {
                return Err(AddError::Taken);
            }
            Ok(tx.append_event(event).await?)
        })
        .await?;
    Ok(Added { client, secret: confidential.then_some(secret) })
}

fn client(cx: &Cx, new: NewClient, digest: Option<tessera_model::Digest>) -> Client {
    let id = new.id.unwrap_or_else(|| made_up_id(cx));
    let method = new.auth_method.unwrap_or(default_method(new.kind));
    Client {
        id,
        kind: new.kind,
        name: new.name,
        status: ClientStatus::Active,
        settings: ClientSettings {
            redirect_uris: new.redirect_uris,
            post_logout_redirect_uris: new.post_logout_redirect_uris,
            grant_types: grant_types(new.kind, new.client_credentials),
            auth_method: method,
            scopes: new.scopes,
            audiences: new.audiences,
            pkce: new.pkce,
            id_token_signed_response_alg: new.id_token_alg,
            require_consent: new.require_consent,
            id_token_claims: new.id_token_claims,
            confirm_logout: new.confirm_logout,
            access_token_seconds: new.access_token_seconds,
        },
        secrets: digest
            .map(|digest| ClientSecret { digest, created_at: cx.now, expires_at: None })
            .into_iter()
            .collect(),
        pkce_proven_at: None,
        created_at: cx.now,
        updated_at: cx.now,
    }
}

/// `c-` and 16 base64url characters, which is within the alphabet of a client id.
fn made_up_id(cx: &Cx) -> ClientId {
    loop {
        if let Ok(id) = format!("c-{}", tessera_jose::base64url::encode(cx.app.random::<12>())).parse() {
            return id;
        }
    }
}

fn grant_types(kind: ClientKind, client_credentials: bool) -> Vec<GrantType> {
    match kind {
        ClientKind::Web if client_credentials => {
            vec![GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::ClientCredentials]
        }
        ClientKind::Web | ClientKind::Spa | ClientKind::Native => {
            vec![GrantType::AuthorizationCode, GrantType::RefreshToken]
        }
        ClientKind::Service => vec![GrantType::ClientCredentials],
    }
}

fn default_method(kind: ClientKind) -> ClientAuthMethod {
    if kind.is_confidential() { ClientAuthMethod::ClientSecret } else { ClientAuthMethod::None }
}

fn problems(new: &NewClient, apis: &[tessera_model::Api]) -> Vec<String> {
    let mut problems = Vec::new();
    if new.name.is_empty() || new.name.chars().count() > MAX_NAME || new.name.chars().any(char::is_control) {
        problems.push(format!("name: use 1 to {MAX_NAME} characters"));
    }
    let method = new.auth_method.unwrap_or(default_method(new.kind));
    if new.kind.is_confidential() == (method == ClientAuthMethod::None) {
        problems.push(
            "auth method: web and service clients use a secret, spa and native clients none".to_owned(),
        );
    }
    if new.kind == ClientKind::Service {
        if !new.redirect_uris.is_empty() || !new.post_logout_redirect_uris.is_empty() {
            problems.push("redirect uri: a service client has no browser to redirect".to_owned());
        }
    } else if new.redirect_uris.is_empty() {
        problems.push("redirect uri: name at least one".to_owned());
    }
    if new.pkce != PkcePolicy::Required && !new.kind.is_confidential() {
        problems.push("pkce: public clients cannot do without it".to_owned());
    }
    if !ID_TOKEN_SIGNING.contains(&new.id_token_alg) {
        problems.push("ID token algorithm: use RS256, ES256, EdDSA or Ed25519".to_owned());
    }
    if new
        .access_token_seconds
        .is_some_and(|seconds| seconds < tessera_model::policy::MIN_ACCESS_TOKEN_SECONDS)
    {
        problems.push(format!(
            "lifetime: use at least {} seconds",
            tessera_model::policy::MIN_ACCESS_TOKEN_SECONDS
        ));
    }
    for uri in &new.redirect_uris {
        let private_use = !uri.as_str().starts_with("https:") && !uri.as_str().starts_with("http:");
        if private_use && new.kind != ClientKind::Native {
            problems.push(format!("redirect uri {uri}: only native clients use a scheme of their own"));
        }
    }
    for audience in &new.audiences {
        if !apis.iter().any(|api| api.audience == *audience) {
            problems.push(format!("audience {audience}: no such API; add it first with `tessera api add`"));
        }
    }
    for scope in new.scopes.iter().map(tessera_oauth::scope::Scope::as_str) {
        let of_an_api = apis
            .iter()
            .filter(|api| new.audiences.contains(&api.audience))
            .any(|api| api.scope_names().contains(scope));
        if !of_an_api && (new.kind == ClientKind::Service || !OIDC_SCOPES.contains(&scope)) {
            problems.push(format!("scope {scope}: none of this client's APIs has it"));
        }
    }
    problems
}
