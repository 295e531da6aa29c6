//! `tessera token …`: looks at tokens. A token is a secret: it comes by standard input, a file, or the terminal.

mod inspect;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use zeroize::Zeroizing;

use super::Noun;
use crate::config::Environment;
use crate::failure::Failure;
use crate::secret_input::{self, Source};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    /// Show what a token says, without verifying it; works offline
    Inspect(Given),
    /// Verify an access token as an API would
    Verify(verify::Args),
}

/// Where the token is.
#[derive(Debug, clap::Args)]
pub(crate) struct Given {
    /// A file that only you can read [default: standard input]
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

pub(crate) async fn run(args: Noun<Verb>, environment: &Environment) -> Result<ExitCode, Failure> {
    let Noun { common, verb } = args;
    match verb {
        Verb::Inspect(given) => {
            inspect::run(common.output(), &given.read()?)?;
            Ok(ExitCode::SUCCESS)
        }
        Verb::Verify(args) => verify::run(&common, args, environment).await,
    }
}

impl Given {
    fn read(&self) -> Result<Zeroizing<String>, Failure> {
        use std::io::IsTerminal as _;
        let source = match &self.token_file {
            Some(path) => Source::File(path.clone()),
            None if std::io::stdin().is_terminal() => Source::Prompt,
            None => Source::Stdin,
        };
        secret_input::read(&source, "give the token on standard input or name it with --token-file FILE")
    }
}
