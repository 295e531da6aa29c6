//! What a command that fails tells the person: plain text on standard error, what to do next, and a code of `sysexits.h`.

use std::fmt;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use tessera_app::Fault;
use tessera_app::keys::KeyError;

/// Exit codes, by their meaning in `sysexits.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The command line is wrong.
    Usage = 64,
    /// What was named or given is not usable: no such user, a name that is taken, a token that is not valid.
    Data = 65,
    /// The database, the issuer or the port is not to be had; later may be better.
    Unavailable = 69,
    /// A bug.
    Internal = 70,
    /// Reading or writing a file failed.
    Io = 74,
    /// A file may not be read or written by this account.
    NoPermission = 77,
    /// The configuration, or a file it names, is wrong.
    Config = 78,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command did not do what it was asked, and what to do about it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    message: String,
    hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hint: None }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    pub(crate) fn data(message: impl Into<String>) -> Self {
        Self::new(Exit::Data, message)
    }

    pub(crate) fn config(message: impl Into<String>) -> Self {
        Self::new(Exit::Config, message)
    }

    /// A file or stream that could not be read or written.
    pub(crate) fn io(what: &str, error: &io::Error) -> Self {
        let exit = match error.kind() {
            io::ErrorKind::PermissionDenied => Exit::NoPermission,
            _ => Exit::Io,
        };
        Self::new(exit, format!("{what}: {error}"))
    }

    /// The same for a path.
    pub(crate) fn file(path: &Path, error: &io::Error) -> Self {
        Self::io(&path.display().to_string(), error)
    }

    /// Adds what the person can do next.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.hint.iter().try_for_each(|hint| write!(f, "\n{hint}"))
    }
}

impl std::error::Error for Failure {}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        let message = fault.to_string();
        match fault {
            Fault::Unavailable(_) => Self::new(Exit::Unavailable, message)
                .hint("Nothing was changed. Check that the database runs and has space, then try again."),
            Fault::AlreadyServed(_) => Self::new(Exit::Unavailable, message)
                .hint("One SQLite file has one server. Stop the other one, or use another data_dir."),
            Fault::Conflict => Self::data(message).hint("Somebody changed it at the same time: try again."),
            Fault::NewerSchema { .. } => Self::config(message),
            Fault::Corrupt(_) => Self::config(message)
                .hint("Nothing was changed. Restore the database from a backup, or see what `sqlite3 FILE 'PRAGMA integrity_check'` says."),
            Fault::Foreign(_) => Self::config(message).hint("Nothing was changed. Check data_dir and database.url."),
            Fault::Location(_) => Self::config(message).hint("Check data_dir and the [database] section."),
            Fault::Misuse(_) => Self::new(Exit::Internal, message),
        }
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Store(fault) => fault.into(),
            KeyError::Sealed(_) => Self::config(error.to_string()).hint(
                "Put back the key file that belongs to this database (keys.kek_file; default data_dir/kek).",
            ),
            KeyError::Missing(_) => Self::config(error.to_string()),
            KeyError::Provider(_) | KeyError::Unwritable => Self::new(Exit::Internal, error.to_string()),
        }
    }
}
