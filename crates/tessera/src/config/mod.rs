//! The configuration: one TOML file with `TESSERA_*` variables over it; every error at once (fault F40).
//!
//! Nothing below `main` reads the environment: it comes in as a map. The reference for operators is `docs/configuration.md`.

mod document;
pub(crate) mod duration;
mod files;
mod issuer;
mod locate;
mod problem;
mod sections;
mod template;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tessera_app::config::{OnShadow, Peers};
use tessera_app::hasher::Hashing;
use tessera_http::headers::Transport;
use tessera_http::pages::Site;
use tessera_model::key::RotationSchedule;
use tessera_model::policy::Lifetimes;

pub(crate) use document::Environment;
pub(crate) use locate::Place as Located;
pub(crate) use locate::{DEFAULT_DATA_DIR, FILE_NAME, locate};
pub(crate) use problem::Problem;
pub(crate) use template::commented;

use crate::failure::Failure;
use problem::Place;

/// Everything an operator chooses.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// Issuer identifier. Empty under `--dev` until the port is known.
    pub(crate) issuer: String,
    /// How browsers reach the server.
    pub(crate) transport: Transport,
    /// Where the server listens.
    pub(crate) listen: SocketAddr,
    /// Where `/healthz`, `/readyz` and `/metrics` are.
    pub(crate) ops_listen: SocketAddr,
    /// Most connections at the same time on `listen`.
    pub(crate) max_connections: usize,
    /// And from one address.
    pub(crate) max_connections_per_address: usize,
    /// How long a server that stops goes on taking requests.
    pub(crate) shutdown_notice: Duration,
    /// Where files of our own are.
    pub(crate) data_dir: PathBuf,
    /// Which database.
    pub(crate) database: Database,
    /// Certificate and key, if TLS ends here.
    pub(crate) tls: Option<TlsFiles>,
    /// The key-encryption key, if it is not `data_dir/kek`.
    pub(crate) kek_file: Option<PathBuf>,
    /// When keys rotate.
    pub(crate) rotation: RotationSchedule,
    /// How long things last.
    pub(crate) lifetimes: Lifetimes,
    /// Cost of password hashing.
    pub(crate) hashing: Hashing,
    /// Whose address a request carries.
    pub(crate) peers: Peers,
    /// Whether every client needs PKCE, whatever it is registered for.
    pub(crate) require_pkce: bool,
    /// What becomes of a grant that is used from two places again and again.
    pub(crate) on_shadow: OnShadow,
    /// How long audit events are kept.
    pub(crate) audit_retention: Duration,
    /// What is logged, and how.
    pub(crate) log: Log,
    /// Templates and styles in place of the built-in ones.
    pub(crate) theme_dir: Option<PathBuf>,
    /// Whose pages they are, and who helps.
    pub(crate) site: Site,
}

/// Which database.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Database {
    /// `tessera.db` in `data_dir`.
    Sqlite,
    /// A PostgreSQL server.
    Postgres {
        /// May hold the password: neither shown nor logged.
        url: String,
        /// A file with the password.
        password_file: Option<PathBuf>,
        /// Most connections of this process.
        max_connections: usize,
        /// Certificates that the server's must chain to.
        ca_file: Option<PathBuf>,
    },
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "Sqlite",
            Self::Postgres { .. } => "Postgres(…)",
        })
    }
}

/// PEM files of the server's certificate chain and its private key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TlsFiles {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// What is logged, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Log {
    pub(crate) format: LogFormat,
    pub(crate) level: tracing::Level,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// What a configuration is read for, which decides what is allowed in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A server for others.
    Serve,
    /// `serve --dev`: plain HTTP, only on this machine.
    Dev,
    /// A command that works on the database of either.
    Command,
}

/// A configuration with what is wrong with it.
pub(crate) struct Draft {
    config: Config,
    file: Option<PathBuf>,
    places: BTreeMap<&'static str, Place>,
    paths: Vec<(&'static str, PathBuf)>,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
    /// `TESSERA_*` variables that mean nothing to us.
    pub(crate) unknown_variables: Vec<String>,
}

impl Draft {
    /// Reads the file, if there is one, and the environment.
    ///
    /// # Errors
    /// The file itself cannot be read; what is wrong in it comes with [`Draft::finish`].
    pub(crate) fn read(
        located: &Located,
        purpose: Purpose,
        environment: &Environment,
    ) -> Result<Self, Failure> {
        let (file, text) = match located {
            Located::File(path) => {
                let text = std::fs::read_to_string(path).map_err(|error| {
                    Failure::config(format!("{}: {error}", path.display()))
                        .hint("Make one with `tessera init`, or name another with --config.")
                })?;
                (Some(path.clone()), text)
            }
            Located::DataDir(_) => (None, String::new()),
        };
        let data_dir = located.data_dir();
        let mut document = document::Document::parse(
            &text,
            file.as_deref().and_then(Path::parent).unwrap_or(Path::new("")),
            environment,
        );
        let config = sections::read(&mut document, purpose, data_dir);
        let unknown_variables = document.refuse_unknown();
        let places = document.asked.iter().map(|key| (*key, document.place(key))).collect();
        let document::Document { paths, problems, warnings, .. } = document;
        Ok(Self { config, file, places, paths, problems, warnings, unknown_variables })
    }

    /// Looks at the files that the configuration names, as the server would.
    #[must_use]
    pub(crate) fn check_files(mut self) -> Self {
        let mut found = files::check(&self.config, &self.paths);
        // A key that is wrong already says nothing about a file.
        found.retain(|(key, _)| self.problems.iter().all(|problem| problem.key != *key));
        self.problems.extend(found.into_iter().map(|(key, text)| Problem {
            place: self.places.get(key).cloned().unwrap_or(Place::Nowhere),
            key: key.to_owned(),
            text,
        }));
        self
    }

    /// What is wrong, in the order of the file.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        problem::in_order(&self.problems)
    }

    /// What may be but had better not, one line each.
    pub(crate) fn warnings(&self) -> Vec<String> {
        problem::lines(self.file.as_deref(), &self.warnings)
    }

    /// The configuration, if nothing is wrong with it.
    ///
    /// # Errors
    /// Everything that is wrong, one problem a line.
    pub(crate) fn finish(self) -> Result<Config, Failure> {
        if self.problems.is_empty() {
            return Ok(self.config);
        }
        Err(Failure::config(problem::lines(self.file.as_deref(), &self.problems).join("\n")))
    }
}

impl Config {
    /// What `serve --dev` uses on this data directory when nothing else is said.
    pub(crate) fn development(data_dir: PathBuf) -> Self {
        sections::defaults(Purpose::Dev, data_dir)
    }

    /// The database file, for SQLite.
    pub(crate) fn sqlite_file(&self) -> PathBuf {
        self.data_dir.join("tessera.db")
    }

    /// The file of the key-encryption key.
    pub(crate) fn kek_path(&self) -> PathBuf {
        self.kek_file.clone().unwrap_or_else(|| self.data_dir.join("kek"))
    }

    /// What the use cases need of it.
    pub(crate) fn app(&self) -> tessera_app::Config {
        tessera_app::Config {
            issuer: self.issuer.clone(),
            lifetimes: self.lifetimes,
            rotation: self.rotation,
            hashing: self.hashing,
            peers: self.peers,
            require_pkce: self.require_pkce,
            on_shadow: self.on_shadow,
            audit_retention: self.audit_retention,
        }
    }
}

#[cfg(test)]
mod tests;
