//! `tessera client add`.

use std::time::Duration;

use tessera_app::Cx;
use tessera_app::clients::{self, AddError, NewClient};
use tessera_jose::Algorithm;
use tessera_model::{ClientAuthMethod, ClientId, ClientKind, PkcePolicy};
use tessera_oauth::redirect::RedirectUri;
use tessera_oauth::scope::ScopeSet;

use super::super::views::ClientView;
use crate::config::duration;
use crate::failure::Failure;
use crate::output::Output;
use crate::text::{shown, shown_lines};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What kind of program it is
    #[arg(long, value_enum)]
    kind: Kind,
    /// Shown on the consent page
    #[arg(long)]
    name: String,
    /// `client_id` [default: one is made up]
    #[arg(long)]
    id: Option<ClientId>,
    /// Where codes go; may be given more than once
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<RedirectUri>,
    /// Where logout may go; may be given more than once
    #[arg(long = "post-logout-redirect-uri", value_name = "URI")]
    post_logout_redirect_uris: Vec<RedirectUri>,
    /// Everything it may ask for, separated by spaces
    #[arg(long, value_name = "SCOPES", default_value = "")]
    scope: String,
    /// API it may ask tokens for; may be given more than once
    #[arg(long = "audience", value_name = "URI")]
    audiences: Vec<String>,
    /// How it authenticates [default: basic for web and service, none for spa and native]
    #[arg(long, value_enum)]
    auth_method: Option<Method>,
    /// First-party: do not ask people for consent
    #[arg(long)]
    no_consent: bool,
    /// For confidential OpenID Connect clients that cannot do PKCE
    #[arg(long)]
    no_pkce: bool,
    /// Signature of its ID tokens: RS256, ES256, EdDSA or Ed25519
    #[arg(long, value_name = "ALG", default_value = "RS256")]
    id_token_alg: Algorithm,
    /// Access-token lifetime, if shorter than the API's
    #[arg(long, value_name = "DURATION", value_parser = duration::argument)]
    access_token_lifetime: Option<Duration>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Kind {
    /// Server-side web application
    Web,
    /// Single-page application
    Spa,
    /// Mobile or desktop application
    Native,
    /// Machine without a person
    Service,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Method {
    /// No secret
    None,
    /// Secret in the Authorization header
    Basic,
    /// Secret in the form
    Post,
}

pub(super) async fn run(cx: &Cx, output: Output, args: Args) -> Result<(), Failure> {
    let added = clients::add(cx, args.into_new_client()?).await?;
    let mut answer = serde_json::to_value(ClientView::from(&added.client)).unwrap_or_default();
    if let Some(secret) = &added.secret {
        answer["client_secret"] = serde_json::Value::from(secret.as_str());
    }
    output.show(&answer, || {
        let client = &added.client;
        let secret = added
            .secret
            .as_ref()
            .map_or_else(String::new, |secret| format!("\nSecret, shown once: {}", secret.as_str()));
        format!("Registered {}.\nclient_id: {}{secret}", shown(&client.name), client.id)
    })
}

impl Args {
    fn into_new_client(self) -> Result<NewClient, Failure> {
        let scopes: ScopeSet =
            self.scope.parse().map_err(|error| Failure::data(format!("--scope: {error}")))?;
        let seconds =
            self.access_token_lifetime.map(|span| u32::try_from(span.as_secs()).unwrap_or(u32::MAX));
        Ok(NewClient {
            id: self.id,
            kind: match self.kind {
                Kind::Web => ClientKind::Web,
                Kind::Spa => ClientKind::Spa,
                Kind::Native => ClientKind::Native,
                Kind::Service => ClientKind::Service,
            },
            name: self.name,
            auth_method: self.auth_method.map(|method| match method {
                Method::None => ClientAuthMethod::None,
                Method::Basic => ClientAuthMethod::ClientSecretBasic,
                Method::Post => ClientAuthMethod::ClientSecretPost,
            }),
            redirect_uris: self.redirect_uris,
            post_logout_redirect_uris: self.post_logout_redirect_uris,
            scopes,
            audiences: self.audiences,
            pkce: if self.no_pkce { PkcePolicy::Off } else { PkcePolicy::Required },
            require_consent: !self.no_consent,
            id_token_alg: self.id_token_alg,
            access_token_seconds: seconds,
            ..NewClient::new(ClientKind::Web, "")
        })
    }
}

impl From<AddError> for Failure {
    fn from(error: AddError) -> Self {
        let message = shown_lines(&error.to_string());
        match error {
            AddError::Store(fault) => fault.into(),
            AddError::Key(error) => error.into(),
            AddError::Invalid(_) | AddError::Taken => Self::data(message),
        }
    }
}
