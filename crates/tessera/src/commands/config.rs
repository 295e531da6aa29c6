//! `tessera config check`.

use serde::Serialize;

use super::args::{CommonArgs, NounArgs};
use crate::config::{ConfigProblem, Draft, Environment, Mode};
use crate::failure::Failure;
use crate::preflight;
use crate::stderr::write_line;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    /// List everything that is wrong with the configuration and the files it names
    Check {
        /// Check for `serve --dev`
        #[arg(long)]
        dev: bool,
    },
}

#[derive(Serialize)]
struct CheckAccepted<'a> {
    valid: bool,
    issuer: &'a str,
    listen: String,
    ops_listen: String,
    unknown_variables: &'a [String],
    warnings: &'a [String],
}

#[derive(Serialize)]
struct CheckRefused {
    valid: bool,
    problems: Vec<ConfigProblem>,
}

pub(crate) fn run(args: &NounArgs<Verb>, environment: &Environment) -> Result<(), Failure> {
    let NounArgs { common, verb: Verb::Check { dev } } = args;
    let mode = if *dev { Mode::Dev } else { Mode::Serve };
    let draft = common.config.locate(environment).and_then(|path| Draft::read(&path, mode, environment));
    let draft = match draft {
        Ok(draft) => preflight::check_files(draft),
        Err(failure) => return refuse(common, vec![ConfigProblem::of_file(failure.to_string())], failure),
    };
    let (unknown_variables, warnings) = (draft.unknown_variables.clone(), draft.warnings());
    for name in &unknown_variables {
        write_line(&format!("warning: environment {name}: no key has this variable"));
    }
    for warning in &warnings {
        write_line(&format!("warning: {warning}"));
    }
    let problems = draft.problems();
    let config = match draft.finish() {
        Ok(config) => config,
        Err(failure) => return refuse(common, problems, failure),
    };
    let accepted = CheckAccepted {
        valid: true,
        issuer: &config.issuer,
        listen: config.listen.to_string(),
        ops_listen: config.ops_listen.to_string(),
        unknown_variables: &unknown_variables,
        warnings: &warnings,
    };
    common.output().print(&accepted, || "The configuration is valid.".to_owned())
}

/// Prints the problems for programs. People read them in the failure, on standard error.
fn refuse(common: &CommonArgs, problems: Vec<ConfigProblem>, failure: Failure) -> Result<(), Failure> {
    if common.json {
        common.output().print(&CheckRefused { valid: false, problems }, String::new)?;
    }
    Err(failure)
}
