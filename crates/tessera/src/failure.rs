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
    /// The operating system gives no randomness.
    NoRandomness = 71,
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

/// What to do about a file that this account may not use.
pub(crate) const ACCESS_HINT: &str = "Run the command as the account that owns the file, or give this account access to it and to every directory above it.";

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
        Self::of_kind(error.kind(), format!("{what}: {error}"))
    }

    /// A file that cannot be read or written, by its path.
    pub(crate) fn file(path: &Path, error: &io::Error) -> Self {
        Self::io(&path.display().to_string(), error)
    }

    /// A file or stream that cannot be read or written, with what to do about it.
    fn of_kind(kind: io::ErrorKind, message: String) -> Self {
        match kind {
            io::ErrorKind::PermissionDenied => Self::new(Exit::NoPermission, message).hint(ACCESS_HINT),
            io::ErrorKind::ReadOnlyFilesystem => Self::new(Exit::Io, message).hint(
                "The file system is mounted read-only. Mount it for writing, or choose another directory.",
            ),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::new(Exit::Io, message).hint("Make room on the disk, then try again.")
            }
            _ => Self::new(Exit::Io, message),
        }
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
            Fault::NotInitialised(_) => Self::config(message).hint(
                "Make a new database with `tessera init` (for a configuration that exists: `tessera init --config FILE`), restore a \
                 backup with `tessera restore`, or name another directory with --config or --data.",
            ),
            Fault::AlreadyInitialised(_) => Self::config(message)
                .hint("Nothing was changed. A database is never overwritten; name another one in the configuration."),
            Fault::Incomplete { .. } => Self::config(message).hint(
                "Nothing was changed. Commits are missing from this file. Put its write-ahead log (tessera.db-wal) back beside it, or \
                 restore a backup with `tessera restore`. A copy of a database in use is made with `tessera backup`, never with cp. \
                 If there is no other copy, `tessera restore --promoted` makes a server take it, and ends everything that was issued.",
            ),
            Fault::File { kind, .. } => Self::of_kind(kind, message),
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
