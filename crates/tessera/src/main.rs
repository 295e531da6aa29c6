//! `tessera`: the server and everything an administrator does at its command line.
//!
//! Only this file reads the environment. A command that fails says so in plain text on standard error, with what to do next,
//! and ends with a code of `sysexits.h`. Secrets come in by standard input or a file, never as arguments (attack A15).

mod adapters;
mod boot;
mod commands;
mod config;
mod demo;
#[cfg(test)]
mod documented;
mod failure;
mod hardening;
mod kek;
mod output;
mod secret_file;
mod secret_input;
mod serve;
mod telemetry;
mod text;
mod tls;

use std::process::ExitCode;

use clap::Parser;

use commands::Noun;
use config::Environment;
use failure::{Exit, Failure};

/// Self-hosted token authentication: logs people and machines in, issues tokens, takes them back.
#[derive(Debug, Parser)]
#[command(name = "tessera", version, propagate_version = true, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Make a configuration, a database and its first keys
    Init(commands::init::Args),
    /// Run the server
    Serve(serve::Args),
    /// Check the configuration
    Config(Noun<commands::config::Verb>),
    /// People
    User(Noun<commands::user::Verb>),
    /// Applications and services that ask for tokens
    Client(Noun<commands::client::Verb>),
    /// APIs that accept tokens
    Api(Noun<commands::api::Verb>),
    /// Keys of the issuer
    Key(Noun<commands::key::Verb>),
    /// Look at tokens
    Token(Noun<commands::token::Verb>),
    /// See it work: issuer, sample application and sample API on this machine
    Demo(demo::Args),
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(answer) => return explain(&answer),
    };
    let outcome = environment().and_then(|environment| {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::io("cannot start threads", &error))?;
        let outcome = runtime.block_on(run(cli.command, &environment));
        // A second signal must not wait for a password hash to finish.
        runtime.shutdown_background();
        outcome
    });
    outcome.unwrap_or_else(|failure| {
        output::note(&failure.to_string());
        failure.exit.into()
    })
}

async fn run(command: Command, environment: &Environment) -> Result<ExitCode, Failure> {
    match command {
        Command::Init(args) => commands::init::run(&args).await?,
        Command::Serve(args) => return serve::run(args, environment).await,
        Command::Config(args) => commands::config::run(&args, environment)?,
        Command::User(args) => commands::user::run(args, environment).await?,
        Command::Client(args) => commands::client::run(args, environment).await?,
        Command::Api(args) => commands::api::run(args, environment).await?,
        Command::Key(args) => commands::key::run(args, environment).await?,
        Command::Token(args) => return commands::token::run(args, environment).await,
        Command::Demo(args) => return demo::run(args).await,
    }
    Ok(ExitCode::SUCCESS)
}

/// Help and version are answers; everything else is a mistake in the command line.
fn explain(answer: &clap::Error) -> ExitCode {
    // Nobody reads it if this fails.
    let _ = answer.print();
    if answer.use_stderr() { Exit::Usage.into() } else { ExitCode::SUCCESS }
}

/// The variables that may be ours.
fn environment() -> Result<Environment, Failure> {
    let mut environment = Environment::new();
    for (name, value) in std::env::vars_os() {
        let Some(name) = name.to_str().filter(|name| name.starts_with("TESSERA_")) else { continue };
        let value =
            value.into_string().map_err(|_| Failure::config(format!("environment {name}: is not UTF-8")))?;
        environment.insert(name.to_owned(), value);
    }
    Ok(environment)
}
