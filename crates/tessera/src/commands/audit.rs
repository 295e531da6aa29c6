//! `tessera audit …`: what has happened.

use serde::Serialize;
use tessera_app::Cx;
use tessera_app::audit::{self, AuditFilter};
use tessera_model::{ClientId, EventCode, RecordedEvent, UserId};

use super::args::{Invocation, NounArgs};
use super::views::time;
use crate::config::Environment;
use crate::failure::Failure;
use crate::output::{Output, table};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    /// Show events, newest first
    List(Filter),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Filter {
    /// Only events with this code, such as login.failed
    #[arg(long, value_parser = code)]
    code: Option<EventCode>,
    /// Only events about this person: username, or id, also of an erased account
    #[arg(long)]
    user: Option<String>,
    /// Only events about this client
    #[arg(long, value_name = "CLIENT_ID")]
    client: Option<ClientId>,
    /// How many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
}

/// An event, as programs read it.
#[derive(Serialize)]
struct EventView<'a> {
    id: String,
    at: String,
    code: &'a str,
    actor: &'a str,
    user_id: Option<String>,
    client_id: Option<&'a str>,
    session_id: Option<String>,
    grant_id: Option<String>,
    ip: Option<&'a str>,
    request_id: Option<&'a str>,
    detail: Option<&'a str>,
}

pub(crate) async fn run(args: NounArgs<Verb>, environment: &Environment) -> Result<(), Failure> {
    let Invocation { ref cx, output, verb } = args.open(environment).await?;
    match verb {
        Verb::List(filter) => list(cx, output, filter).await,
    }
}

async fn list(cx: &Cx, output: Output, filter: Filter) -> Result<(), Failure> {
    let Filter { code, user, client, limit } = filter;
    let user = match user {
        Some(user) => Some(user_id(cx, &user).await?),
        None => None,
    };
    let events = audit::list(cx, &AuditFilter { code, user, client, after: None }, limit).await?;
    let views: Vec<EventView<'_>> = events.iter().map(EventView::from).collect();
    output.print(&serde_json::json!({ "events": views }), || {
        if views.is_empty() {
            return "No such events.".to_owned();
        }
        let about = |view: &EventView<'_>| {
            let client = view.client_id.map(str::to_owned);
            view.user_id.clone().into_iter().chain(client).collect::<Vec<_>>().join(" ")
        };
        let text = |part: Option<&str>| part.unwrap_or_default().to_owned();
        let rows = views.iter().map(|view| {
            let (code, actor) = (view.code.to_owned(), view.actor.to_owned());
            [view.at.clone(), code, actor, about(view), text(view.ip), text(view.detail)]
        });
        table(["TIME", "CODE", "ACTOR", "ABOUT", "ADDRESS", "DETAIL"], rows)
    })
}

async fn user_id(cx: &Cx, user: &str) -> Result<UserId, Failure> {
    match user.parse() {
        Ok(id) => Ok(id),
        Err(_) => Ok(super::user::find(cx, user).await?.id),
    }
}

impl<'a> From<&'a RecordedEvent> for EventView<'a> {
    fn from(event: &'a RecordedEvent) -> Self {
        Self {
            id: event.id.to_string(),
            at: time(event.at),
            code: event.code.as_str(),
            actor: &event.actor,
            user_id: event.user_id.map(|id| id.to_string()),
            client_id: event.client_id.as_ref().map(ClientId::as_str),
            session_id: event.session_id.map(|id| id.to_string()),
            grant_id: event.grant_id.map(|id| id.to_string()),
            ip: event.ip.as_deref(),
            request_id: event.request_id.as_deref(),
            detail: event.detail.as_deref(),
        }
    }
}

fn code(text: &str) -> Result<EventCode, String> {
    EventCode::parse(text).ok_or_else(|| "no such code; docs/audit.md lists them".to_owned())
}
