//! APIs (resource servers) that accept our tokens.

use serde::{Deserialize, Serialize};
use tessera_jose::Algorithm;
use tessera_oauth::scope::{Scope, ScopeSet};

use crate::Timestamp;

/// An API that verifies tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Api {
    /// `aud` of its tokens; an absolute URI (RFC 8707 section 2).
    pub audience: String,
    /// Shown on the consent page, at most 100 characters.
    pub name: String,
    /// Whether tokens are issued for it.
    pub status: ApiStatus,
    /// Everything an administrator chooses.
    pub settings: ApiSettings,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When any of this last changed.
    pub updated_at: Timestamp,
}

/// Whether tokens are issued for an API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiStatus {
    /// In use.
    Active,
    /// Turned off by an administrator.
    Disabled {
        /// Since when.
        at: Timestamp,
    },
}

/// What an administrator chooses for an API; stored as one JSON document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiSettings {
    /// The scopes it understands.
    pub scopes: Vec<ScopeDefinition>,
    /// What its access tokens are.
    pub token_form: TokenForm,
    /// Access-token lifetime, 10..=86,400 seconds (default 600).
    pub access_token_seconds: u32,
}

/// What the access tokens of an API are. One token for several APIs needs the same form at all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "snake_case", deny_unknown_fields)]
pub enum TokenForm {
    /// A JWT that the API verifies by itself (RFC 9068).
    Jwt {
        /// Its signature.
        alg: Algorithm,
    },
}

/// One scope of an API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeDefinition {
    /// What stands in the token.
    pub name: Scope,
    /// What the consent page tells the person, at most 200 characters.
    pub description: String,
}

impl Api {
    /// Whether tokens are issued for it.
    pub const fn is_active(&self) -> bool {
        match self.status {
            ApiStatus::Active => true,
            ApiStatus::Disabled { .. } => false,
        }
    }

    /// The names of its scopes.
    pub fn scope_names(&self) -> ScopeSet {
        self.settings.scopes.iter().map(|s| s.name.clone()).collect()
    }
}
