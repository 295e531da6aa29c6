//! The form in which commands print people, clients, APIs and keys: without secrets, hashes and sealed keys.

use std::collections::BTreeSet;

use serde::Serialize;
use tessera_app::Cx;
use tessera_app::keys::{KeyInfo, NextStep};
use tessera_app::users::has_outdated_password;
use tessera_jose::Algorithm;
use tessera_model::api::TokenForm;
use tessera_model::{
    Api, ApiStatus, Authenticator, Client, ClientAuthMethod, ClientKind, ClientStatus, Group, KeyState,
    PkcePolicy, RefreshTokens, ScopeDefinition, Timestamp, User, UserStatus,
};

use tessera_oauth::claims::ProfileClaims;

use crate::text;

/// A person.
#[derive(Serialize)]
pub(super) struct UserView {
    pub(super) id: String,
    pub(super) username: String,
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
    pub(super) email_verified: bool,
    pub(super) claims: ProfileClaims,
    pub(super) status: &'static str,
    pub(super) status_since: Option<String>,
    pub(super) has_password: bool,
    /// Whether the password was hashed at another cost than the configuration says.
    pub(super) password_outdated: bool,
    pub(super) created_at: String,
    pub(super) updated_at: String,
}

impl UserView {
    pub(super) fn new(cx: &Cx, user: &User) -> Self {
        let (status, since) = match user.status {
            UserStatus::Active => ("active", None),
            UserStatus::Locked { at } => ("locked", Some(at)),
            UserStatus::Disabled { at } => ("disabled", Some(at)),
        };
        Self {
            id: user.id.to_string(),
            username: user.username.to_string(),
            name: user.name.clone(),
            email: user.email.clone(),
            email_verified: user.email_verified,
            claims: user.claims.clone(),
            status,
            status_since: since.map(time),
            has_password: user.password.is_some(),
            password_outdated: has_outdated_password(cx, user),
            created_at: time(user.created_at),
            updated_at: time(user.updated_at),
        }
    }
}

/// What a person logs in with, beside a password.
#[derive(Serialize)]
pub(super) struct AuthenticatorView {
    id: String,
    kind: String,
    is_fob: bool,
    name: String,
    created_at: String,
    last_used_at: Option<String>,
}

impl AuthenticatorView {
    pub(super) fn new(authenticator: &Authenticator) -> Self {
        Self {
            id: authenticator.id.to_string(),
            kind: authenticator.kind.as_str().to_owned(),
            is_fob: authenticator.kind.fob().is_some(),
            name: authenticator.name.as_str().to_owned(),
            created_at: time(authenticator.created_at),
            last_used_at: authenticator.last_used_at.map(time),
        }
    }

    pub(super) fn line(&self) -> String {
        let kind = if self.is_fob { "key fob, " } else { "" };
        let used =
            self.last_used_at.as_ref().map_or_else(|| "never used".to_owned(), |at| format!("used {at}"));
        format!("{}: {kind}{}, {used}", self.name, self.kind)
    }
}

/// An application or service.
#[derive(Serialize)]
pub(super) struct ClientView {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kind: ClientKind,
    pub(super) status: &'static str,
    pub(super) status_since: Option<String>,
    pub(super) auth_method: ClientAuthMethod,
    pub(super) grant_types: Vec<tessera_oauth::token::GrantType>,
    pub(super) redirect_uris: Vec<String>,
    pub(super) post_logout_redirect_uris: Vec<String>,
    pub(super) scope: String,
    pub(super) audiences: Vec<String>,
    pub(super) pkce: PkcePolicy,
    pub(super) pkce_proven_at: Option<String>,
    pub(super) require_consent: bool,
    pub(super) id_token_claims: bool,
    pub(super) confirm_logout: bool,
    pub(super) id_token_alg: &'static str,
    pub(super) access_token_seconds: Option<u32>,
    pub(super) refresh_tokens: RefreshTokens,
    /// Names of settings that a newer version of Tessera chose and this one does not know.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) not_understood: BTreeSet<String>,
    pub(super) secrets: Vec<SecretView>,
    pub(super) created_at: String,
    pub(super) updated_at: String,
}

/// That a secret exists, not what it is.
#[derive(Serialize)]
pub(super) struct SecretView {
    pub(super) created_at: String,
    pub(super) expires_at: Option<String>,
}

