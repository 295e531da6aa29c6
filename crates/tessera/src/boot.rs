//! Opens what a configuration names: key-encryption key and database. Every command starts here. Only `init`, and `serve --dev` and
//! the demo for development, make what is missing.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tessera_app::keys::{Kek, KeyError};
use tessera_app::{App, Fault, Parts};
use tessera_store::{Location, Store};
use url::Url;

use crate::adapters::{SystemClock, SystemEntropy, SystemFetch};
use crate::config::{Config, Database};
use crate::failure::Failure;
use crate::kek::{self, KekFileError};
use crate::made::Made;
use crate::mail::SmtpMailer;
use crate::secret_file::{self, SecretFileError};

/// Why an installation cannot be opened or made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BootError {
    /// The data directory cannot be created.
    #[error("{path}: {error}", path = .0.display(), error = .1)]
    DataDir(PathBuf, io::Error),
    /// The key-encryption key is there, and its database is not.
    #[error("{database}: there is no database, but {kek} holds its key", database = database.display(), kek = kek.display())]
    KeyWithoutDatabase { kek: PathBuf, database: PathBuf },
    /// A new database was to be made with a new key, and there is a key.
    #[error("{path}: there is a key-encryption key already", path = .0.display())]
    KeyExists(PathBuf),
    /// The key-encryption key cannot be used.
    #[error(transparent)]
    Kek(#[from] KekFileError),
    /// The file with the database password cannot be used.
    #[error(transparent)]
    Password(#[from] SecretFileError),
    /// The URL of the database cannot take a password.
    #[error("{path}: database.url takes no password", path = .0.display())]
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
            BootError::KeyWithoutDatabase { .. } => Self::config(message).hint(
                "Nothing was changed. Put the database back, or restore a backup with `tessera restore`. Only if the database is \
                 meant to be gone: move the key away and begin anew with `tessera init`.",
            ),
            BootError::KeyExists(_) => Self::config(message).hint(
                "Nothing was changed. If the key belongs to a database, put that back. To make a new database under this key: --existing-key.",
            ),
            BootError::Kek(KekFileError::File(error)) | BootError::Password(error) => error.into(),
            BootError::Kek(_) | BootError::BadPassword(_) => Self::config(message),
        }
    }
}

/// Which key-encryption key a new database gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyOfNewDatabase {
    /// A new one. A key that is there belongs to a database that is not, so it is refused.
    New,
    /// The one that is there, because the operator said so.
    Existing,
}

/// Opens an installation. Makes nothing that is missing: a server that made a new database in place of a lost one would
/// acknowledge into it.
pub(crate) async fn open(config: &Config) -> Result<Arc<App>, BootError> {
    require_sqlite_file(config)?;
    let key = kek::find(config)?.ok_or_else(|| KekFileError::Absent(config.kek_path()))?;
    let store = Store::open(&location(config)?).await?;
    start(config, &key, store).await
}

/// Makes the database of a configuration, and its key-encryption key if that is to be new. If this fails, it leaves nothing behind,
/// but in PostgreSQL a schema that is there, and its key.
pub(crate) async fn create(config: &Config, key: KeyOfNewDatabase) -> Result<Arc<App>, BootError> {
    let mut made = Made::default();
    let app = make(config, key, &mut made).await?;
    made.keep();
    Ok(app)
}

/// Opens an installation for development, or makes a new one where there is neither a database nor a key.
pub(crate) async fn open_or_create(config: &Config) -> Result<Arc<App>, BootError> {
    match open(config).await {
        Err(BootError::Store(Fault::NotInitialised(_))) => {
            let key = match config.database {
                Database::Sqlite => KeyOfNewDatabase::New,
                // The configuration names the key, so it is there before the database.
                Database::Postgres { .. } => KeyOfNewDatabase::Existing,
            };
            tracing::warn!("there is no database; a new one is made for development");
            create(config, key).await
        }
        opened => opened,
    }
}

async fn make(config: &Config, key: KeyOfNewDatabase, made: &mut Made) -> Result<Arc<App>, BootError> {
    let path = config.kek_path();
    let key = match key {
        KeyOfNewDatabase::Existing => kek::read(config)?.ok_or(KekFileError::Absent(path))?,
        KeyOfNewDatabase::New if path.symlink_metadata().is_ok() => return Err(BootError::KeyExists(path)),
        KeyOfNewDatabase::New => {
            for dir in [Some(&*config.data_dir), path.parent()].into_iter().flatten() {
                make_private_dir(dir, made)?;
            }
            made.file(&path);
            kek::create(&path, &SystemEntropy).inspect_err(|error| {
                if error.is_taken() {
                    made.forget(&path);
                }
            })?
        }
    };
    let file = config.sqlite_file();
    if config.database == Database::Sqlite {
        made.database(&file);
    }
    let store = Store::create(&location(config)?).await.inspect_err(|error| {
        if matches!(error, Fault::AlreadyInitialised(_)) {
            // Whoever was faster may have read our key.
            made.forget_database(&file);
            made.forget(&config.kek_path());
        }
    })?;
    if let Database::Postgres { .. } = config.database {
        // The schema stays, and keys in it may be sealed already. So its key stays too, and whoever opens it makes what is missing.
        std::mem::take(made).keep();
    }
    start(config, &key, store).await
}

async fn start(config: &Config, key: &[u8; 32], store: Store) -> Result<Arc<App>, BootError> {
    let parts = Parts {
        store,
        config: config.app(),
        kek: Kek::new(key),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        fetch: Arc::new(SystemFetch::default()),
        mailer: SmtpMailer::of(config).map(|mailer| Arc::new(mailer) as _),
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
    let key = kek::read(config)?.ok_or_else(|| KekFileError::Needed(config.kek_path()))?;
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

/// Says what is missing, the database or its key, before anything is opened.
fn require_sqlite_file(config: &Config) -> Result<(), BootError> {
    let database = config.sqlite_file();
    let missing = |path: &Path| matches!(path.symlink_metadata(), Err(error) if error.kind() == io::ErrorKind::NotFound);
    if config.database != Database::Sqlite || !missing(&database) {
        return Ok(());
    }
    let kek = config.kek_path();
    if missing(&kek) {
        Err(Fault::NotInitialised(database.display().to_string()).into())
    } else {
        Err(BootError::KeyWithoutDatabase { kek, database })
    }
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

/// Creates a directory that only this account can enter, and those above it.
pub(crate) fn make_private_dir(dir: &Path, made: &mut Made) -> Result<(), BootError> {
    made.directory(dir);
    let outcome = DirBuilder::new().recursive(true).mode(0o700).create(dir);
    outcome.map_err(|error| BootError::DataDir(dir.to_owned(), error))
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

fn with_password(url: &str, path: &Path) -> Result<String, BootError> {
    let bad = || BootError::BadPassword(path.to_owned());
    let password = secret_file::password(path)?;
    let mut url = Url::parse(url).map_err(|_| bad())?;
    url.set_password(Some(&password)).map_err(|()| bad())?;
    Ok(url.into())
}
