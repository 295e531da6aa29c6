//! `tessera config check`.

use serde::Serialize;

use super::Noun;
use crate::config::{Draft, Environment, Purpose, locate};
use crate::failure::Failure;
use crate::output::note;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    /// Say everything that is wrong with the configuration and the files it names
    Check {
        /// As `serve --dev` would see it
        #[arg(long)]
        dev: bool,
    },
}

#[derive(Serialize)]
struct Checked<'a> {
    valid: bool,
    issuer: &'a str,
    listen: String,
    ops_listen: String,
    unknown_variables: &'a [String],
}

pub(crate) fn run(args: &Noun<Verb>, environment: &Environment) -> Result<(), Failure> {
    let Noun { common, verb: Verb::Check { dev } } = args;
    let located = locate(common.place.config.as_deref(), common.place.data.as_deref(), environment)?;
    let purpose = if *dev { Purpose::Dev } else { Purpose::Serve };
    let draft = Draft::read(&located, purpose, environment)?.check_files();
    let unknown_variables = draft.unknown_variables.clone();
    for name in &unknown_variables {
        note(&format!("warning: environment {name}: means nothing to this program"));
    }
    let config = draft.finish()?;
    let checked = Checked {
        valid: true,
        issuer: &config.issuer,
        listen: config.listen.to_string(),
        ops_listen: config.ops_listen.to_string(),
        unknown_variables: &unknown_variables,
    };
    common.output().show(&checked, || "The configuration is valid.".to_owned())
}
