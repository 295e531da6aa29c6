//! Arguments that many commands share.

use std::path::PathBuf;
use std::time::Duration;

use tessera_app::clock::ClockRefused;
use tessera_app::{Actor, App, Cx};

use crate::boot;
use crate::config::{Config, ConfigPath, Draft, Environment, Mode, locate};
use crate::failure::Failure;
use crate::output::Output;
use crate::stderr;

/// A clock that went back by more is warned about.
const LONG_BACK: Duration = Duration::from_secs(3_600);

/// Which configuration a command uses.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ConfigArgs {
    /// Configuration file [default: tessera.toml here or in ./tessera-data]
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,
    /// Data directory, instead of a configuration file
    #[arg(long, value_name = "DIR", global = true, conflicts_with = "config")]
    pub(crate) data: Option<PathBuf>,
}

impl ConfigArgs {
    pub(crate) fn locate(&self, environment: &Environment) -> Result<ConfigPath, Failure> {
        locate(self.config.as_deref(), self.data.as_deref(), environment)
    }
}

/// Arguments of every command that works on an installation.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct CommonArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Print JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

impl CommonArgs {
    pub(crate) const fn output(&self) -> Output {
        Output::new(self.json)
    }

    pub(crate) fn configuration(&self, environment: &Environment) -> Result<Config, Failure> {
        Draft::read(&self.config.locate(environment)?, Mode::Command, environment)?.finish()
    }
}

/// The arguments after a noun such as `user`: the common ones, and one of its verbs.
#[derive(Debug, clap::Args)]
pub(crate) struct NounArgs<V: clap::Subcommand> {
    #[command(flatten)]
    pub(super) common: CommonArgs,
    #[command(subcommand)]
    pub(super) verb: V,
}

/// A verb with everything that it needs to run.
pub(super) struct Invocation<V> {
    pub(super) cx: Cx,
    pub(super) output: Output,
    pub(super) verb: V,
}

impl<V: clap::Subcommand> NounArgs<V> {
    /// Opens the installation. This works while a server runs on it.
    pub(super) async fn open(self, environment: &Environment) -> Result<Invocation<V>, Failure> {
        let app = boot::open(&self.common.configuration(environment)?).await?;
        warn_about_clock(&app);
        Ok(Invocation { cx: Cx::new(&app, Actor::Cli), output: self.common.output(), verb: self.verb })
    }
}

/// Warns about a clock that went back by more than an hour. What only reads works all the same.
fn warn_about_clock(app: &App) {
    if let Err(ClockRefused::Behind { clock, highest, .. }) = app.require_right_clock()
        && highest.since(clock) > LONG_BACK
    {
        stderr::write_line(
            "warning: the clock of this machine went back by more than an hour; see `tessera clock show`",
        );
    }
}
