//! One file per noun of the command line. Each verb reads its arguments, calls one use case, and prints what came of it.

pub(crate) mod api;
pub(crate) mod client;
pub(crate) mod config;
pub(crate) mod init;
pub(crate) mod key;
mod libraries;
pub(crate) mod token;
pub(crate) mod user;
mod views;

use std::path::PathBuf;

use tessera_app::{Actor, Cx};

use crate::boot;
use crate::config::{Draft, Environment, Purpose, locate};
use crate::failure::Failure;
use crate::output::Output;

/// Which installation is meant.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Place {
    /// Configuration file [default: tessera.toml here or in ./tessera-data]
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,
    /// Data directory, instead of a configuration file
    #[arg(long, value_name = "DIR", global = true, conflicts_with = "config")]
    pub(crate) data: Option<PathBuf>,
}

/// What follows the name of a noun: what every command takes, and one of its verbs.
#[derive(Debug, clap::Args)]
pub(crate) struct Noun<V: clap::Subcommand> {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    verb: V,
}

/// A verb about to be done on an installation.
struct Opened<V> {
    cx: Cx,
    output: Output,
    verb: V,
}

impl<V: clap::Subcommand> Noun<V> {
    /// Opens the installation for somebody at the command line. Works while its server runs.
    async fn open(self, environment: &Environment) -> Result<Opened<V>, Failure> {
        let app = boot::open_existing(&self.common.configuration(environment)?).await?;
        Ok(Opened { cx: Cx::new(&app, Actor::Cli), output: self.common.output(), verb: self.verb })
    }
}

/// What every command takes.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Common {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Print JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

impl Common {
    pub(crate) const fn output(&self) -> Output {
        Output::new(self.json)
    }

    pub(crate) fn configuration(&self, environment: &Environment) -> Result<crate::config::Config, Failure> {
        let located = locate(self.place.config.as_deref(), self.place.data.as_deref(), environment)?;
        Draft::read(&located, Purpose::Command, environment)?.finish()
    }
}
