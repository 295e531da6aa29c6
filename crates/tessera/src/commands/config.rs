//! `tessera config check`.

use serde::Serialize;

use super::{Common, Noun};
use crate::config::{Draft, Environment, Problem, Purpose, locate};
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
    warnings: &'a [String],
}

#[derive(Serialize)]
struct Refused {
    valid: bool,
    problems: Vec<Problem>,
}

pub(crate) fn run(args: &Noun<Verb>, environment: &Environment) -> Result<(), Failure> {
    let Noun { common, verb: Verb::Check { dev } } = args;
    let purpose = if *dev { Purpose::Dev } else { Purpose::Serve };
    let draft = locate(common.place.config.as_deref(), common.place.data.as_deref(), environment)
        .and_then(|located| Draft::read(&located, purpose, environment));
    let draft = match draft {
        Ok(draft) => draft.check_files(),
        Err(failure) => return refuse(common, vec![Problem::of_file(failure.to_string())], failure),
    };
    let (unknown_variables, warnings) = (draft.unknown_variables.clone(), draft.warnings());
    for name in &unknown_variables {
        note(&format!("warning: environment {name}: means nothing to this program"));
    }
    for warning in &warnings {
        note(&format!("warning: {warning}"));
    }
    let problems = draft.problems();
    let config = match draft.finish() {
        Ok(config) => config,
        Err(failure) => return refuse(common, problems, failure),
    };
    let checked = Checked {
        valid: true,
        issuer: &config.issuer,
        listen: config.listen.to_string(),
        ops_listen: config.ops_listen.to_string(),
        unknown_variables: &unknown_variables,
        warnings: &warnings,
    };
    common.output().show(&checked, || "The configuration is valid.".to_owned())
}

/// For people the failure says it all, on standard error.
fn refuse(common: &Common, problems: Vec<Problem>, failure: Failure) -> Result<(), Failure> {
    if common.json {
        common.output().show(&Refused { valid: false, problems }, String::new)?;
    }
    Err(failure)
}
