//! `tessera key …`: keys of the issuer.

use tessera_app::Cx;
use tessera_app::keys::rotate::{self, Requested};
use tessera_app::keys::{self, ManageError};
use tessera_model::KeyPurpose;

use super::args::{Invocation, NounArgs};
use super::views::{KeyView, time};
use crate::config::Environment;
use crate::failure::Failure;
use crate::output::{Output, table};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    /// Show all keys, without their private parts
    List,
    /// Publish the successor of a key now; it signs after `keys.publish_ahead`
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
        let since = |view: &KeyView| match (&view.activates_at, &view.retired_at, &view.activated_at) {
            (Some(at), _, _) => format!("signs from {at}"),
            (_, Some(at), _) | (_, _, Some(at)) => format!("since {at}"),
            (None, None, None) => String::new(),
        };
        let rows = views.iter().map(|view| {
            [view.purpose.clone(), view.state.to_owned(), since(view), view.kid.clone().unwrap_or_default()]
        });
        table(["PURPOSE", "STATE", "", "KID"], rows)
    })
}

async fn rotate(cx: &Cx, output: Output, purpose: KeyPurpose) -> Result<(), Failure> {
    let (outcome, key, said) = match rotate::request(cx, purpose).await? {
        Requested::Published(key) => ("published", key, "Published a successor."),
        Requested::AlreadyPublished(key) => {
            ("already_published", key, "A successor has been published already.")
        }
    };
    let at = key.activates_at.map(time).unwrap_or_default();
    let answer =
        serde_json::json!({ "purpose": purpose.to_string(), "outcome": outcome, "activates_at": at });
    output
        .print(&answer, || format!("{said} It signs from {at}. Until then verifiers have time to fetch it."))
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
