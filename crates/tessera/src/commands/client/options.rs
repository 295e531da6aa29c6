//! The options that `client add` and `client update` share.

use std::time::Duration;

use tessera_jose::Algorithm;
use tessera_model::{ClientAuthMethod, PkcePolicy, RefreshTokens};
use tessera_oauth::scope::ScopeSet;

use crate::config::duration;
use crate::failure::Failure;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Scopes that it may ask for, separated by spaces [default: openid profile email; none for service]
    #[arg(long, value_name = "SCOPES")]
    scope: Option<String>,
    /// API that it may ask tokens for; may be given more than once, the first is the default
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
    refresh_tokens: Option<RefreshPolicy>,
    /// Do not ask people for consent: for your own applications
    #[arg(long)]
    no_consent: bool,
    /// Put the claims of its scopes into ID tokens, for applications that read nothing else
    #[arg(long)]
    id_token_claims: bool,
    /// Do not ask before a logout that a valid ID token of the client begins: for clients that ask people themselves
    #[arg(long)]
    no_logout_question: bool,
    /// Also issue tokens to a web client for itself
    #[arg(long)]
    client_credentials: bool,
    /// Signature algorithm of its ID tokens: RS256, ES256, EdDSA or Ed25519 [default: RS256]
    #[arg(long, value_name = "ALG")]
    pub(super) id_token_alg: Option<Algorithm>,
    /// Lifetime of its access tokens, if shorter than the API's
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
    /// Required once the client has proven that it can do PKCE
    Auto,
    /// Always required
    Required,
    /// Not required, except for redirect URIs with a scheme of its own
    Off,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum RefreshPolicy {
    /// With every login; without `offline_access` they end with the session
    Always,
    /// Only if the person granted `offline_access`
    OfflineAccess,
}

impl Options {
    pub(super) fn refresh_tokens(&self) -> Option<RefreshTokens> {
        self.refresh_tokens.map(|when| match when {
            RefreshPolicy::Always => RefreshTokens::Always,
            RefreshPolicy::OfflineAccess => RefreshTokens::OfflineAccess,
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
