//! Where a command reads the token from.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::secret_input::{self, SecretSource};

/// Where a command reads the token from.
#[derive(Debug, clap::Args)]
pub(crate) struct TokenArgs {
    /// Read the token from a file that only you can read [default: standard input]
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

impl TokenArgs {
    pub(super) fn read(&self) -> Result<Zeroizing<String>, Failure> {
        let source = match &self.token_file {
            Some(path) => SecretSource::File(path.clone()),
            None if std::io::stdin().is_terminal() => SecretSource::Prompt,
            None => SecretSource::Stdin,
        };
        secret_input::token(
            &source,
            "give the token on standard input, or name its file with --token-file FILE",
        )
    }
}
