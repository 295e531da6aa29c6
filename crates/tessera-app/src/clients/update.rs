//! A client is changed. What is not named stays as it is.

use tessera_jose::Algorithm;
use tessera_model::client::ClientSettings;
use tessera_model::{
    AuditEvent, Client, ClientAuthMethod, ClientId, ClientKind, EventCode, KeyPurpose, PkcePolicy,
    RefreshTokens,
};
use tessera_oauth::redirect::RedirectUri;
use tessera_oauth::scope::ScopeSet;
use tessera_oauth::token::GrantType;
use tessera_store::{StoreError, Tx};

use super::ClientError;
use super::rules::{grant_types, problems};
use crate::Cx;
use crate::keys::KeyError;
use crate::keys::rotate::KeyFactory;

/// What becomes of a client; `None` and empty leave as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientChanges {
    /// Shown on the consent page.
    pub name: Option<String>,
    /// Where codes go.
    pub redirect_uris: ListChange<RedirectUri>,
    /// Where logout may go.
    pub post_logout_redirect_uris: ListChange<RedirectUri>,
    /// What it may ask for. A grant that goes beyond it is refused until the scope is back.
    pub scopes: Option<ScopeSet>,
    /// APIs it may ask tokens for, the default first.
    pub audiences: Option<Vec<String>>,
    /// How it authenticates.
    pub auth_method: Option<ClientAuthMethod>,
    /// Whether its requests need a PKCE challenge. [`PkcePolicy::Auto`] forgets that it has proven one.
    pub pkce: Option<PkcePolicy>,
    /// When it gets refresh tokens. Where it may have none any more, a grant that is not offline is refused its next refresh.
    pub refresh_tokens: Option<RefreshTokens>,
    /// Ask people before the first token.
    pub require_consent: Option<bool>,
    /// A web client also gets tokens for itself.
    pub client_credentials: Option<bool>,
    /// Claims about the person stand in its ID tokens too.
    pub id_token_claims: Option<bool>,
    /// Ask people before a logout that it begins.
    pub confirm_logout: Option<bool>,
    /// Signature of its ID tokens.
    pub id_token_alg: Option<Algorithm>,
    /// Access-token lifetime instead of the API's, if shorter.
    pub access_token_seconds: Option<u32>,
}

/// What becomes of a list: replaced first, then added to, then taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListChange<T> {
    /// The whole list anew.
    pub replace: Option<Vec<T>>,
    /// More.
    pub add: Vec<T>,
    /// Less.
    pub remove: Vec<T>,
}

impl<T> Default for ListChange<T> {
    fn default() -> Self {
        Self { replace: None, add: Vec::new(), remove: Vec::new() }
    }
}

/// Why a client was not changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// It cannot be changed.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Some of it cannot be; all reasons at once.
    #[error("{}", .0.join("\n"))]
    Invalid(Vec<String>),
    /// A key for its ID tokens could not be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Changes a client and answers what it is then. Running servers follow within a second.
///
/// # Errors
/// See [`UpdateError`]; the client stays as it was then.
pub async fn update(cx: &Cx, id: &ClientId, changes: &ClientChanges) -> Result<Client, UpdateError> {
    // Refused before a key is made for it.
    cx.app
        .store
        .read(|tx| async move { changed(&tx, found(tx.clients().find(id).await?)?, changes).await })
        .await?;
    if let Some(alg) = changes.id_token_alg {
        KeyFactory::of(cx).ensure(&[KeyPurpose::IdToken(alg)]).await?;
    }
    cx.app
        .store
        .write(|tx| async move {
            let before = found(tx.clients().find_for_update(id).await?)?;
            let mut client = changed(&tx, before.clone(), changes).await?;
            if client == before {
                return Ok(client);
            }
            client.updated_at = cx.now;
            tx.clients().update(&client).await?;
            let detail = Some(differences(&before, &client).join(" "));
            let event =
                AuditEvent { client_id: Some(id.clone()), detail, ..cx.event(EventCode::ClientUpdated) };
            tx.audit().append(&event).await?;
            Ok(client)
        })
        .await
}

fn found(client: Option<Client>) -> Result<Client, UpdateError> {
    client.ok_or(UpdateError::Client(ClientError::NotFound))
}

