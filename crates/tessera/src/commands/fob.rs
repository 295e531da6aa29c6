//! `tessera fob …`: key fobs of the organisation.

mod import;

use std::collections::HashMap;

use serde::Serialize;
use tessera_app::fobs::{self, FobError, Shown, WhichFob};
use tessera_app::{Cx, users};
use tessera_model::{AuthenticatorName, Fob, FobLabel, FobState, FobText, UserId};

use super::args::{Invocation, NounArgs};
use super::user::find;
use super::views::time;
use crate::config::Environment;
use crate::failure::Failure;
use crate::output::{Output, table};
use crate::secret_input::{confirm, two_codes};
use crate::text::for_terminal;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    /// Put the fobs of a vendor's file into the stock
    Import(Box<import::Args>),
    /// Show fobs in order of their serial numbers
    List {
        /// Only those that nobody has
        #[arg(long, conflicts_with = "of")]
        in_stock: bool,
        /// Only those of this person: username or id
        #[arg(long, value_name = "USER")]
        of: Option<String>,
        /// Begin after this serial number
        #[arg(long, value_name = "SERIAL", conflicts_with = "of")]
        after: Option<FobText>,
        /// Begin after this manufacturer of that number
        #[arg(long, requires = "after")]
        manufacturer: Option<FobText>,
        /// Most fobs to show
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
    /// Give a fob to a person
    Assign {
        #[command(flatten)]
        fob: FobArgs,
        /// Username or id
        user: String,
        /// What it is called at the person's account [default: the serial number]
        #[arg(long)]
        name: Option<AuthenticatorName>,
    },
    /// Take a fob from its person, back into the stock
    Return(FobArgs),
    /// Mark a fob as lost, for good: it never counts again
    Lost {
        #[command(flatten)]
        fob: FobArgs,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
    /// Set a fob right that counted too far or whose clock is wrong: reads two codes in a row from standard input, each on a line
    Resync(FobArgs),
    /// Remove a fob that is in stock and was never used
    Delete {
        #[command(flatten)]
        fob: FobArgs,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct FobArgs {
    /// Serial number
    serial: FobText,
    /// Who made it, if the serial number is not enough
    #[arg(long)]
    manufacturer: Option<FobText>,
}

impl FobArgs {
    fn which(self) -> WhichFob {
        WhichFob { serial: self.serial, manufacturer: self.manufacturer }
    }
}

/// A fob, without its secret.
#[derive(Serialize)]
struct FobView {
    serial: String,
    manufacturer: Option<String>,
    kind: String,
    state: &'static str,
    user_id: Option<String>,
    username: Option<String>,
    imported_at: String,
    last_used_at: Option<String>,
    lost_at: Option<String>,
}

impl FobView {
    fn new(fob: &Fob, names: &HashMap<UserId, String>) -> Self {
        let (state, user, lost_at) = match fob.state {
            FobState::InStock => ("in_stock", None, None),
            FobState::Assigned { user, .. } => ("assigned", Some(user), None),
            FobState::Lost { at } => ("lost", None, Some(at)),
        };
        Self {
            serial: fob.label.serial.to_string(),
            manufacturer: fob.label.manufacturer.as_ref().map(ToString::to_string),
            kind: fob.kind.as_str().to_owned(),
            state,
            user_id: user.map(|user| user.to_string()),
            username: user.and_then(|user| names.get(&user).cloned()),
            imported_at: time(fob.imported_at),
            last_used_at: fob.last_used_at.map(time),
            lost_at: lost_at.map(time),
        }
    }

    fn row(&self) -> [String; 5] {
        let state = if self.state == "in_stock" { "in stock" } else { self.state };
        [
            self.serial.clone(),
            self.manufacturer.clone().unwrap_or_default(),
            self.kind.to_uppercase(),
            state.to_owned(),
            self.username.clone().unwrap_or_default(),
        ]
    }
}

pub(crate) async fn run(args: NounArgs<Verb>, environment: &Environment) -> Result<(), Failure> {
    let Invocation { ref cx, output, verb } = args.open(environment).await?;
    match verb {
        Verb::Import(args) => import::run(cx, output, *args).await,
        Verb::List { in_stock, of, after, manufacturer, limit } => {
            let shown = match (of, in_stock) {
                (Some(user), _) => Shown::Of(find(cx, &user).await?.id),
                (None, true) => Shown::InStock,
                (None, false) => Shown::All,
            };
            let after = after.map(|serial| FobLabel { serial, manufacturer });
            list(cx, output, shown, after.as_ref(), limit).await
        }
        Verb::Assign { fob, user, name } => {
            let (which, user) = (fob.which(), find(cx, &user).await?);
            let fob = fobs::assign(cx, &which, user.id, name.as_ref()).await;
            let who = for_terminal(user.username.as_str());
            let text = format!("{who} has it now, and needs a code of it at every login.");
            changed(cx, output, fob.map_err(|error| explain(error, &which))?, &text).await
        }
        Verb::Return(fob) => {
            let which = fob.which();
            let fob = fobs::take_back(cx, &which).await.map_err(|error| explain(error, &which))?;
            changed(cx, output, fob, "It is in stock again. What was used of it does not count again.").await
        }
        Verb::Lost { fob, yes } => {
            let which = fob.which();
            confirm(&format!("Never use the fob {} again?", for_terminal(which.serial.as_str())), yes)?;
            let fob = fobs::lose(&cx.renewed(), &which).await.map_err(|error| explain(error, &which))?;
            changed(cx, output, fob, "It never counts again.").await
        }
        Verb::Resync(fob) => resync(cx, output, &fob.which()).await,
        Verb::Delete { fob, yes } => {
            let which = fob.which();
            confirm(&format!("Remove the fob {}?", for_terminal(which.serial.as_str())), yes)?;
            fobs::delete(&cx.renewed(), &which).await.map_err(|error| explain(error, &which))?;
            let gone = serde_json::json!({ "deleted": which.serial.as_str() });
            output.print(&gone, || format!("Removed {}.", for_terminal(which.serial.as_str())))
        }
    }
}

async fn resync(cx: &Cx, output: Output, which: &WhichFob) -> Result<(), Failure> {
    // One that there is not needs no codes.
    fobs::find(cx, which).await.map_err(|error| explain(error, which))?;
    let [first, second] = two_codes(["First code: ", "The next code: "])?;
    let fob = fobs::resync(&cx.renewed(), which, [&first, &second]).await;
    changed(cx, output, fob.map_err(|error| explain(error, which))?, "Its codes count again.").await
}

async fn list(
    cx: &Cx,
    output: Output,
    shown: Shown,
    after: Option<&FobLabel>,
    limit: u32,
) -> Result<(), Failure> {
    let found = fobs::list(cx, shown, after, limit).await?;
    let names = names(cx, &found).await?;
    let views: Vec<FobView> = found.iter().map(|fob| FobView::new(fob, &names)).collect();
    let full = views.len() >= usize::try_from(limit).unwrap_or(usize::MAX) && !matches!(shown, Shown::Of(_));
    let next = views.last().filter(|_| full);
    let next_after = next.map(|view| (&view.serial, &view.manufacturer));
    output.print(&serde_json::json!({ "fobs": views, "next_after": next_after }), || {
        if views.is_empty() {
            return "No fobs. `tessera fob import FILE` puts those of a file into the stock.".to_owned();
        }
        let table =
            table(["SERIAL", "MANUFACTURER", "KIND", "STATE", "USER"], views.iter().map(FobView::row));
        next.map_or(table.clone(), |next| {
            let manufacturer = next.manufacturer.as_ref();
            let manufacturer = manufacturer
                .map_or_else(String::new, |name| format!(" --manufacturer '{}'", for_terminal(name)));
            format!("{table}\nMore: --after '{}'{manufacturer}", for_terminal(&next.serial))
        })
    })
}

/// The names of the people who have these fobs.
async fn names(cx: &Cx, fobs: &[Fob]) -> Result<HashMap<UserId, String>, Failure> {
    let mut names = HashMap::new();
    for fob in fobs {
        if let FobState::Assigned { user, .. } = fob.state
            && !names.contains_key(&user)
        {
            names.insert(user, users::find(cx, &user.to_string()).await?.username.to_string());
        }
    }
    Ok(names)
}

async fn changed(cx: &Cx, output: Output, fob: Fob, text: &str) -> Result<(), Failure> {
    let fob = &[fob];
    let view = FobView::new(&fob[0], &names(cx, fob).await?);
    output.print(&view, || format!("Fob {}: {text}", for_terminal(&view.serial)))
}

fn explain(error: FobError, which: &WhichFob) -> Failure {
    let serial = for_terminal(which.serial.as_str());
    let failure = Failure::data(format!("fob {serial}: {error}"));
    match error {
        FobError::NotFound => failure.hint("`tessera fob list` shows all fobs."),
        FobError::Ambiguous => failure.hint("Say which with --manufacturer NAME."),
        FobError::Assigned => failure.hint("Take it back first, with `tessera fob return`."),
        FobError::Used => failure
            .hint("It stays, so that no import brings its used codes back. `tessera fob lost` retires it."),
        FobError::WrongCodes => {
            failure.hint("Wait for a new code, type it, and then the one that the fob shows right after it.")
        }
        FobError::NotAssigned
        | FobError::Lost
        | FobError::UnknownKind
        | FobError::NoSuchUser(_)
        | FobError::TooMany => failure,
        FobError::Access(error) => error.into(),
        FobError::Store(fault) => fault.into(),
    }
}
