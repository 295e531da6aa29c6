//! `tessera client add`.

use tessera_app::Cx;
use tessera_app::clients::{self, NewClient};
use tessera_model::{ClientId, ClientKind};
use tessera_oauth::redirect::RedirectUri;

use super::super::views::ClientView;
use super::options::Options;
use crate::failure::Failure;
use crate::output::Output;
use crate::text::for_terminal;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Kind of program
    #[arg(long, value_enum)]
    kind: Kind,
    /// Name on the consent page
    #[arg(long)]
    name: String,
    /// `client_id` [default: a generated one]
    #[arg(long)]
    id: Option<ClientId>,
    /// URI that authorization codes are sent to; may be given more than once
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<RedirectUri>,
    /// URI that a logout may redirect to; may be given more than once
    #[arg(long = "post-logout-redirect-uri", value_name = "URI")]
    post_logout_redirect_uris: Vec<RedirectUri>,
    #[command(flatten)]
    options: Options,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Kind {
    /// Server-side web application
    Web,
    /// Single-page application
    Spa,
    /// Mobile or desktop application
    Native,
    /// Service that acts without a person
    Service,
}

pub(super) async fn run(cx: &Cx, output: Output, args: Args) -> Result<(), Failure> {
    let added = clients::add(cx, args.into_new_client()?).await?;
    let mut answer = serde_json::to_value(ClientView::from(&added.client)).unwrap_or_default();
    if let Some(secret) = &added.secret {
        answer["client_secret"] = serde_json::Value::from(secret.as_str());
    }
    output.print(&answer, || {
        let client = &added.client;
        let secret = added
            .secret
            .as_ref()
            .map_or_else(String::new, |secret| format!("\nSecret, shown once: {}", secret.as_str()));
        format!("Registered {}.\nclient_id: {}{secret}", for_terminal(&client.name), client.id)
    })
}

impl Args {
    fn into_new_client(self) -> Result<NewClient, Failure> {
        let kind = match self.kind {
            Kind::Web => ClientKind::Web,
            Kind::Spa => ClientKind::Spa,
            Kind::Native => ClientKind::Native,
            Kind::Service => ClientKind::Service,
        };
        let (options, defaults) = (self.options, NewClient::new(kind, &self.name));
        Ok(NewClient {
            id: self.id,
            auth_method: options.auth_method(),
            redirect_uris: self.redirect_uris,
            post_logout_redirect_uris: self.post_logout_redirect_uris,
            refresh_tokens: options.refresh_tokens().unwrap_or(defaults.refresh_tokens),
            scopes: options.scopes()?.unwrap_or(defaults.scopes),
            pkce: options.pkce().unwrap_or(defaults.pkce),
            require_consent: options.require_consent().unwrap_or(defaults.require_consent),
            client_credentials: options.client_credentials().unwrap_or(defaults.client_credentials),
            id_token_claims: options.id_token_claims().unwrap_or(defaults.id_token_claims),
            confirm_logout: options.confirm_logout().unwrap_or(defaults.confirm_logout),
            id_token_alg: options.id_token_alg.unwrap_or(defaults.id_token_alg),
            access_token_seconds: options.seconds(),
            audiences: options.audiences,
            kind: defaults.kind,
            name: defaults.name,
        })
    }
}
