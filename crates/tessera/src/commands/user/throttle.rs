//! `tessera user throttle …`: the delays of logins after failures.

use tessera_app::{Cx, users};
use tessera_model::{Throttle, Timestamp};

use super::super::views::{UserView, time};
use super::find::find;
use crate::failure::Failure;
use crate::output::Output;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    /// Show how many logins failed today on devices that the account does not know
    Show {
        /// Username or id
        user: String,
    },
    /// Forget failed logins at an account, also those of its devices
    Clear {
        /// Username or id
        user: String,
    },
}

pub(super) async fn run(cx: &Cx, output: Output, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Show { user } => {
            let found = find(cx, &user).await?;
            show(cx, output, users::find_throttle(cx, found.id).await?)
        }
        Verb::Clear { user } => {
            let cleared = users::clear_throttle(cx, find(cx, &user).await?.id).await?;
            let said = || "Failed logins are forgotten. The password works at once.".to_owned();
            output.print(&UserView::new(cx, &cleared), said)
        }
    }
}

fn show(cx: &Cx, output: Output, throttle: Option<Throttle>) -> Result<(), Failure> {
    let failures = throttle.map_or(0, |throttle| throttle.failures);
    let blocked_until: Option<Timestamp> =
        throttle.map(|throttle| throttle.blocked_until).filter(|until| *until > cx.now);
    let until = blocked_until.map(time);
    let answer = serde_json::json!({ "failures": failures, "blocked_until": until });
    output.print(&answer, || {
        let failed = format!("Logins that failed today on new devices: {failures}.");
        match &until {
            Some(until) => format!("{failed} On a new device the password works again from {until}."),
            None => format!("{failed} The password works."),
        }
    })
}
