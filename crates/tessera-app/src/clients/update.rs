//! A client is changed. What the change does not name stays as it is.

use tessera_jose::Algorithm;
use tessera_model::audit::Detail;
use tessera_model::client::ClientSettings;
use tessera_model::{
    AuditEvent, Client, ClientAuthMethod, ClientId, ClientKind, EventCode, KeyPurpose, PkcePolicy,
    RefreshTokens,
};
use tessera_oauth::redirect::RedirectUri;
use tessera_oauth::scope::ScopeSet;
use tessera_store::Tx;

use super::ClientError;
use super::rules::{grant_types, problems};
use crate::access::{Action, Object, authorize};
use crate::keys::KeyFactory;
use crate::problem::{Field, Problem, ProblemKind, differing};
use crate::{Cx, problem};

/// What changes; `None` and empty lists stay as they are.
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

/// How a list changes: it is replaced first, then some are added, then some are removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListChange<T> {
    /// The whole list.
    pub replace: Option<Vec<T>>,
    /// Added.
    pub add: Vec<T>,
    /// Removed.
    pub remove: Vec<T>,
}

impl<T> Default for ListChange<T> {
    fn default() -> Self {
        Self { replace: None, add: Vec::new(), remove: Vec::new() }
    }
}

/// Changes a client. Running servers follow within a second.
///
/// # Errors
/// See [`ClientError`].
pub async fn update(cx: &Cx, id: &ClientId, changes: &ClientChanges) -> Result<Client, ClientError> {
    let allowed = &authorize(cx, Action::UpdateClient, Object::Client(id)).await?;
    // A change that is refused makes no key.
    allowed.read(|tx| async move { changed(&tx, tx.clients().find(id).await?, changes).await }).await?;
    if let Some(alg) = changes.id_token_alg {
        KeyFactory::of(allowed).ensure(&[KeyPurpose::IdToken(alg)]).await?;
    }
    allowed
        .write(|tx| async move {
            let (before, mut client) = changed(&tx, tx.clients().find_for_update(id).await?, changes).await?;
            if client == before {
                return Ok(client);
            }
            let names = differences(&before, &client);
            client.updated_at = cx.now;
            tx.clients().update(&client).await?;
            let detail = Some(Detail::Changed(&names).text());
            tx.audit().append(&AuditEvent { detail, ..allowed.event(EventCode::ClientUpdated) }).await?;
            Ok(client)
        })
        .await
}

/// The client as it is and as it would be.
async fn changed(
    tx: &Tx,
    client: Option<Client>,
    changes: &ClientChanges,
) -> Result<(Client, Client), ClientError> {
    let before = client.ok_or(ClientError::NotFound)?;
    let mut client = before.clone();
    let mut found = changes.apply(&mut client);
    found.extend(problems(&client, &tx.apis().list().await?.entries));
    problem::require_none(found, ClientError::Invalid)?;
    Ok((before, client))
}

impl ClientChanges {
    /// Answers what is wrong with the changes themselves.
    fn apply(&self, client: &mut Client) -> Vec<Problem> {
        let settings = &mut client.settings;
        let mut problems = Vec::new();
        self.redirect_uris.apply(&mut settings.redirect_uris, Field::RedirectUris, &mut problems);
        let after_logout = &mut settings.post_logout_redirect_uris;
        self.post_logout_redirect_uris.apply(after_logout, Field::PostLogoutRedirectUris, &mut problems);
        set(&mut client.name, self.name.as_ref());
        set(&mut settings.scopes, self.scopes.as_ref());
        set(&mut settings.audiences, self.audiences.as_ref());
        set(&mut settings.auth_method, self.auth_method.as_ref());
        set(&mut settings.refresh_tokens, self.refresh_tokens.as_ref());
        set(&mut settings.require_consent, self.require_consent.as_ref());
        set(&mut settings.id_token_claims, self.id_token_claims.as_ref());
        set(&mut settings.confirm_logout, self.confirm_logout.as_ref());
        set(&mut settings.id_token_signed_response_alg, self.id_token_alg.map(Some).as_ref());
        if let Some(pkce) = self.pkce {
            settings.pkce = pkce;
            client.pkce_proven_at = client.pkce_proven_at.filter(|_| pkce != PkcePolicy::Auto);
        }
        if let Some(on) = self.client_credentials {
            if client.kind == ClientKind::Web {
                settings.grant_types = grant_types(client.kind, on);
            } else {
                problems.push(Problem::of(Field::ClientCredentials, ProblemKind::CredentialsOfKind));
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
    fn apply(&self, list: &mut Vec<RedirectUri>, field: Field, problems: &mut Vec<Problem>) {
        set(list, self.replace.as_ref());
        for uri in &self.add {
            if !list.contains(uri) {
                list.push(uri.clone());
            }
        }
        for uri in &self.remove {
            match list.iter().position(|known| known == uri) {
                Some(at) => drop(list.remove(at)),
                None => problems.push(Problem::in_entry(field, uri, ProblemKind::NotRegistered)),
            }
        }
    }
}

/// The names of what has changed.
fn differences(before: &Client, after: &Client) -> Vec<&'static str> {
    let (old, new): (&ClientSettings, &ClientSettings) = (&before.settings, &after.settings);
    differing(&[
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
        ("client_credentials", old.grant_types != new.grant_types),
        ("id_token_claims", old.id_token_claims != new.id_token_claims),
        ("confirm_logout", old.confirm_logout != new.confirm_logout),
        ("id_token_alg", old.id_token_signed_response_alg != new.id_token_signed_response_alg),
        ("access_token_lifetime", old.access_token_seconds != new.access_token_seconds),
    ])
}