impl From<&Client> for ClientView {
    fn from(client: &Client) -> Self {
        let (status, since) = match client.status {
            ClientStatus::Active => ("active", None),
            ClientStatus::Disabled { at } => ("disabled", Some(at)),
        };
        let settings = &client.settings;
        let texts =
            |uris: &[tessera_oauth::redirect::RedirectUri]| uris.iter().map(ToString::to_string).collect();
        let secret = |secret: &tessera_model::ClientSecret| SecretView {
            created_at: time(secret.created_at),
            expires_at: secret.expires_at.map(time),
        };
        Self {
            id: client.id.to_string(),
            name: client.name.clone(),
            kind: client.kind,
            status,
            status_since: since.map(time),
            auth_method: settings.auth_method,
            grant_types: settings.grant_types.clone(),
            redirect_uris: texts(&settings.redirect_uris),
            post_logout_redirect_uris: texts(&settings.post_logout_redirect_uris),
            scope: settings.scopes.to_string(),
            audiences: settings.audiences.clone(),
            pkce: settings.pkce,
            pkce_proven_at: client.pkce_proven_at.map(time),
            require_consent: settings.require_consent,
            id_token_claims: settings.id_token_claims,
            confirm_logout: settings.confirm_logout,
            id_token_alg: settings.id_token_signed_response_alg.map_or("unknown", Algorithm::as_str),
            access_token_seconds: settings.access_token_seconds,
            refresh_tokens: settings.refresh_tokens,
            not_understood: settings.not_understood.clone(),
            secrets: client.secrets.iter().map(secret).collect(),
            created_at: time(client.created_at),
            updated_at: time(client.updated_at),
        }
    }
}

/// An API.
#[derive(Serialize)]
pub(super) struct ApiView {
    pub(super) audience: String,
    pub(super) name: String,
    pub(super) status: &'static str,
    pub(super) status_since: Option<String>,
    pub(super) scopes: Vec<ScopeDefinition>,
    pub(super) token_form: &'static str,
    pub(super) token_type: &'static str,
    pub(super) access_token_alg: &'static str,
    pub(super) access_token_seconds: u32,
    /// Names of settings that a newer version of Tessera chose and this one does not know.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) not_understood: BTreeSet<String>,
    pub(super) created_at: String,
    pub(super) updated_at: String,
}

impl From<&Api> for ApiView {
    fn from(api: &Api) -> Self {
        let (status, since) = match api.status {
            ApiStatus::Active => ("active", None),
            ApiStatus::Disabled { at } => ("disabled", Some(at)),
        };
        let (form, typ, alg) = match api.settings.token_form {
            TokenForm::Jwt { alg, typ } => ("jwt", typ.as_str(), alg.as_str()),
            TokenForm::Unknown => ("unknown", "unknown", "unknown"),
        };
        Self {
            audience: api.audience.clone(),
            name: api.name.clone(),
            status,
            status_since: since.map(time),
            scopes: api.settings.scopes.clone(),
            token_form: form,
            token_type: typ,
            access_token_alg: alg,
            access_token_seconds: api.settings.access_token_seconds,
            not_understood: api.settings.not_understood.clone(),
            created_at: time(api.created_at),
            updated_at: time(api.updated_at),
        }
    }
}

/// A group of people.
#[derive(Serialize)]
pub(super) struct GroupView {
    pub(super) name: String,
    pub(super) description: Option<String>,
    /// How many people are in it, where they were counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) members: Option<u64>,
    pub(super) created_at: String,
}

impl GroupView {
    pub(super) fn new(group: &Group, members: Option<u64>) -> Self {
        Self {
            name: group.name.to_string(),
            description: group.description.clone(),
            members,
            created_at: time(group.created_at),
        }
    }
}

/// A key, without its private part.
#[derive(Serialize)]
pub(super) struct KeyView {
    pub(super) id: String,
    pub(super) purpose: String,
    pub(super) state: &'static str,
    pub(super) kid: Option<String>,
    pub(super) created_at: String,
    pub(super) activated_at: Option<String>,
    pub(super) activates_at: Option<String>,
    pub(super) retired_at: Option<String>,
    /// What happens to it next, and when a server has planned that.
    pub(super) next_step: Option<&'static str>,
    pub(super) next_step_at: Option<String>,
}

impl From<&KeyInfo> for KeyView {
    fn from(key: &KeyInfo) -> Self {
        let (state, retired) = match key.stored.state {
            KeyState::Next => ("next", None),
            KeyState::Active => ("active", None),
            KeyState::Retired { at } => ("retired", Some(at)),
        };
        Self {
            id: key.stored.id.to_string(),
            purpose: key.stored.purpose.to_string(),
            state,
            kid: key.kid.clone(),
            created_at: time(key.stored.created_at),
            activated_at: key.stored.activated_at.map(time),
            activates_at: key.stored.due_at.filter(|_| key.next_step == Some(NextStep::Signs)).map(time),
            retired_at: retired.map(time),
            next_step: key.next_step.map(|step| match step {
                NextStep::Signs => "signs",
                NextStep::GetsSuccessor => "gets_successor",
                NextStep::Retires => "retires",
                NextStep::IsRemoved => "is_removed",
            }),
            next_step_at: key.stored.due_at.map(time),
        }
    }
}

/// A line about settings of a newer version, where there are any.
pub(super) fn not_understood(settings: &BTreeSet<String>) -> Option<(&'static str, Vec<String>)> {
    (!settings.is_empty()).then(|| ("of a newer version", settings.iter().cloned().collect()))
}

/// Table rows for entries whose rows in the database cannot be read. Only their names are known.
pub(super) fn unreadable(names: &[&str]) -> impl Iterator<Item = [String; 4]> {
    names.iter().map(|name| [(*name).to_owned(), String::new(), String::new(), "unreadable".to_owned()])
}

pub(super) fn time(at: Timestamp) -> String {
    text::time(at.seconds())
}
