//! `tessera client …`: applications and services that ask for tokens.

mod add;
mod options;
mod update;

use tessera_app::access::AccessError;
use tessera_app::clients::{self, ClientError};
use tessera_app::{Cx, Fault};
use tessera_model::{Client, ClientId, PkcePolicy, RefreshTokens};
use tessera_oauth::token::GrantType;

use super::args::{Invocation, NounArgs};
use super::views::{self, ClientView};
use crate::config::Environment;
use crate::failure::Failure;
use crate::output::{Output, one, record, table};
use crate::problem::refused;
use crate::secret_input::confirm;
use crate::text::{for_terminal, span};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    /// Register a client and print its secret once
    Add(Box<add::Args>),
    /// Show all clients
    List,
    /// Show one client
    Show {
        /// `client_id`
        client: ClientId,
    },
    /// Change the settings that are given; the rest stays as it is
    Update(Box<update::Args>),
    /// Make a new secret and print it once; the old one works for another `lifetimes.client_secret_overlap`
    RotateSecret {
        /// `client_id`
        client: ClientId,
    },
    /// Disable a client and revoke its tokens
    Disable(ConfirmedClientArgs),
    /// Delete a client and all its grants
    Delete(ConfirmedClientArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct ConfirmedClientArgs {
    /// `client_id`
    client: ClientId,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
}

pub(crate) async fn run(args: NounArgs<Verb>, environment: &Environment) -> Result<(), Failure> {
    let Invocation { ref cx, output, verb } = args.open(environment).await?;
    match verb {
        Verb::Add(args) => add::run(cx, output, *args).await,
        Verb::List => list(cx, output).await,
        Verb::Show { client } => {
            let view = ClientView::from(&find(cx, &client).await?);
            output.print(&view, || text(&view))
        }
        Verb::Update(args) => {
            find(cx, &args.client).await?;
            update::run(cx, output, *args).await
        }
        Verb::RotateSecret { client } => rotate_secret(cx, output, &client).await,
        Verb::Disable(ConfirmedClientArgs { client, yes }) => {
            let name = name_for_question(cx, &client).await?;
            confirm(&format!("Disable {name}?"), yes)?;
            let client_now = clients::disable(&cx.renewed(), &client).await?;
            output.print(&disabled(&client, client_now.as_ref()), || {
                "Disabled. Its tokens stop working within a second.".to_owned()
            })
        }
        Verb::Delete(ConfirmedClientArgs { client, yes }) => {
            let name = name_for_question(cx, &client).await?;
            confirm(&format!("Delete {name} and all its grants?"), yes)?;
            clients::delete(&cx.renewed(), &client).await?;
            output.print(&serde_json::json!({ "deleted": client }), || format!("Deleted {client}."))
        }
    }
}

async fn find(cx: &Cx, id: &ClientId) -> Result<Client, Failure> {
    match find_readable(cx, id).await? {
        Ok(client) => Ok(client),
        Err(why) => {
            Err(Failure::config(format!("the row of client {id} cannot be read: {why}")).hint(format!(
                "The server treats it as disabled. `tessera client disable {id}` revokes its tokens, \
             `tessera client delete {id}` deletes it."
            )))
        }
    }
}

/// Finds a client, or tells why its row cannot be read. Such a client can still be disabled and deleted.
async fn find_readable(cx: &Cx, id: &ClientId) -> Result<Result<Client, Fault>, Failure> {
    match clients::find(cx, id).await {
        Ok(Some(client)) => Ok(Ok(client)),
        Ok(None) => {
            Err(Failure::data(format!("no such client: {id}"))
                .hint("`tessera client list` shows all clients."))
        }
        Err(AccessError::Store(why @ Fault::Corrupt(_))) => Ok(Err(why)),
        Err(error) => Err(error.into()),
    }
}

async fn name_for_question(cx: &Cx, id: &ClientId) -> Result<String, Failure> {
    Ok(match find_readable(cx, id).await? {
        Ok(client) => format!("{} ({id})", for_terminal(&client.name)),
        Err(_) => id.to_string(),
    })
}

/// A client after it was disabled, also where its row cannot be read.
fn disabled(id: &ClientId, client: Option<&Client>) -> serde_json::Value {
    match client {
        Some(client) => serde_json::to_value(ClientView::from(client)).unwrap_or_default(),
        None => serde_json::json!({ "id": id, "status": "disabled" }),
    }
}

async fn list(cx: &Cx, output: Output) -> Result<(), Failure> {
    let clients = clients::list(cx).await?;
    let views: Vec<ClientView> = clients.entries.iter().map(ClientView::from).collect();
    let unreadable: Vec<&str> = clients.unreadable.iter().map(|row| row.name.as_str()).collect();
    output.print(&serde_json::json!({ "clients": views, "unreadable": unreadable }), || {
        if views.is_empty() && unreadable.is_empty() {
            return "No clients yet. Register one with `tessera client add`.".to_owned();
        }
        let kind = |view: &ClientView| word(&view.kind);
        let rows =
            views.iter().map(|view| [view.id.clone(), view.name.clone(), kind(view), view.status.to_owned()]);
        table(["ID", "NAME", "KIND", "STATUS"], rows.chain(views::unreadable(&unreadable)))
    })
}

async fn rotate_secret(cx: &Cx, output: Output, id: &ClientId) -> Result<(), Failure> {
    find(cx, id).await?;
    let secret = clients::rotate_secret(cx, id).await?.secret;
    let overlap = cx.app.config().lifetimes.secret_overlap.as_secs();
    let answer = serde_json::json!({
        "id": id,
        "client_secret": secret.as_str(),
        "previous_secret_expires_in": overlap,
    });
    output.print(&answer, || {
        format!(
            "Secret, shown once: {}\nThe previous one works for another {}.",
            secret.as_str(),
            span(overlap)
        )
    })
}

fn text(view: &ClientView) -> String {
    let yes_no = |value: bool| if value { "yes" } else { "no" }.to_owned();
    let secrets = view.secrets.iter().map(|secret| match &secret.expires_at {
        Some(at) => format!("of {}, works until {at}", secret.created_at),
        None => format!("of {}", secret.created_at),
    });
    let pkce = match &view.pkce_proven_at {
        Some(at) if view.pkce == PkcePolicy::Auto => format!("auto, required since it was proven on {at}"),
        Some(_) | None if view.pkce == PkcePolicy::Auto => "auto, not proven yet".to_owned(),
        Some(_) | None => word(&view.pkce),
    };
    let lifetime =
        view.access_token_seconds.map_or_else(|| "as its APIs".to_owned(), |seconds| span(seconds.into()));
    record(
        [
            one("id", view.id.clone()),
            one("name", view.name.clone()),
            one("kind", word(&view.kind)),
            one("status", view.status.to_owned()),
            one("authenticates by", word(&view.auth_method)),
            one("grant types", view.grant_types.iter().map(word).collect::<Vec<_>>().join(" ")),
            ("redirect URIs", view.redirect_uris.clone()),
            ("after logout", view.post_logout_redirect_uris.clone()),
            one("scope", view.scope.clone()),
            ("audiences", view.audiences.clone()),
            one("PKCE", pkce),
            one("asks for consent", yes_no(view.require_consent)),
            one("asks before logout", yes_no(view.confirm_logout)),
            one("claims in ID tokens", yes_no(view.id_token_claims)),
            one("ID tokens", view.id_token_alg.to_owned()),
            one("access tokens live", lifetime),
            one("refresh tokens", refresh_tokens(view)),
            ("secrets", secrets.collect()),
            one("created", view.created_at.clone()),
            one("changed", view.updated_at.clone()),
        ]
        .into_iter()
        .chain(views::not_understood(&view.not_understood)),
    )
}

fn refresh_tokens(view: &ClientView) -> String {
    if !view.grant_types.contains(&GrantType::RefreshToken) {
        return "none".to_owned();
    }
    match view.refresh_tokens {
        RefreshTokens::Always => "always; without offline_access they end with the session".to_owned(),
        RefreshTokens::OfflineAccess => "with offline_access only".to_owned(),
        RefreshTokens::Unknown => "by a rule of a newer version; none here".to_owned(),
    }
}

/// The word that JSON has for a value.
fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Invalid(problems) => refused(&problems),
            ClientError::NotFound | ClientError::Taken | ClientError::Public => Self::data(error.to_string()),
            ClientError::Key(error) => error.into(),
            ClientError::Access(error) => error.into(),
            ClientError::Store(fault) => fault.into(),
        }
    }
}
