//! `tessera client update`.

use tessera_app::Cx;
use tessera_app::clients::{self, ClientChanges, ListChange};
use tessera_model::ClientId;
use tessera_oauth::redirect::RedirectUri;

use super::super::views::ClientView;
use super::options::Options;
use crate::failure::Failure;
use crate::output::Output;
use crate::text::for_terminal;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// `client_id`
    pub(super) client: ClientId,
    /// Name on the consent page
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    redirects: Redirects,
    #[command(flatten)]
    options: Options,
    /// Ask people for consent
    #[arg(long, conflicts_with = "no_consent")]
    consent: bool,
    /// Do not put the claims of its scopes into ID tokens
    #[arg(long, conflicts_with = "id_token_claims")]
    no_id_token_claims: bool,
    /// Ask people before every logout
    #[arg(long, conflicts_with = "no_logout_question")]
    logout_question: bool,
    /// Do not issue tokens to a web client for itself
    #[arg(long, conflicts_with = "client_credentials")]
    no_client_credentials: bool,
}

#[derive(Debug, clap::Args)]
struct Redirects {
    /// Replace all URIs that authorization codes are sent to; may be given more than once
    #[arg(long = "redirect-uri", value_name = "URI")]
    replace: Vec<RedirectUri>,
    /// Add a URI that authorization codes are sent to
    #[arg(long = "add-redirect-uri", value_name = "URI")]
    add: Vec<RedirectUri>,
    /// Remove a URI that authorization codes are sent to
    #[arg(long = "remove-redirect-uri", value_name = "URI")]
    remove: Vec<RedirectUri>,
    /// Replace all URIs that a logout may redirect to; may be given more than once
    #[arg(long = "post-logout-redirect-uri", value_name = "URI")]
    replace_post_logout: Vec<RedirectUri>,
    /// Add a URI that a logout may redirect to
    #[arg(long = "add-post-logout-redirect-uri", value_name = "URI")]
    add_post_logout: Vec<RedirectUri>,
    /// Remove a URI that a logout may redirect to
    #[arg(long = "remove-post-logout-redirect-uri", value_name = "URI")]
    remove_post_logout: Vec<RedirectUri>,
}

pub(super) async fn run(cx: &Cx, output: Output, args: Args) -> Result<(), Failure> {
    let id = args.client.clone();
    let changes = args.into_changes()?;
    if changes == ClientChanges::default() {
        return Err(Failure::usage("give at least one option")
            .hint("`tessera client update --help` lists the options."));
    }
    let client = clients::update(cx, &id, &changes).await?;
    output.print(&ClientView::from(&client), || {
        format!("Changed {} ({id}). Running servers follow within a second.", for_terminal(&client.name))
    })
}

impl Args {
    fn into_changes(self) -> Result<ClientChanges, Failure> {
        let Self { redirects, options, .. } = self;
        let set = |given: bool, value: bool| given.then_some(value);
        let some = |list: Vec<_>| Some(list).filter(|list| !list.is_empty());
        Ok(ClientChanges {
            name: self.name,
            redirect_uris: ListChange {
                replace: some(redirects.replace),
                add: redirects.add,
                remove: redirects.remove,
            },
            post_logout_redirect_uris: ListChange {
                replace: some(redirects.replace_post_logout),
                add: redirects.add_post_logout,
                remove: redirects.remove_post_logout,
            },
            scopes: options.scopes()?,
            auth_method: options.auth_method(),
            pkce: options.pkce(),
            refresh_tokens: options.refresh_tokens(),
            require_consent: options.require_consent().or(set(self.consent, true)),
            client_credentials: options.client_credentials().or(set(self.no_client_credentials, false)),
            id_token_claims: options.id_token_claims().or(set(self.no_id_token_claims, false)),
            confirm_logout: options.confirm_logout().or(set(self.logout_question, true)),
            id_token_alg: options.id_token_alg,
            access_token_seconds: options.seconds(),
            audiences: Some(options.audiences).filter(|list| !list.is_empty()),
        })
    }
}
