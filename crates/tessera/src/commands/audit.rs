//! `tessera audit …`: what has happened.

mod filter;
mod follow;
mod view;

use tessera_app::Cx;
use tessera_app::audit;

use super::args::{Invocation, NounArgs};
use crate::config::Environment;
use crate::failure::Failure;
use crate::output::{Output, record, table};
use filter::{EventName, Filter, Subject};
use view::EventView;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    /// Show events, newest first
    List {
        #[command(flatten)]
        filter: Filter,
        /// How many [default: 100; with --follow 10 to begin with]
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: Option<u32>,
        /// Only events before this one, to go on with the next page: its id
        #[arg(long, value_name = "ID")]
        before: Option<EventName>,
        /// Show the last events, oldest first, and then new ones as they come
        #[arg(long, conflicts_with_all = ["before", "until"])]
        follow: bool,
    },
    /// Show one event, or all events of one request, with everything that they hold
    Show {
        /// The id of an event, or the reference of a request: error pages show it, and the header X-Request-Id
        #[arg(value_name = "ID|REFERENCE")]
        subject: Subject,
    },
}

/// Most events of one request that are shown.
const MOST_OF_A_REQUEST: u32 = 1_000;

pub(crate) async fn run(args: NounArgs<Verb>, environment: &Environment) -> Result<(), Failure> {
    let Invocation { ref cx, output, verb } = args.open(environment).await?;
    match verb {
        Verb::List { filter, limit, before: _, follow: true } => {
            follow::follow(cx, output, filter.read(cx).await?, limit.unwrap_or(10)).await
        }
        Verb::List { filter, limit, before, follow: false } => {
            let filter = audit::AuditFilter { after: before.map(EventName::place), ..filter.read(cx).await? };
            list(cx, output, &filter, limit.unwrap_or(100)).await
        }
        Verb::Show { subject } => show(cx, output, &subject).await,
    }
}

async fn list(cx: &Cx, output: Output, filter: &audit::AuditFilter, limit: u32) -> Result<(), Failure> {
    let page = audit::list(cx, filter, limit).await?;
    let views: Vec<EventView<'_>> = page.events.iter().map(EventView::from).collect();
    let next = page.next.map(|place| EventName::from(place).to_string());
    output.print(&serde_json::json!({ "events": views, "next": next }), || {
        if views.is_empty() {
            return "No such events.".to_owned();
        }
        let rows = views.iter().map(|view| view.cells().map(str::to_owned));
        let table = table(["TIME", "CODE", "ACTOR", "ABOUT", "ADDRESS", "DETAIL", "REFERENCE"], rows);
        match &next {
            Some(next) => format!("{table}\nMore: --before {next}"),
            None => table,
        }
    })
}

async fn show(cx: &Cx, output: Output, subject: &Subject) -> Result<(), Failure> {
    let mut events = audit::list(cx, &subject.filter(), MOST_OF_A_REQUEST).await?.events;
    events.retain(|event| subject.means(event));
    events.reverse();
    if events.is_empty() {
        return Err(Failure::data(format!("no event has this id, and no request this reference: {subject}"))
            .hint("The trail keeps events as long as audit.retention says. Some refusals, such as those of malformed requests, are in the log alone."));
    }
    let views: Vec<EventView<'_>> = events.iter().map(EventView::from).collect();
    output.print(&serde_json::json!({ "events": views }), || {
        views.iter().map(|view| record(view.lines())).collect::<Vec<_>>().join("\n\n")
    })
}
