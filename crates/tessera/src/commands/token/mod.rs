//! `tessera token …`: reads tokens. A token is a secret: it comes by standard input, a file, or the terminal.

mod inspect;
mod token_args;
mod verify;

use std::process::ExitCode;

use super::args::NounArgs;
use crate::config::Environment;
use crate::failure::Failure;
use token_args::TokenArgs;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    /// Show what a token says without verifying it; works offline
    Inspect(TokenArgs),
    /// Verify an access token as an API would
    Verify(verify::Args),
}

pub(crate) async fn run(args: NounArgs<Verb>, environment: &Environment) -> Result<ExitCode, Failure> {
    let NounArgs { common, verb } = args;
    match verb {
        Verb::Inspect(token) => {
            inspect::run(common.output(), &token.read()?)?;
            Ok(ExitCode::SUCCESS)
        }
        Verb::Verify(args) => verify::run(&common, args, environment).await,
    }
}
