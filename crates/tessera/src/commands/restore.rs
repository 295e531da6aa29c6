//! `tessera restore FILE`: makes the database from a backup. `tessera restore --promoted`: ends everything in one that came back
//! by another way.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;

use serde::Serialize;
use tessera_app::Actor;
use tessera_app::backup::{self, Change, Restored, Source, Target};
use tessera_model::ClientId;
use tessera_store::Location;

use super::args::CommonArgs;
use super::backup::{Bar, PassphraseArgs, by_table, until_interrupted};
use super::views::time;
use crate::adapters::{SystemClock, SystemEntropy};
use crate::boot::{self, Ground};
use crate::config::Environment;
use crate::failure::Failure;
use crate::output::table;
use crate::stderr;
use crate::text::for_terminal;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The backup
    #[arg(required_unless_present = "promoted")]
    file: Option<PathBuf>,
    /// End everything in the database as it stands, because it came back by another way than from a backup
    #[arg(long, conflicts_with_all = ["file", "old", "passphrase", "passphrase_stdin", "passphrase_file"])]
    promoted: bool,
    /// The database that the restored one replaces, if it can still be read: a SQLite file, or a URL of PostgreSQL without password
    #[arg(long, value_name = "LOCATION")]
    old: Option<String>,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    #[command(flatten)]
    common: CommonArgs,
}

/// A restore, as programs read it.
#[derive(Serialize)]
struct RestoredView<'a> {
    issuer: &'a str,
    created_at: String,
    rows: BTreeMap<&'a str, u64>,
    /// `null` if nobody can know.
    changes: Option<Vec<ChangeView<'a>>>,
}

/// Something that an administrator did after the backup.
#[derive(Serialize)]
struct ChangeView<'a> {
    at: String,
    code: &'a str,
    user_id: Option<String>,
    username: Option<&'a str>,
    client_id: Option<&'a str>,
    detail: Option<&'a str>,
}

pub(crate) async fn run(args: &Args, environment: &Environment) -> Result<(), Failure> {
    let config = args.common.configuration(environment)?;
    let Ground { kek, location } = boot::ground(&config)?;
    let target = Target {
        location: &location,
        kek: &kek,
        clock: &SystemClock,
        entropy: &SystemEntropy,
        actor: Actor::Cli,
    };
    let Some(path) = &args.file else {
        until_interrupted(async { Ok(backup::promoted(&target).await?) }).await?;
        let answer = serde_json::json!({ "promoted": true });
        return args.common.output().print(&answer, || format!("{ENDED}\n\n{NEXT}"));
    };
    let old = args.old.as_deref().map(|old| boot::other_location(&config, old)).transpose()?;
    let file = File::open(path).map_err(|error| Failure::file(path, &error))?;
    let restored = restore(&target, &file, args, old.as_ref()).await?;
    // Without a configuration file the issuer is the address that a development server gets.
    if !config.issuer.is_empty() && restored.issuer != config.issuer {
        stderr::write_line(&format!(
            "The backup is of the issuer {}, and the configuration says {}.",
            for_terminal(&restored.issuer),
            for_terminal(&config.issuer)
        ));
    }
    let view = RestoredView::new(&restored);
    args.common.output().print(&view, || text(&view))
}

async fn restore(
    target: &Target<'_>,
    file: &File,
    args: &Args,
    old: Option<&Location>,
) -> Result<Restored, Failure> {
    let passphrase = args.passphrase.given()?;
    let source = Source { file, passphrase: passphrase.as_ref(), old };
    until_interrupted(async {
        let mut bar = Bar::default();
        let restored = backup::restore(target, source, |progress| bar.follow(progress)).await?;
        bar.finish(&restored.rows);
        Ok(restored)
    })
    .await
}

/// What a restore has done.
const ENDED: &str = "Everything that was issued before has ended: sessions, grants, codes and tokens. Every key was replaced, \
    except that of client secrets.";
/// What to do next.
const NEXT: &str = "Start the servers. Verifiers refuse the old tokens as soon as they hear from one, or after max_staleness.";

fn text(view: &RestoredView<'_>) -> String {
    let since = match &view.changes {
        None => format!(
            "Without the old database nobody can tell what was done after {}. Locks, closed accounts and clients, new passwords \
             and rotated secrets are as they were then. Look for those that you remember.",
            view.created_at
        ),
        Some(changes) if changes.is_empty() => {
            "Nothing was undone that an administrator did since.".to_owned()
        }
        Some(changes) => {
            let rows = changes.iter().map(|change| {
                let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
                let person = change.username.map(str::to_owned).or_else(|| change.user_id.clone());
                let about = person.unwrap_or_else(|| text(change.client_id));
                [change.at.clone(), change.code.to_owned(), about, text(change.detail)]
            });
            let list = table(["TIME", "WHAT", "ABOUT", "DETAIL"], rows);
            format!("This was done after the backup and is undone. Do again what still holds:\n{list}")
        }
    };
    format!("Restored the backup of {}. {ENDED}\n\n{since}\n\n{NEXT}", view.created_at)
}

impl<'a> RestoredView<'a> {
    fn new(restored: &'a Restored) -> Self {
        let changes = restored.changes.as_ref();
        Self {
            issuer: &restored.issuer,
            created_at: time(restored.created_at),
            rows: by_table(&restored.rows),
            changes: changes.map(|changes| changes.iter().map(ChangeView::from).collect()),
        }
    }
}

impl<'a> From<&'a Change> for ChangeView<'a> {
    fn from(change: &'a Change) -> Self {
        Self {
            at: time(change.at),
            code: change.code.as_str(),
            user_id: change.user_id.map(|id| id.to_string()),
            username: change.username.as_ref().map(tessera_model::Username::as_str),
            client_id: change.client_id.as_ref().map(ClientId::as_str),
            detail: change.detail.as_deref(),
        }
    }
}
