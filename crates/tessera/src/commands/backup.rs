//! `tessera backup FILE`: writes a backup while servers go on working.

mod passphrase;
mod progress;

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use serde::Serialize;
use tessera_app::backup::{self, BackupError, FormatError, Made, PartSummary};
use tessera_app::ports::Entropy as _;
use tessera_app::{Actor, Cx};
use tessera_model::PlainPassword;
use tessera_store::NewFile;
use tokio::signal::unix::{SignalKind, signal};

use super::args::CommonArgs;
use super::views::time;
use crate::adapters::SystemEntropy;
use crate::boot;
use crate::config::Environment;
use crate::failure::Failure;
use crate::text::for_terminal;
pub(super) use passphrase::PassphraseArgs;
pub(super) use progress::Bar;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The file to write. It must not exist
    file: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    #[command(flatten)]
    common: CommonArgs,
}

/// A backup, as programs read it.
#[derive(Serialize)]
struct MadeView<'a> {
    file: &'a Path,
    created_at: String,
    passphrase: bool,
    bytes: u64,
    rows: BTreeMap<&'a str, u64>,
}

pub(crate) async fn run(args: &Args, environment: &Environment) -> Result<(), Failure> {
    let passphrase = args.passphrase.choose()?;
    let app = boot::open(&args.common.configuration(environment)?).await?;
    let cx = Cx::new(&app, Actor::Cli);
    let (file, made) = until_interrupted(write(&cx, &args.file, passphrase.as_ref())).await?;
    let bytes = file.path().metadata().map_err(|error| Failure::file(&args.file, &error))?.len();
    file.complete().map_err(|error| Failure::file(&args.file, &error))?;
    let view = MadeView {
        file: &args.file,
        created_at: time(made.created_at),
        passphrase: passphrase.is_some(),
        bytes,
        rows: by_table(&made.rows),
    };
    args.common.output().print(&view, || text(&view))
}

/// Begins the file under a temporary name beside its own, which no other backup has.
fn begin(target: &Path) -> Result<NewFile, Failure> {
    let mut random = [0; 4];
    SystemEntropy.fill(&mut random);
    let mut temporary = target.as_os_str().to_owned();
    temporary.push(format!(".{:08x}.partial", u32::from_be_bytes(random)));
    NewFile::create(target, temporary.into()).map_err(|error| {
        let failure = Failure::file(target, &error);
        match error.kind() {
            io::ErrorKind::AlreadyExists => {
                failure.hint("A backup never replaces a file. Choose another name.")
            }
            _ => failure,
        }
    })
}

async fn write(
    cx: &Cx,
    target: &Path,
    passphrase: Option<&PlainPassword>,
) -> Result<(NewFile, Made), Failure> {
    let file = begin(target)?;
    let out = OpenOptions::new().write(true).open(file.path());
    let mut out = BufWriter::with_capacity(1 << 20, out.map_err(|error| Failure::file(file.path(), &error))?);
    let mut bar = Bar::default();
    let made = backup::make(cx, &mut out, passphrase, |progress| bar.follow(progress)).await?;
    bar.finish(&made.rows);
    Ok((file, made))
}

/// Ends the work when somebody asks for that, so that what it has begun is cleared away.
pub(super) async fn until_interrupted<T>(
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    // The signals are caught before the work begins.
    let listen = |kind| signal(kind).map_err(|error| Failure::io("signals", &error));
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    let stopped = || Err(Failure::usage("stopped before the end"));
    tokio::select! {
        biased;
        outcome = work => outcome,
        _ = interrupt.recv() => stopped(),
        _ = terminate.recv() => stopped(),
    }
}

pub(super) fn by_table(rows: &[PartSummary]) -> BTreeMap<&str, u64> {
    rows.iter().map(|part| (&*part.table, part.rows)).collect()
}

fn text(view: &MadeView<'_>) -> String {
    let file = for_terminal(&view.file.display().to_string());
    let protection = if view.passphrase {
        "Without its passphrase nobody can read it."
    } else {
        "It has no passphrase: whoever can read it reads names, addresses and password hashes."
    };
    format!(
        "Wrote {file} ({} bytes) as of {}. {protection}\n\
         It does not hold the key-encryption key. Keep a copy of that in another place: no restore works without it.",
        view.bytes, view.created_at
    )
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Self {
        let message = error.to_string();
        match error {
            BackupError::Write(error) | BackupError::Format(FormatError::Io(error)) => {
                Self::io("the backup", &error)
            }
            BackupError::Format(FormatError::NeedsPassphrase) => Self::usage(message)
                .hint("Give it with --passphrase, --passphrase-stdin or --passphrase-file FILE."),
            BackupError::Format(_) => Self::data(message).hint("Nothing was changed."),
            BackupError::WrongKek => Self::config(message).hint(
                "Nothing was changed. Put back its key file (keys.kek_file, by default kek in data_dir).",
            ),
            BackupError::NoKey(_) => Self::config(message),
            BackupError::Old(_) => {
                Self::data(message).hint("Nothing was changed. Leave --old out if it cannot be repaired.")
            }
            BackupError::Key(error) => error.into(),
            BackupError::Access(error) => error.into(),
            BackupError::Store(fault) => fault.into(),
        }
    }
}
