//! Opens what a configuration names: data directory, key-encryption key, database. Every command starts here.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tessera_app::keys::{Kek, KeyError};
use tessera_app::{App, Fault, Parts};
use tessera_store::{Location, Store};
use url::Url;
use zeroize::Zeroizing;

use crate::adapters::{SystemClock, SystemEntropy};
use crate::config::{Config, Database};
use crate::failure::Failure;
use crate::hardening;
use crate::kek::{self, KekFileError};
use crate::secret_file::{self, SecretFileError};

/// Why an installation cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BootError {
    /// The data directory cannot be created.
    #[error("{path}: {error}", path = .0.display(), error = .1)]
    DataDir(PathBuf, io::Error),
    /// A command needs a database that does not exist.
    #[error("{path}: there is no database", path = .0.display())]
    NoDatabase(PathBuf),
    /// The key-encryption key cannot be used.
    #[error(transparent)]
    Kek(#[from] KekFileError),
    /// The file with the database password cannot be used.
    #[error(transparent)]
    Password(#[from] SecretFileError),
    /// The file with the database password is empty or not text, or the URL cannot take a password.
    #[error("{path}: holds no password in UTF-8", path = .0.display())]
    BadPassword(PathBuf),
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] Fault),
    /// The keys in the database cannot be used.
    #[error(transparent)]
    Keys(#[from] KeyError),
}

impl From<BootError> for Failure {
    fn from(error: BootError) -> Self {
        let message = error.to_string();
        match error {
            BootError::Store(fault) => fault.into(),
            BootError::Keys(error) => error.into(),
            BootError::DataDir(path, error) => Self::file(&path, &error),
            BootError::NoDatabase(_) => Self::config(message).hint(
                "Name another directory with --config or --data, or make a database with `tessera init`.",
            ),
            BootError::Kek(_) | BootError::Password(_) | BootError::BadPassword(_) => Self::config(message),
        }
    }
}

/// Opens an installation. Creates what a new data directory lacks.
pub(crate) async fn open(config: &Config) -> Result<Arc<App>, BootError> {
    // From here on the process holds keys.
    hardening::keep_memory_private();
    let key = if let Some(key) = kek::find(config)? {
        key
    } else {
        make_private_dir(&config.data_dir)?;
        kek::create(&config.kek_path(), &SystemEntropy)?
    };
    let kek = Kek::new(&key);
    let store = Store::open(&location(config)?).await?;
    let parts = Parts {
        store,
        config: config.app(),
        kek,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
    };
    Ok(App::start(parts).await?)
}

/// What a restore stands on: everything but a database.
pub(crate) struct Ground {
    pub(crate) kek: Kek,
    pub(crate) location: Location,
}

/// Reads the key-encryption key, and finds out where the database is or will be. Creates nothing.
pub(crate) fn ground(config: &Config) -> Result<Ground, BootError> {
    hardening::keep_memory_private();
    let key = kek::find(config)?.ok_or_else(|| KekFileError::Needed(config.kek_path()))?;
    Ok(Ground { kek: Kek::new(&key), location: location(config)? })
}

/// Another database: a SQLite file, or PostgreSQL with the password and the certificates of this configuration.
pub(crate) fn other_location(config: &Config, text: &str) -> Result<Location, Failure> {
    if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
        return Ok(Location::Sqlite { path: text.into() });
    }
    let mut url = Url::parse(text).map_err(|_| Failure::usage("--old: is not a URL of PostgreSQL"))?;
    if url.password().is_some() || url.query_pairs().any(|(name, _)| name == "password") {
        return Err(Failure::usage("--old: must not hold the password; the configured one is used"));
    }
    let Location::Postgres { url: configured, ca, .. } = location(config)? else {
        return Ok(Location::Postgres { url: url.into(), max_connections: 1, ca: None });
    };
    let password = Url::parse(&configured).ok().and_then(|url| url.password().map(str::to_owned));
    // A URL that takes no password has no host, and then no server asks for one.
    let _ = url.set_password(password.as_deref());
    Ok(Location::Postgres { url: url.into(), max_connections: 1, ca })
}

/// Opens an installation for a command, which must not create one.
pub(crate) async fn open_existing(config: &Config) -> Result<Arc<App>, BootError> {
    if config.database == Database::Sqlite && !config.sqlite_file().exists() {
        return Err(BootError::NoDatabase(config.sqlite_file()));
    }
    open(config).await
}

/// Logs a warning for files that other accounts may read or write without need. Secret files with such permissions are an error
/// of their own.
pub(crate) fn warn_about_permissions(config: &Config) {
    let mode = |path: &Path| std::fs::metadata(path).map_or(0, |metadata| metadata.mode());
    let dir = &config.data_dir;
    if mode(dir) & 0o022 != 0 {
        tracing::warn!(path = %dir.display(), "other accounts may put files into the data directory; run: chmod 700");
    }
    let database = config.sqlite_file();
    if config.database == Database::Sqlite && mode(&database) & 0o077 != 0 {
        tracing::warn!(path = %database.display(), "other accounts may read the database; run: chmod 600");
    }
}

/// Creates a directory that only this account can enter.
pub(crate) fn make_private_dir(dir: &Path) -> Result<(), BootError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.map_err(|error| BootError::DataDir(dir.to_owned(), error))
}

fn location(config: &Config) -> Result<Location, BootError> {
    match &config.database {
        Database::Sqlite => Ok(Location::Sqlite { path: config.sqlite_file() }),
        Database::Postgres { url, password_file, max_connections, ca_file } => Ok(Location::Postgres {
            url: match password_file {
                Some(path) => with_password(url, path)?,
                None => url.clone(),
            },
            max_connections: *max_connections,
            ca: ca_file.clone(),
        }),
    }
}

/// Reads the password of the database from its file.
pub(crate) fn database_password(path: &Path) -> Result<Zeroizing<String>, BootError> {
    let content = secret_file::read(path)?;
    let text = std::str::from_utf8(&content).map(|text| text.trim_end_matches(['\r', '\n']));
    match text {
        Ok(password) if !password.is_empty() => Ok(Zeroizing::new(password.to_owned())),
        _ => Err(BootError::BadPassword(path.to_owned())),
    }
}

fn with_password(url: &str, path: &Path) -> Result<String, BootError> {
    let bad = || BootError::BadPassword(path.to_owned());
    let password = database_password(path)?;
    let mut url = Url::parse(url).map_err(|_| bad())?;
    url.set_password(Some(&password)).map_err(|()| bad())?;
    Ok(url.into())
}
