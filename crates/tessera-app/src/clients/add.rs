//! A new client.

use std::collections::BTreeSet;

use tessera_jose::Algorithm;
use tessera_model::client::ClientSettings;
use tessera_model::{
    AuditEvent, Client, ClientAuthMethod, ClientId, ClientKind, ClientSecret, ClientStatus, Digest,
    EventCode, KeyPurpose, PkcePolicy, RefreshTokens,
};
use tessera_oauth::redirect::RedirectUri;
use tessera_oauth::scope::{EMAIL, OPENID, PROFILE, ScopeSet};
use zeroize::Zeroizing;

use super::ClientError;
use super::rules::{grant_types, problems};
use super::secret::fresh;
use crate::access::{Action, Object, authorize};
use crate::keys::KeyFactory;
use crate::{Cx, problem};

/// What a client for people may ask for unless somebody says otherwise.
const DEFAULT_SCOPES: [&str; 3] = [OPENID, PROFILE, EMAIL];

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
    /// When it gets refresh tokens.
    pub refresh_tokens: RefreshTokens,
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
            refresh_tokens: RefreshTokens::default(),
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

/// Registers a client, and makes the key that its ID tokens need.
///
/// # Errors
/// See [`ClientError`].
pub async fn add(cx: &Cx, new: NewClient) -> Result<Added, ClientError> {
    let allowed = &authorize(cx, Action::AddClient, Object::Clients).await?;
    let apis = &allowed.read(|tx| async move { tx.apis().list().await }).await?.entries;
    let (secret, digest) = fresh(cx);
    let (confidential, id_token_alg) = (new.kind.is_confidential(), new.id_token_alg);
    let client = client(cx, new, if confidential { Some(digest) } else { None });
    problem::require_none(problems(&client, apis), ClientError::Invalid)?;
    // A registration that is refused makes no key.
    let id = &client.id;
    if allowed.read(|tx| async move { tx.clients().exists(id).await }).await? {
        return Err(ClientError::Taken);
    }
    KeyFactory::of(allowed).ensure(&[KeyPurpose::IdToken(id_token_alg)]).await?;
    let client_id = Some(client.id.clone());
    let event = &AuditEvent { client_id, ..allowed.event(EventCode::ClientCreated) };
    let row = &client;
    allowed
        .write(|tx| async move {
            if !tx.clients().insert(row).await? {
                return Err(ClientError::Taken);
            }
            Ok(tx.audit().append(event).await?)
        })
        .await?;
    Ok(Added { client, secret: confidential.then_some(secret) })
}

fn client(cx: &Cx, new: NewClient, digest: Option<Digest>) -> Client {
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
            id_token_signed_response_alg: Some(new.id_token_alg),
            require_consent: new.require_consent,
            id_token_claims: new.id_token_claims,
            confirm_logout: new.confirm_logout,
            access_token_seconds: new.access_token_seconds,
            refresh_tokens: new.refresh_tokens,
            not_understood: BTreeSet::new(),
        },
        secrets: digest.map(|digest| ClientSecret::new(digest, cx.now)).into_iter().collect(),
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

fn default_method(kind: ClientKind) -> ClientAuthMethod {
    if kind.is_confidential() { ClientAuthMethod::ClientSecret } else { ClientAuthMethod::None }
}
