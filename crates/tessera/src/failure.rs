//! How a command fails: a message on standard error with a hint what to do next, and an exit code of `sysexits.h`.

use std::fmt;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use tessera_app::Fault;
use tessera_app::keys::KeyError;

/// Exit codes with their meaning in `sysexits.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The command line is wrong.
    Usage = 64,
    /// The input cannot be used: there is no such user, the name is taken, the token is not valid.
    Data = 65,
    /// The database, the issuer or the port is not available. It may be later.
    Unavailable = 69,
    /// The program has a bug.
    Internal = 70,
    /// A file cannot be read or written.
    Io = 74,
    /// This account may not read or write a file.
    NoPermission = 77,
    /// The configuration or a file that it names is wrong.
    Config = 78,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command failed, and what to do about it.
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

    /// A file or stream that cannot be read or written.
    pub(crate) fn io(what: &str, error: &io::Error) -> Self {
        let exit = match error.kind() {
            io::ErrorKind::PermissionDenied => Exit::NoPermission,
            _ => Exit::Io,
        };
        Self::new(exit, format!("{what}: {error}"))
    }

    /// A file that cannot be read or written, by its path.
    pub(crate) fn file(path: &Path, error: &io::Error) -> Self {
        Self::io(&path.display().to_string(), error)
    }

    /// Adds a hint what to do next.
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
                .hint("Nothing was changed. Check that the database runs and has free space, then try again."),
            Fault::OutcomeUnknown(_) => Self::new(Exit::Unavailable, message)
                .hint("Look whether the change was made. If it was not, try again."),
            Fault::AlreadyServed(_) => Self::new(Exit::Unavailable, message)
                .hint("Only one server can use a SQLite file. Stop the other server, or use another data_dir."),
            Fault::Conflict => Self::data(message).hint("Somebody else changed it at the same time. Try again."),
            Fault::NewerSchema { .. } => Self::config(message),
            Fault::Corrupt(_) => Self::config(message)
                .hint("Nothing was changed. Restore the database from a backup, or run `sqlite3 FILE 'PRAGMA integrity_check'`."),
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
            KeyError::Sealed(_) => Self::config(error.to_string())
                .hint("Put back the key file of this database (keys.kek_file, by default kek in data_dir)."),
            KeyError::Missing(_) => Self::config(error.to_string()),
            KeyError::Provider(_) | KeyError::Unwritable => Self::new(Exit::Internal, error.to_string()),
        }
    }
}
