//! The configuration: one TOML file with `TESSERA_*` variables over it. The operator sees every error at once.
//!
//! Each section is a file with its struct, its table of keys and its checks. From the tables come the parser, the template of
//! `tessera init` and the reference in `docs/configuration.md`. To add a key, add an entry to the table of its section and the
//! field that it fills. Only `main` reads the environment: it arrives here as a map.

mod audit;
mod clients;
mod clock;
mod database;
mod document;
mod draft;
pub(crate) mod duration;
mod environment;
mod hashing;
mod issuer;
mod key;
mod keys;
mod lifetimes;
mod locate;
mod log;
mod mail;
mod mode;
mod pages;
mod passkeys;
mod passwords;
mod problem;
#[cfg(test)]
mod reference;
mod refresh;
mod server;
mod template;
#[cfg(test)]
mod tests;
mod theme;
mod tls;
mod top_level;

pub(crate) use database::Database;
pub(crate) use draft::{Draft, FileProblem};
pub(crate) use environment::Environment;
pub(crate) use locate::{ConfigPath, DEFAULT_DATA_DIR, FILE_NAME, locate};
pub(crate) use log::{Log, LogFormat};
pub(crate) use mail::{MailSecurity, MailSettings};
pub(crate) use mode::Mode;
pub(crate) use problem::ConfigProblem;
pub(crate) use template::template;
pub(crate) use tls::TlsFiles;
pub(crate) use top_level::{Config, EXAMPLE_ISSUER};
