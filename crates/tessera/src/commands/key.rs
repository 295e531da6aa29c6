//! `tessera key …`: keys of the issuer.

use std::time::Duration;

use tessera_app::Cx;
use tessera_app::keys::rotate::{self, Requested};
use tessera_app::keys::{self, KeyInfo, ManageError};
use tessera_model::{KeyPurpose, Timestamp};

use super::args::{Invocation, NounArgs};
use super::views::{KeyView, time};
use crate::config::Environment;
use crate::failure::Failure;
use crate::output::{Output, table};

/// How often, and how long apart, `key rotate` looks whether a server has planned when the key signs.
const PLAN_LOOKS: u32 = 12;
const PLAN_PAUSE: Duration = Duration::from_millis(250);

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    /// Show all keys, without their private parts
    List,
    /// Publish the successor of a key now; it signs after the server's `keys.publish_ahead`
    Rotate {
        /// Purpose of the key as `key list` shows it, such as access:ES256
        #[arg(value_parser = purpose)]
        purpose: KeyPurpose,
    },
}

pub(crate) async fn run(args: NounArgs<Verb>, environment: &Environment) -> Result<(), Failure> {
    let Invocation { ref cx, output, verb } = args.open(environment).await?;
    match verb {
        Verb::List => list(cx, output).await,
        Verb::Rotate { purpose } => rotate(cx, output, purpose).await,
    }
}

async fn list(cx: &Cx, output: Output) -> Result<(), Failure> {
    let views: Vec<KeyView> = keys::list(cx).await?.iter().map(KeyView::from).collect();
    output.print(&serde_json::json!({ "keys": views }), || {
        let since = |view: &KeyView| match (&view.retired_at, &view.activated_at) {
            (Some(at), _) | (None, Some(at)) => at.clone(),
            (None, None) => view.created_at.clone(),
        };
        let rows = views.iter().map(|view| {
            [
                view.purpose.clone(),
                view.state.to_owned(),
                since(view),
                next_step(view),
                view.kid.clone().unwrap_or_default(),
            ]
        });
        table(["PURPOSE", "STATE", "SINCE", "NEXT", "KID"], rows)
    })
}

/// What will happen to a key, as the server that will do it has planned it.
fn next_step(view: &KeyView) -> String {
    let Some(step) = view.next_step else { return String::new() };
    let at = view.next_step_at.as_deref().unwrap_or("a time that no server has planned yet");
    format!("{} at {at}", step.replace('_', " "))
}

async fn rotate(cx: &Cx, output: Output, purpose: KeyPurpose) -> Result<(), Failure> {
    let (outcome, key, said) = match rotate::request(cx, purpose).await? {
        Requested::Published(key) => ("published", key, "Published a successor."),
        Requested::AlreadyPublished(key) => {
            ("already_published", key, "A successor has been published already.")
        }
    };
    let at = planned(cx, key).await?.map(time);
    let answer =
        serde_json::json!({ "purpose": purpose.to_string(), "outcome": outcome, "activates_at": at });
    output.print(&answer, || match &at {
        Some(at) => format!("{said} It signs from {at}. Until then verifiers have time to fetch it."),
        None => format!(
            "{said} No server has planned yet when it signs: one does within seconds of its start, and `tessera key list` shows it."
        ),
    })
}

/// Waits a moment for a server to plan when this key signs. Only a server knows, because its configuration may be another one.
async fn planned(cx: &Cx, key: KeyInfo) -> Result<Option<Timestamp>, Failure> {
    let mut due_at = key.stored.due_at;
    for _ in 0..PLAN_LOOKS {
        if due_at.is_some() {
            break;
        }
        tokio::time::sleep(PLAN_PAUSE).await;
        let keys = keys::list(cx).await?;
        due_at = keys.iter().find(|other| other.stored.id == key.stored.id).and_then(|key| key.stored.due_at);
    }
    Ok(due_at)
}

impl From<ManageError> for Failure {
    fn from(error: ManageError) -> Self {
        match error {
            ManageError::NotRotatable(_) | ManageError::TooManyPublished => Self::data(error.to_string()),
            ManageError::Key(error) => error.into(),
            ManageError::Access(error) => error.into(),
            ManageError::Store(fault) => fault.into(),
        }
    }
}

fn purpose(text: &str) -> Result<KeyPurpose, String> {
    KeyPurpose::parse(text)
        .ok_or_else(|| "expected a purpose from `tessera key list`, such as access:ES256".to_owned())
}
