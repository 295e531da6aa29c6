//! What `client add` and `client update` have in common.

use std::time::Duration;

use tessera_jose::Algorithm;
use tessera_model::{ClientAuthMethod, PkcePolicy, RefreshTokens};
use tessera_oauth::scope::ScopeSet;

use crate::config::duration;
use crate::failure::Failure;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Everything it may ask for, separated by spaces [default: openid profile email; none for service]
    #[arg(long, value_name = "SCOPES")]
    scope: Option<String>,
    /// API it may ask tokens for, the default first; may be given more than once
    #[arg(long = "audience", value_name = "URI")]
    pub(super) audiences: Vec<String>,
    /// How it authenticates [default: secret for web and service, none for spa and native]
    #[arg(long, value_enum)]
    auth_method: Option<Method>,
    /// Whether its authorization requests need PKCE [default: auto for web, required for spa and native]
    #[arg(long, value_enum)]
    pkce: Option<Pkce>,
    /// When it gets refresh tokens [default: always]
    #[arg(long, value_enum)]
    refresh_tokens: Option<Refreshing>,
    /// First-party: do not ask people for consent
    #[arg(long)]
    no_consent: bool,
    /// Put the claims of its scopes into ID tokens, for applications that read nothing else
    #[arg(long)]
    id_token_claims: bool,
    /// Skip our logout question when it sends a good ID token (it asks people itself)
    #[arg(long)]
    no_logout_question: bool,
    /// A web client: issue tokens for itself too
    #[arg(long)]
    client_credentials: bool,
    /// Signature of its ID tokens: RS256, ES256, EdDSA or Ed25519 [default: RS256]
    #[arg(long, value_name = "ALG")]
    pub(super) id_token_alg: Option<Algorithm>,
    /// Access-token lifetime, if shorter than the API's
    #[arg(long, value_name = "DURATION", value_parser = duration::argument)]
    access_token_lifetime: Option<Duration>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Method {
    /// No secret
    None,
    /// Secret in the Authorization header or in the form
    Secret,
    /// Secret in the Authorization header only
    Basic,
    /// Secret in the form only
    Post,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Pkce {
    /// As soon as it has proven that it can
    Auto,
    /// Always
    Required,
    /// Not required, except for schemes of its own
    Off,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Refreshing {
    /// With every login; without `offline_access` they end with the session
    Always,
    /// Where the person granted `offline_access`
    OfflineAccess,
}

impl Options {
    pub(super) fn refresh_tokens(&self) -> Option<RefreshTokens> {
        self.refresh_tokens.map(|when| match when {
            Refreshing::Always => RefreshTokens::Always,
            Refreshing::OfflineAccess => RefreshTokens::OfflineAccess,
        })
    }

    pub(super) fn scopes(&self) -> Result<Option<ScopeSet>, Failure> {
        let parsed = self.scope.as_deref().map(ScopeSet::requested).transpose();
        parsed.map_err(|error| Failure::data(format!("--scope: {error}")))
    }

    pub(super) fn auth_method(&self) -> Option<ClientAuthMethod> {
        self.auth_method.map(|method| match method {
            Method::None => ClientAuthMethod::None,
            Method::Secret => ClientAuthMethod::ClientSecret,
            Method::Basic => ClientAuthMethod::ClientSecretBasic,
            Method::Post => ClientAuthMethod::ClientSecretPost,
        })
    }

    pub(super) fn pkce(&self) -> Option<PkcePolicy> {
        self.pkce.map(|pkce| match pkce {
            Pkce::Auto => PkcePolicy::Auto,
            Pkce::Required => PkcePolicy::Required,
            Pkce::Off => PkcePolicy::Off,
        })
    }

    pub(super) fn seconds(&self) -> Option<u32> {
        self.access_token_lifetime.map(|span| u32::try_from(span.as_secs()).unwrap_or(u32::MAX))
    }

    pub(super) fn require_consent(&self) -> Option<bool> {
        self.no_consent.then_some(false)
    }

    pub(super) fn id_token_claims(&self) -> Option<bool> {
        self.id_token_claims.then_some(true)
    }

    pub(super) fn confirm_logout(&self) -> Option<bool> {
        self.no_logout_question.then_some(false)
    }

    pub(super) fn client_credentials(&self) -> Option<bool> {
        self.client_credentials.then_some(true)
    }
}
