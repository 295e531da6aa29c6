//! `tessera user …`: people.

mod claims;
mod make;
mod update;

use tessera_app::Cx;
use tessera_app::users::{self, SetPasswordError, UserError};
use tessera_model::{PlainPassword, User, Username};
use tessera_oauth::claims::ProfileClaims;

use super::views::UserView;
use super::{Noun, Opened};
use crate::config::Environment;
use crate::failure::{Exit, Failure};
use crate::output::{Output, one, record, table};
use crate::secret_input::{self, confirm};
use crate::text::shown;
use make::{Password, PasswordArgs};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    /// Make an account
    Add(Box<make::Args>),
    /// Change what is told about a person; the rest stays as it is
    Update(Box<update::Args>),
    /// Show accounts in order of their names
    List {
        /// Begin after this username
        #[arg(long, value_name = "USERNAME")]
        after: Option<Username>,
        /// How many
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
    /// Show one account
    Show(Whom),
    /// Hold an account: no login and no tokens until it is unlocked
    Lock(Whom),
    /// Let a locked account in again
    Unlock(Whom),
    /// Close an account for good; its name is not given away again
    Disable(WhomForGood),
    /// Erase an account and everything it holds
    Delete(WhomForGood),
    /// Set a password; ends the account's sessions and tokens
    SetPassword {
        #[command(flatten)]
        whom: Whom,
        #[command(flatten)]
        password: PasswordArgs,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct Whom {
    /// Username or id
    user: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct WhomForGood {
    /// Username or id
    user: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

pub(crate) async fn run(args: Noun<Verb>, environment: &Environment) -> Result<(), Failure> {
    let Opened { ref cx, output, verb } = args.open(environment).await?;
    match verb {
        Verb::Add(args) => make::run(cx, output, *args).await,
        Verb::Update(args) => update::run(cx, output, *args).await,
        Verb::List { after, limit } => list(cx, output, after.as_ref(), limit).await,
        Verb::Show(Whom { user }) => show(output, &find(cx, &user).await?),
        Verb::Lock(Whom { user }) => {
            users::lock(cx, find(cx, &user).await?.id).await?;
            changed(cx, output, &user, "Locked. Its access tokens stop working within a second.").await
        }
        Verb::Unlock(Whom { user }) => {
            users::unlock(cx, find(cx, &user).await?.id).await?;
            changed(cx, output, &user, "Unlocked.").await
        }
        Verb::Disable(WhomForGood { user, yes }) => {
            let found = find(cx, &user).await?;
            confirm(&format!("Close the account of {} for good?", shown(found.username.as_str())), yes)?;
            users::disable(cx, found.id).await?;
            changed(cx, output, &user, "Closed. Its sessions and tokens have ended.").await
        }
        Verb::Delete(WhomForGood { user, yes }) => {
            let found = find(cx, &user).await?;
            confirm(
                &format!("Erase the account of {} and everything it holds?", shown(found.username.as_str())),
                yes,
            )?;
            users::delete(cx, found.id).await?;
            let gone = serde_json::json!({ "deleted": found.id });
            output.show(&gone, || format!("Erased {}.", shown(found.username.as_str())))
        }
        Verb::SetPassword { whom, password } => set_password(cx, output, &whom.user, &password).await,
    }
}

async fn find(cx: &Cx, user: &str) -> Result<User, Failure> {
    users::find(cx, user).await.map_err(|error| match error {
        UserError::NotFound => Failure::data(format!("no such user: {}", shown(user)))
            .hint("`tessera user list` shows who there is."),
        other => other.into(),
    })
}

async fn list(cx: &Cx, output: Output, after: Option<&Username>, limit: u32) -> Result<(), Failure> {
    let found = users::list(cx, after, limit).await?;
    let views: Vec<UserView> = found.iter().map(UserView::from).collect();
    let full = views.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
    let next = views.last().filter(|_| full).map(|view| view.username.clone());
    let answer = serde_json::json!({ "users": views, "next_after": next });
    output.show(&answer, || {
        let rows = views.iter().map(|view| {
            [
                view.username.clone(),
                view.name.clone().unwrap_or_default(),
                view.status.to_owned(),
                view.id.clone(),
            ]
        });
        let table = table(["USERNAME", "NAME", "STATUS", "ID"], rows);
        match (&next, views.is_empty()) {
            (Some(next), _) => format!("{table}\nMore: --after {}", shown(next)),
            (None, true) => "Nobody yet. Make an account with `tessera user add USERNAME`.".to_owned(),
            (None, false) => table,
        }
    })
}

fn show(output: Output, user: &User) -> Result<(), Failure> {
    let view = UserView::from(user);
    output.show(&view, || {
        let since = view.status_since.as_ref().map_or_else(String::new, |since| format!(" since {since}"));
        let verified = if view.email_verified { " (verified)" } else { " (not verified)" };
        let email = view.email.as_ref().map_or_else(String::new, |email| format!("{email}{verified}"));
        record([
            one("id", view.id.clone()),
            one("username", view.username.clone()),
            one("name", view.name.clone().unwrap_or_default()),
            one("e-mail", email),
            ("claims", claims(&view.claims)),
            one("status", format!("{}{since}", view.status)),
            one("password", if view.has_password { "set" } else { "none" }.to_owned()),
            one("made", view.created_at.clone()),
            one("changed", view.updated_at.clone()),
        ])
    })
}

/// One line for each claim that is set.
fn claims(claims: &ProfileClaims) -> Vec<String> {
    let Ok(serde_json::Value::Object(set)) = serde_json::to_value(claims) else { return Vec::new() };
    let line = |(name, value): (String, serde_json::Value)| match value {
        serde_json::Value::String(text) => format!("{name}: {text}"),
        other => format!("{name}: {other}"),
    };
    set.into_iter().map(line).collect()
}

async fn changed(cx: &Cx, output: Output, user: &str, people: &str) -> Result<(), Failure> {
    let view = UserView::from(&find(cx, user).await?);
    output.show(&view, || people.to_owned())
}

async fn set_password(cx: &Cx, output: Output, user: &str, args: &PasswordArgs) -> Result<(), Failure> {
    let found = find(cx, user).await?;
    let Password { plain, made } = make::password(args)?;
    users::set_password(cx, found.id, plain).await?;
    let mut answer = serde_json::json!({ "id": found.id, "username": found.username });
    made.add_to(&mut answer);
    output.show(&answer, || {
        let who = shown(found.username.as_str());
        format!("Set. Sessions and tokens of {who} have ended.{}", made.line())
    })
}

impl From<UserError> for Failure {
    fn from(error: UserError) -> Self {
        match error {
            UserError::Store(fault) => fault.into(),
            UserError::NotFound | UserError::Disabled => Self::data(error.to_string()),
        }
    }
}

impl From<SetPasswordError> for Failure {
    fn from(error: SetPasswordError) -> Self {
        match error {
            SetPasswordError::User(error) => error.into(),
            SetPasswordError::Store(fault) => fault.into(),
            SetPasswordError::Busy(_) => Self::new(Exit::Unavailable, error.to_string()),
        }
    }
}

/// Reads a password by one of the ways that never show it to others.
fn read_password(source: &secret_input::Source) -> Result<PlainPassword, Failure> {
    let options = "use --password-stdin, --password-file FILE or --generate-password";
    let text = secret_input::new_password(source, options)?;
    PlainPassword::to_set(text).map_err(|error| Failure::data(error.to_string()))
}
