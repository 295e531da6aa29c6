//! `tessera user authenticator …`: what a person can log in with beside a password.

use serde::Serialize;
use tessera_app::Cx;
use tessera_app::authenticators::{self, AuthenticatorError};
use tessera_model::{Authenticator, AuthenticatorId, AuthenticatorKind};

use super::super::views::time;
use super::find::find;
use crate::failure::{Exit, Failure};
use crate::output::{Output, table};
use crate::secret_input::confirm;
use crate::text::for_terminal;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    /// Show what a person can log in with beside a password
    List {
        /// Username or id
        user: String,
    },
    /// Remove an authenticator, also the last one; ends the account's sessions and tokens
    Remove {
        /// Username or id
        user: String,
        /// Id of the authenticator, as `list` shows it
        id: AuthenticatorId,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
}

/// An authenticator, without its secrets.
#[derive(Serialize)]
struct View {
    id: String,
    name: String,
    kind: String,
    /// The model that it claims to be, if it has one.
    aaguid: Option<String>,
    /// Whether its key may be copied to other devices.
    backup_eligible: Option<bool>,
    created_at: String,
    last_used_at: Option<String>,
}

impl View {
    fn new(authenticator: &Authenticator) -> Self {
        let credential = match &authenticator.kind {
            AuthenticatorKind::WebAuthn(credential) => Some(credential),
            AuthenticatorKind::Totp(_) | AuthenticatorKind::Hotp(_) | AuthenticatorKind::Other(_) => None,
        };
        Self {
            id: authenticator.id.to_string(),
            name: authenticator.name.as_str().to_owned(),
            kind: authenticator.kind.as_str().to_owned(),
            aaguid: credential.map(|credential| credential.aaguid.clone()),
            backup_eligible: credential.map(|credential| credential.backup_eligible),
            created_at: time(authenticator.created_at),
            last_used_at: authenticator.last_used_at.map(time),
        }
    }
}

pub(super) async fn run(cx: &Cx, output: Output, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::List { user } => list(cx, output, &user).await,
        Verb::Remove { user, id, yes } => {
            let found = find(cx, &user).await?;
            let who = for_terminal(found.username.as_str());
            confirm(&format!("Remove the authenticator {id} of {who}?"), yes)?;
            let removed = authenticators::remove(&cx.renewed(), found.id, id).await?;
            output.print(&View::new(&removed), || {
                format!(
                    "Removed {}. The sessions and tokens of {who} have ended.",
                    for_terminal(removed.name.as_str())
                )
            })
        }
    }
}

async fn list(cx: &Cx, output: Output, user: &str) -> Result<(), Failure> {
    let overview = authenticators::of_user(cx, find(cx, user).await?.id).await?;
    let views: Vec<_> = overview.authenticators.iter().map(View::new).collect();
    let answer = serde_json::json!({ "authenticators": views, "recovery_codes": overview.recovery_codes });
    output.print(&answer, || {
        let rows = views.iter().map(|view| {
            let last = view.last_used_at.clone().unwrap_or_else(|| "never".to_owned());
            [view.name.clone(), view.kind.clone(), last, view.id.clone()]
        });
        let shown = table(["NAME", "KIND", "LAST USED", "ID"], rows);
        let shown = if views.is_empty() { "No authenticators.".to_owned() } else { shown };
        format!("{shown}\nRecovery codes left: {}.", overview.recovery_codes)
    })
}

impl From<AuthenticatorError> for Failure {
    fn from(error: AuthenticatorError) -> Self {
        match error {
            AuthenticatorError::NotFound
            | AuthenticatorError::LastFactor
            | AuthenticatorError::OfOrganisation
            | AuthenticatorError::Name(_) => Self::new(Exit::Data, error.to_string()),
            AuthenticatorError::Access(error) => error.into(),
            AuthenticatorError::Store(fault) => fault.into(),
        }
    }
}
