//! `tessera group …`: groups of people.

use std::collections::{BTreeMap, BTreeSet};

use tessera_app::Cx;
use tessera_app::groups::{self, GroupError, NewGroup};
use tessera_model::group::MAX_MEMBERS_AT_ONCE;
use tessera_model::{GroupName, UserId, Username};

use super::args::{Invocation, NounArgs};
use super::user::find;
use super::views::GroupView;
use crate::config::Environment;
use crate::failure::Failure;
use crate::output::{Output, one, record, table};
use crate::problem::refused;
use crate::secret_input::confirm;
use crate::text::for_terminal;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    /// Add a group that nobody is in
    Add {
        /// What applications call it: 1 to 40 of a-z, 0-9 and . _ -
        group: GroupName,
        /// Who is meant
        #[arg(long)]
        description: Option<String>,
    },
    /// Change the description
    Update {
        /// Name of the group
        group: GroupName,
        #[command(flatten)]
        description: Description,
    },
    /// Show all groups
    List,
    /// Show one group
    Show {
        /// Name of the group
        group: GroupName,
    },
    /// Show who is in a group, in order of their names
    Members {
        /// Name of the group
        group: GroupName,
        /// Begin after this username
        #[arg(long, value_name = "USERNAME")]
        after: Option<Username>,
        /// Most people to show
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
    /// Put people into a group: all of them, or nobody
    AddMember(People),
    /// Take people out of a group
    RemoveMember(People),
    /// Remove a group, whoever is in it
    Delete {
        /// Name of the group
        group: GroupName,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Description {
    /// Who is meant
    #[arg(long)]
    description: Option<String>,
    /// Take the description away
    #[arg(long)]
    no_description: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct People {
    /// Name of the group
    group: GroupName,
    /// Usernames or ids, at most 100
    #[arg(required = true, num_args = 1..=MAX_MEMBERS_AT_ONCE, value_name = "USER")]
    users: Vec<String>,
}

pub(crate) async fn run(args: NounArgs<Verb>, environment: &Environment) -> Result<(), Failure> {
    let Invocation { ref cx, output, verb } = args.open(environment).await?;
    match verb {
        Verb::Add { group, description } => add(cx, output, NewGroup { name: group, description }).await,
        Verb::Update { group, description: Description { description, .. } } => {
            let changed = groups::describe(cx, &group, description.as_deref()).await;
            let changed = changed.map_err(|error| explain(error, &group))?;
            output.print(&GroupView::new(&changed, None), || format!("Changed {group}."))
        }
        Verb::List => list(cx, output).await,
        Verb::Show { group } => show(cx, output, &group).await,
        Verb::Members { group, after, limit } => members(cx, output, &group, after.as_ref(), limit).await,
        Verb::AddMember(people) => add_members(cx, output, people).await,
        Verb::RemoveMember(people) => remove_members(cx, output, people).await,
        Verb::Delete { group, yes } => {
            confirm(&format!("Remove the group {group}, whoever is in it?"), yes)?;
            groups::delete(&cx.renewed(), &group).await.map_err(|error| explain(error, &group))?;
            output.print(&serde_json::json!({ "deleted": group.as_str() }), || format!("Removed {group}."))
        }
    }
}

async fn add(cx: &Cx, output: Output, new: NewGroup) -> Result<(), Failure> {
    let name = new.name.clone();
    let group = groups::add(cx, new).await.map_err(|error| explain(error, &name))?;
    output.print(&GroupView::new(&group, Some(0)), || {
        format!("Added {name}. Put people into it with `tessera group add-member {name} USER`.")
    })
}

async fn list(cx: &Cx, output: Output) -> Result<(), Failure> {
    let found = groups::list(cx).await?;
    let views: Vec<GroupView> =
        found.iter().map(|(group, members)| GroupView::new(group, Some(*members))).collect();
    output.print(&serde_json::json!({ "groups": views }), || {
        if views.is_empty() {
            return "No groups yet. Add one with `tessera group add NAME`.".to_owned();
        }
        let row = |view: &GroupView| {
            let members = view.members.unwrap_or_default().to_string();
            [view.name.clone(), members, view.description.clone().unwrap_or_default()]
        };
        table(["NAME", "MEMBERS", "DESCRIPTION"], views.iter().map(row))
    })
}

async fn show(cx: &Cx, output: Output, name: &GroupName) -> Result<(), Failure> {
    let found = groups::find(cx, name).await.map_err(|error| explain(error, name))?;
    let view = GroupView::new(&found, None);
    output.print(&view, || {
        record([
            one("name", view.name.clone()),
            one("description", view.description.clone().unwrap_or_default()),
            one("created", view.created_at.clone()),
        ])
    })
}

async fn members(
    cx: &Cx,
    output: Output,
    name: &GroupName,
    after: Option<&Username>,
    limit: u32,
) -> Result<(), Failure> {
    groups::find(cx, name).await.map_err(|error| explain(error, name))?;
    let found = groups::members(cx, name, after, limit).await?;
    let names: Vec<&str> = found.iter().map(Username::as_str).collect();
    let full = names.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
    let next = names.last().filter(|_| full);
    output.print(&serde_json::json!({ "members": names, "next_after": next }), || {
        if names.is_empty() {
            return format!("Nobody is in {name}.");
        }
        let lines = names.iter().map(|name| for_terminal(name)).collect::<Vec<_>>().join("\n");
        next.map_or(lines.clone(), |next| format!("{lines}\nMore: --after {}", for_terminal(next)))
    })
}

async fn add_members(cx: &Cx, output: Output, people: People) -> Result<(), Failure> {
    let People { group, users } = people;
    let known = resolve(cx, &users).await?;
    let ids: BTreeSet<UserId> = known.keys().copied().collect();
    let added = groups::add_members(cx, &group, &ids).await.map_err(|error| match error {
        GroupError::NoSuchUser(id) => {
            Failure::data(format!("the account of {} is closed or gone", name_of(&known, id)))
        }
        GroupError::InTooMany(id) => {
            Failure::data(format!("{} is in as many groups as a person can be", name_of(&known, id)))
        }
        other => explain(other, &group),
    })?;
    let names = names_of(&known, &added);
    output.print(&serde_json::json!({ "group": group.as_str(), "added": names }), || match &*names {
        [] => format!("They are in {group} already."),
        names => format!("Now in {group}: {}.", names.join(", ")),
    })
}

async fn remove_members(cx: &Cx, output: Output, people: People) -> Result<(), Failure> {
    let People { group, users } = people;
    let known = resolve(cx, &users).await?;
    let ids: BTreeSet<UserId> = known.keys().copied().collect();
    let removed = groups::remove_members(cx, &group, &ids).await.map_err(|error| explain(error, &group))?;
    let names = names_of(&known, &removed);
    output.print(&serde_json::json!({ "group": group.as_str(), "removed": names }), || match &*names {
        [] => format!("None of them is in {group}."),
        names => format!("No longer in {group}: {}.", names.join(", ")),
    })
}

/// The accounts that a command names. One that there is not ends the command before anything is changed.
async fn resolve(cx: &Cx, users: &[String]) -> Result<BTreeMap<UserId, Username>, Failure> {
    let mut known = BTreeMap::new();
    for user in users {
        let user = find(cx, user).await?;
        known.insert(user.id, user.username);
    }
    Ok(known)
}

fn name_of(known: &BTreeMap<UserId, Username>, id: UserId) -> String {
    known.get(&id).map_or_else(|| id.to_string(), |name| for_terminal(name.as_str()))
}

fn names_of(known: &BTreeMap<UserId, Username>, ids: &[UserId]) -> Vec<String> {
    ids.iter().map(|id| name_of(known, *id)).collect()
}

fn explain(error: GroupError, name: &GroupName) -> Failure {
    match error {
        GroupError::NotFound => {
            Failure::data(format!("no such group: {name}")).hint("`tessera group list` shows all groups.")
        }
        GroupError::Invalid(problems) => refused(&problems),
        GroupError::Taken
        | GroupError::NoSuchUser(_)
        | GroupError::InTooMany(_)
        | GroupError::TooManyAtOnce => Failure::data(error.to_string()),
        GroupError::Access(error) => error.into(),
        GroupError::Store(fault) => fault.into(),
    }
}
