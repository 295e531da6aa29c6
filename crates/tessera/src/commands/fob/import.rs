//! `tessera fob import FILE`: the fobs of a vendor's file come into the stock.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use tessera_app::Cx;
use tessera_app::fobs::{self, Batch, CsvFormat, CsvKind, FileForm, FobError, Imported, SecretText, Unlock};
use tessera_model::FobText;
use zeroize::Zeroizing;

use crate::commands::backup::until_interrupted;
use crate::failure::Failure;
use crate::output::Output;
use crate::secret_input::{SecretSource, passphrase};
use crate::stderr;
use crate::text::for_terminal;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The file of the vendor
    file: PathBuf,
    /// How it is written [default: csv if its name ends so, otherwise pskc]
    #[arg(long)]
    format: Option<Form>,
    /// Only read it, and show what is wrong
    #[arg(long)]
    dry_run: bool,
    /// Import the others although some entries cannot be used
    #[arg(long)]
    skip_bad: bool,
    /// Who made the fobs, where the file does not say
    #[arg(long)]
    manufacturer: Option<FobText>,
    #[command(flatten)]
    pskc: Pskc,
    #[command(flatten)]
    csv: Csv,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// PSKC (RFC 6030)
    Pskc,
    /// A header, and one fob a line
    Csv,
}

#[derive(Debug, clap::Args)]
struct Pskc {
    /// Pre-shared key of a PSKC file, in hex, in a file that only you can read
    #[arg(long, value_name = "FILE", conflicts_with = "passphrase_file")]
    key_file: Option<PathBuf>,
    /// Passphrase of a PSKC file, in a file that only you can read
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct Csv {
    /// How a CSV file writes secrets
    #[arg(long, default_value = "hex")]
    secret: SecretForm,
    /// Kind of the fobs of a CSV file that has no column for it
    #[arg(long = "type")]
    kind: Option<FobKind>,
    /// What stands between the fields of a CSV file
    #[arg(long, default_value_t = ',', value_parser = separator)]
    separator: char,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum SecretForm {
    Hex,
    Base32,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum FobKind {
    /// Codes by counter
    Hotp,
    /// Codes by time
    Totp,
}

fn separator(text: &str) -> Result<char, String> {
    match text.parse::<char>() {
        Ok(c @ (',' | ';' | '\t' | '|' | ':')) => Ok(c),
        Ok(_) | Err(_) => Err("use one of , ; | : or a tab".to_owned()),
    }
}

pub(super) async fn run(cx: &Cx, output: Output, args: Args) -> Result<(), Failure> {
    let batch = read(&args)?;
    for bad in &batch.bad {
        let serial =
            bad.serial.as_ref().map_or_else(String::new, |serial| format!(", fob {}", for_terminal(serial)));
        stderr::write_line(&format!("line {}{serial}: {}", bad.line, for_terminal(&bad.problem.to_string())));
    }
    let (good, bad) = (batch.len(), batch.bad.len());
    if bad > 0 && !args.skip_bad {
        let failure =
            Failure::data(format!("{bad} of {} entries cannot be used; nothing was imported", good + bad));
        return Err(failure.hint("Correct the file, or leave them out with --skip-bad."));
    }
    if args.dry_run {
        let view = serde_json::json!({ "readable": good, "bad": bad, "added": 0 });
        return output.print(&view, || format!("{good} fobs can be imported. Nothing was changed."));
    }
    let bar = bar("{bar:40} {pos} of {len} fobs, {eta} left", Some(good));
    let work = async { fobs::import(cx, &batch, |step| bar.inc(step)).await.map_err(explain) };
    let Imported { added, known } = until_interrupted(work).await?;
    bar.finish_and_clear();
    let view = serde_json::json!({ "added": added, "known": known, "bad": bad });
    output.print(&view, || {
        let already = if known == 0 { String::new() } else { format!(" {known} were there already and stay as they are.") };
        format!("{added} fobs are in stock now.{already} Give one to a person with `tessera fob assign SERIAL USER`.")
    })
}

/// Reads the whole file. Nothing of a file that is broken somewhere is used.
fn read(args: &Args) -> Result<Batch, Failure> {
    let source = File::open(&args.file).map_err(|error| Failure::file(&args.file, &error))?;
    let bar = bar("{spinner} {pos} entries read", None);
    let batch = Batch::read(
        BufReader::with_capacity(1 << 16, source),
        form(args)?,
        args.manufacturer.as_ref(),
        |entries| bar.inc(entries),
    );
    bar.finish_and_clear();
    batch.map_err(|error| {
        let (file, error) =
            (for_terminal(&args.file.display().to_string()), for_terminal(&error.to_string()));
        Failure::data(format!("{file}: {error}")).hint("Nothing was imported.")
    })
}

fn form(args: &Args) -> Result<FileForm, Failure> {
    let is_csv = args.file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
    let form = args.format.unwrap_or(if is_csv { Form::Csv } else { Form::Pskc });
    match form {
        Form::Pskc => unlock(&args.pskc).map(FileForm::Pskc),
        Form::Csv if args.pskc.key_file.is_some() || args.pskc.passphrase_file.is_some() => {
            Err(Failure::usage("a CSV file has neither a key nor a passphrase"))
        }
        Form::Csv => Ok(FileForm::Csv(CsvFormat {
            separator: u8::try_from(args.csv.separator).unwrap_or(b','),
            secret: match args.csv.secret {
                SecretForm::Hex => SecretText::Hex,
                SecretForm::Base32 => SecretText::Base32,
            },
            kind: args.csv.kind.map(|kind| match kind {
                FobKind::Hotp => CsvKind::Hotp,
                FobKind::Totp => CsvKind::Totp,
            }),
            ..CsvFormat::default()
        })),
    }
}

fn unlock(args: &Pskc) -> Result<Unlock, Failure> {
    let secret = |path: &Path| passphrase(&SecretSource::File(path.to_owned()), "");
    match (&args.key_file, &args.passphrase_file) {
        (Some(path), _) => {
            let key = bytes(secret(path)?.trim());
            let key = key.filter(|key| matches!(key.len(), 16 | 24 | 32));
            let key = key.ok_or_else(|| {
                Failure::data(format!("{}: not a key of 16, 24 or 32 bytes in hex", path.display()))
            })?;
            Ok(Unlock::PreSharedKey(key))
        }
        (None, Some(path)) => Ok(Unlock::Password(secret(path)?)),
        (None, None) => Ok(Unlock::Nothing),
    }
}

fn bytes(hex: &str) -> Option<Zeroizing<Vec<u8>>> {
    let digits: Option<Vec<u8>> =
        hex.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = Zeroizing::new(digits?);
    let is_whole = digits.len().is_multiple_of(2);
    is_whole.then(|| Zeroizing::new(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()))
}

/// A bar on standard error. It is invisible where that is no terminal.
fn bar(template: &str, length: Option<usize>) -> ProgressBar {
    let bar = match length {
        Some(length) => ProgressBar::new(u64::try_from(length).unwrap_or(u64::MAX)),
        None => ProgressBar::no_length(),
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn explain(error: FobError) -> Failure {
    match error {
        FobError::Access(error) => error.into(),
        FobError::Store(fault) => fault.into(),
        FobError::NotFound
        | FobError::Ambiguous
        | FobError::Assigned
        | FobError::NotAssigned
        | FobError::Lost
        | FobError::Used
        | FobError::UnknownKind
        | FobError::NoSuchUser(_)
        | FobError::TooMany
        | FobError::WrongCodes => Failure::data(error.to_string()),
    }
}
