//! `tessera user …`: accounts of people.

mod add;
mod authenticator;
mod claims;
mod find;
mod password;
mod throttle;
mod update;

use serde::Serialize;
use tessera_app::users;
use tessera_app::{Cx, authenticators, groups};
use tessera_model::{User, Username};
use tessera_oauth::claims::ProfileClaims;

use super::args::{Invocation, NounArgs};
use super::views::{AuthenticatorView, UserView};
use crate::config::Environment;
use crate::failure::Failure;
use crate::output::{Output, one, record, table};
use crate::secret_input::confirm;
use crate::text::for_terminal;
pub(super) use find::find;
use password::{Password, PasswordArgs};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    /// Add an account
    Add(Box<add::Args>),
    /// Change the claims that are given; the rest stays as it is
    Update(Box<update::Args>),
    /// Show accounts in order of their names
    List {
        /// Begin after this username
        #[arg(long, value_name = "USERNAME")]
        after: Option<Username>,
        /// Most accounts to show
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
    /// Show one account
    Show(UserArgs),
    /// Lock an account: no login and no tokens until it is unlocked
    Lock(UserArgs),
    /// Unlock an account, and forget failed logins at it
    Unlock(UserArgs),
    /// What a person can log in with beside a password
    #[command(subcommand)]
    Authenticator(authenticator::Verb),
    /// Delays of logins after failures
    #[command(subcommand)]
    Throttle(throttle::Verb),
    /// Disable an account for good; nobody else can get its username
    Disable(ConfirmedUserArgs),
    /// Delete an account and everything that belongs to it
    Delete(ConfirmedUserArgs),
    /// Set a password; ends the account's sessions and tokens
    SetPassword {
        #[command(flatten)]
        user: UserArgs,
        #[command(flatten)]
        password: PasswordArgs,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct UserArgs {
    /// Username or id
    user: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ConfirmedUserArgs {
    /// Username or id
    user: String,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
}

pub(crate) async fn run(args: NounArgs<Verb>, environment: &Environment) -> Result<(), Failure> {
    let Invocation { ref cx, output, verb } = args.open(environment).await?;
    match verb {
        Verb::Add(args) => add::run(cx, output, *args).await,
        Verb::Update(args) => update::run(cx, output, *args).await,
        Verb::List { after, limit } => list(cx, output, after.as_ref(), limit).await,
        Verb::Show(UserArgs { user }) => show(cx, output, &find(cx, &user).await?).await,
        Verb::Lock(UserArgs { user }) => {
            let locked = users::lock(cx, find(cx, &user).await?.id).await?;
            changed(cx, output, &locked, "Locked. Its access tokens stop working within a second.")
        }
        Verb::Unlock(UserArgs { user }) => {
            let unlocked = users::unlock(cx, find(cx, &user).await?.id).await?;
            changed(cx, output, &unlocked, "Unlocked. Failed logins are forgotten.")
        }
        Verb::Authenticator(verb) => authenticator::run(cx, output, verb).await,
        Verb::Throttle(verb) => throttle::run(cx, output, verb).await,
        Verb::Disable(ConfirmedUserArgs { user, yes }) => {
            let found = find(cx, &user).await?;
            confirm(
                &format!("Disable the account of {} for good?", for_terminal(found.username.as_str())),
                yes,
            )?;
            let disabled = users::disable(&cx.renewed(), found.id).await?;
            changed(cx, output, &disabled, "Disabled. Its sessions and tokens have ended.")
        }
        Verb::Delete(ConfirmedUserArgs { user, yes }) => {
            let found = find(cx, &user).await?;
            confirm(
                &format!(
                    "Delete the account of {} and everything that belongs to it?",
                    for_terminal(found.username.as_str())
                ),
                yes,
            )?;
            users::delete(&cx.renewed(), found.id).await?;
            let gone = serde_json::json!({ "deleted": found.id });
            output.print(&gone, || format!("Deleted {}.", for_terminal(found.username.as_str())))
        }
        Verb::SetPassword { user, password } => set_password(cx, output, &user.user, &password).await,
    }
}

async fn list(cx: &Cx, output: Output, after: Option<&Username>, limit: u32) -> Result<(), Failure> {
    let found = users::list(cx, after, limit).await?;
    let views: Vec<UserView> = found.iter().map(|user| UserView::new(cx, user)).collect();
    let full = views.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
    let next = views.last().filter(|_| full).map(|view| view.username.clone());
    let answer = serde_json::json!({ "users": views, "next_after": next });
    output.print(&answer, || {
        let rows = views.iter().map(|view| {
            [
                view.username.clone(),
                view.name.clone().unwrap_or_default(),
                if view.password_outdated {
                    format!("{}, password outdated", view.status)
                } else {
                    view.status.to_owned()
                },
                view.id.clone(),
            ]
        });
        let table = table(["USERNAME", "NAME", "STATUS", "ID"], rows);
        match (&next, views.is_empty()) {
            (Some(next), _) => format!("{table}\nMore: --after {}", for_terminal(next)),
            (None, true) => "No accounts yet. Add one with `tessera user add USERNAME`.".to_owned(),
            (None, false) => table,
        }
    })
}

/// A person, the groups that they are in, and what they log in with beside a password.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    view: &'a UserView,
    groups: Vec<String>,
    authenticators: Vec<AuthenticatorView>,
}

async fn show(cx: &Cx, output: Output, user: &User) -> Result<(), Failure> {
    let view = UserView::new(cx, user);
    let groups = groups::of_user(cx, user.id).await?;
    let groups: Vec<String> = groups.iter().map(ToString::to_string).collect();
    let overview = authenticators::of_user(cx, user.id).await?;
    let authenticators: Vec<_> = overview.authenticators.iter().map(AuthenticatorView::new).collect();
    let shown = Shown { view: &view, groups, authenticators };
    output.print(&shown, || {
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
            one("password", password(&view).to_owned()),
            one("groups", shown.groups.join(" ")),
            ("authenticators", shown.authenticators.iter().map(AuthenticatorView::line).collect()),
            one("created", view.created_at.clone()),
            one("changed", view.updated_at.clone()),
        ])
    })
}

fn password(view: &UserView) -> &'static str {
    match (view.has_password, view.password_outdated) {
        (false, _) => "none",
        (true, false) => "set",
        (true, true) => "outdated",
    }
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

fn changed(cx: &Cx, output: Output, user: &User, text: &str) -> Result<(), Failure> {
    output.print(&UserView::new(cx, user), || text.to_owned())
}

async fn set_password(cx: &Cx, output: Output, user: &str, args: &PasswordArgs) -> Result<(), Failure> {
    let found = find(cx, user).await?;
    let Password { plain, generated } = args.password(&cx.app.config().passwords)?;
    users::set_password(&cx.renewed(), found.id, plain).await?;
    let mut answer = serde_json::json!({ "id": found.id, "username": found.username });
    generated.add_to(&mut answer);
    output.print(&answer, || {
        let who = for_terminal(found.username.as_str());
        format!("Password set. The sessions and tokens of {who} have ended.{}", generated.line())
    })
}
