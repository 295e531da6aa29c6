//! The passphrase of a backup, given by one of the ways that never show it to others.

use std::path::PathBuf;

use tessera_model::PlainPassword;

use crate::failure::Failure;
use crate::secret_input::{self, SecretSource};

/// Ways to give a passphrase. Without any of them there is none.
#[derive(Debug, clap::Args)]
pub(crate) struct PassphraseArgs {
    /// Protect the backup with a passphrase, and ask for it
    #[arg(long, conflicts_with_all = ["passphrase_stdin", "passphrase_file"])]
    passphrase: bool,
    /// Read the passphrase from standard input
    #[arg(long, conflicts_with = "passphrase_file")]
    passphrase_stdin: bool,
    /// Read the passphrase from a file that only you can read
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

/// How to go without a terminal.
const OPTIONS: &str = "use --passphrase-stdin or --passphrase-file FILE";

impl PassphraseArgs {
    /// The passphrase of a new backup.
    pub(crate) fn choose(&self) -> Result<Option<PlainPassword>, Failure> {
        let Some(source) = self.source() else { return Ok(None) };
        let text = secret_input::new_passphrase(&source, OPTIONS)?;
        let passphrase = PlainPassword::to_set(text);
        passphrase
            .map(Some)
            .map_err(|_| Failure::data("a passphrase has at least 8 characters and at most 1024 bytes"))
    }

    /// The passphrase of a backup that is there.
    pub(crate) fn given(&self) -> Result<Option<PlainPassword>, Failure> {
        let Some(source) = self.source() else { return Ok(None) };
        let text = secret_input::passphrase(&source, OPTIONS)?;
        let passphrase = PlainPassword::to_check(String::clone(&text));
        passphrase.map(Some).map_err(|_| Failure::data("a passphrase has at most 1024 bytes"))
    }

    fn source(&self) -> Option<SecretSource> {
        match &self.passphrase_file {
            Some(path) => Some(SecretSource::File(path.clone())),
            None if self.passphrase_stdin => Some(SecretSource::Stdin),
            None => self.passphrase.then_some(SecretSource::Prompt),
        }
    }
}