/// The client as it would be.
async fn changed(tx: &Tx, mut client: Client, changes: &ClientChanges) -> Result<Client, UpdateError> {
    let mut found = changes.apply(&mut client);
    found.extend(problems(&client, &tx.apis().list().await?.entries));
    if found.is_empty() { Ok(client) } else { Err(UpdateError::Invalid(found)) }
}

impl ClientChanges {
    /// Answers what cannot be applied.
    fn apply(&self, client: &mut Client) -> Vec<String> {
        let settings = &mut client.settings;
        let mut problems = Vec::new();
        self.redirect_uris.apply(&mut settings.redirect_uris, "redirect uri", &mut problems);
        let after_logout = &mut settings.post_logout_redirect_uris;
        self.post_logout_redirect_uris.apply(after_logout, "post-logout redirect uri", &mut problems);
        set(&mut client.name, self.name.as_ref());
        set(&mut settings.scopes, self.scopes.as_ref());
        set(&mut settings.audiences, self.audiences.as_ref());
        set(&mut settings.auth_method, self.auth_method.as_ref());
        set(&mut settings.refresh_tokens, self.refresh_tokens.as_ref());
        set(&mut settings.require_consent, self.require_consent.as_ref());
        set(&mut settings.id_token_claims, self.id_token_claims.as_ref());
        set(&mut settings.confirm_logout, self.confirm_logout.as_ref());
        set(&mut settings.id_token_signed_response_alg, self.id_token_alg.as_ref());
        if let Some(pkce) = self.pkce {
            settings.pkce = pkce;
            client.pkce_proven_at = client.pkce_proven_at.filter(|_| pkce != PkcePolicy::Auto);
        }
        if let Some(on) = self.client_credentials {
            if client.kind == ClientKind::Web {
                settings.grant_types = grant_types(client.kind, on);
            } else {
                problems.push("client credentials: only web clients choose".to_owned());
            }
        }
        if self.access_token_seconds.is_some() {
            settings.access_token_seconds = self.access_token_seconds;
        }
        problems
    }
}

fn set<T: Clone>(value: &mut T, change: Option<&T>) {
    if let Some(change) = change {
        value.clone_from(change);
    }
}

impl ListChange<RedirectUri> {
    fn apply(&self, list: &mut Vec<RedirectUri>, name: &str, problems: &mut Vec<String>) {
        set(list, self.replace.as_ref());
        for uri in &self.add {
            if !list.contains(uri) {
                list.push(uri.clone());
            }
        }
        for uri in &self.remove {
            match list.iter().position(|known| known == uri) {
                Some(at) => drop(list.remove(at)),
                None => problems.push(format!("{name} {uri}: it is not registered")),
            }
        }
    }
}

/// The names of what has changed, for the audit event.
fn differences(before: &Client, after: &Client) -> Vec<&'static str> {
    let (old, new): (&ClientSettings, &ClientSettings) = (&before.settings, &after.settings);
    let credentials =
        |settings: &ClientSettings| settings.grant_types.contains(&GrantType::ClientCredentials);
    let all = [
        ("name", before.name != after.name),
        ("redirect_uris", old.redirect_uris != new.redirect_uris),
        ("post_logout_redirect_uris", old.post_logout_redirect_uris != new.post_logout_redirect_uris),
        ("scope", old.scopes != new.scopes),
        ("audiences", old.audiences != new.audiences),
        ("auth_method", old.auth_method != new.auth_method),
        ("pkce", old.pkce != new.pkce),
        ("pkce_forgotten", before.pkce_proven_at != after.pkce_proven_at),
        ("refresh_tokens", old.refresh_tokens != new.refresh_tokens),
        ("consent", old.require_consent != new.require_consent),
        ("client_credentials", credentials(old) != credentials(new)),
        ("id_token_claims", old.id_token_claims != new.id_token_claims),
        ("confirm_logout", old.confirm_logout != new.confirm_logout),
        ("id_token_alg", old.id_token_signed_response_alg != new.id_token_signed_response_alg),
        ("access_token_lifetime", old.access_token_seconds != new.access_token_seconds),
    ];
    all.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}
