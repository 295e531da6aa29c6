//! `tessera`: the server, and the commands of its administrator.
//!
//! Only this file reads the environment. A command that fails prints the reason and a hint on standard error, and ends with an
//! exit code of `sysexits.h`. Secrets come by standard input or from a file, never as arguments.

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
mod made;
mod mail;
mod output;
mod preflight;
mod problem;
mod secret_file;
mod secret_input;
mod serve;
mod stderr;
mod telemetry;
mod text;
mod tls;

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use clap::Parser;

use commands::args::NounArgs;
use config::Environment;
use failure::{Exit, Failure};

/// Self-hosted login and tokens: an OAuth 2.1 and OpenID Connect issuer
#[derive(Debug, Parser)]
#[command(name = "tessera", version, propagate_version = true, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Create a configuration, a database and its first keys
    Init(commands::init::Args),
    /// Run the server
    Serve(commands::serve::Args),
    /// Check the configuration
    Config(NounArgs<commands::config::Verb>),
    /// Manage accounts of people
    User(NounArgs<commands::user::Verb>),
    /// Manage clients: applications and services that ask for tokens
    Client(NounArgs<commands::client::Verb>),
    /// Manage APIs, which accept tokens
    Api(NounArgs<commands::api::Verb>),
    /// Manage key fobs, which show codes to people
    Fob(NounArgs<commands::fob::Verb>),
    /// Manage groups of people
    Group(NounArgs<commands::group::Verb>),
    /// Show and rotate the keys of the issuer
    Key(NounArgs<commands::key::Verb>),
    /// The audit trail
    Audit(NounArgs<commands::audit::Verb>),
    /// Show or accept the clock
    Clock(NounArgs<commands::clock::Verb>),
    /// Show the background jobs
    Job(NounArgs<commands::job::Verb>),
    /// Send a test mail, and show what waits to be sent
    Mail(NounArgs<commands::mail::Verb>),
    /// Write a backup, while the server runs
    Backup(commands::backup::Args),
    /// Make the database from a backup; everything that was issued before ends
    Restore(commands::restore::Args),
    /// Read and verify tokens
    Token(NounArgs<commands::token::Verb>),
    /// Run a demo: issuer, sample application and sample API on this machine
    Demo(demo::Args),
}

fn main() -> ExitCode {
    stderr::report_panics();
    adapters::end_when_randomness_fails();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(answer) => return print_clap(&answer),
    };
    let outcome = std::panic::catch_unwind(|| start(cli.command));
    let outcome = outcome.unwrap_or_else(|_| Err(Failure::new(Exit::Internal, "the program has a bug")));
    let code = outcome.unwrap_or_else(|failure| {
        stderr::write_line(&failure.to_string());
        failure.exit.into()
    });
    stderr::flush();
    code
}

fn start(command: Command) -> Result<ExitCode, Failure> {
    // Most commands read keys, passwords or passphrases.
    hardening::keep_memory_private();
    let environment = environment()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::io("cannot start threads", &error))?;
    let outcome = runtime.block_on(run(command, &environment));
    // A second signal must not wait for a password hash.
    runtime.shutdown_background();
    outcome
}

async fn run(command: Command, environment: &Environment) -> Result<ExitCode, Failure> {
    match command {
        Command::Init(args) => commands::init::run(&args, environment).await?,
        Command::Serve(args) => return commands::serve::run(args, environment).await,
        Command::Config(args) => commands::config::run(&args, environment)?,
        Command::User(args) => commands::user::run(args, environment).await?,
        Command::Client(args) => commands::client::run(args, environment).await?,
        Command::Api(args) => commands::api::run(args, environment).await?,
        Command::Fob(args) => commands::fob::run(args, environment).await?,
        Command::Group(args) => commands::group::run(args, environment).await?,
        Command::Key(args) => commands::key::run(args, environment).await?,
        Command::Audit(args) => commands::audit::run(args, environment).await?,
        Command::Clock(args) => commands::clock::run(args, environment).await?,
        Command::Job(args) => commands::job::run(args, environment).await?,
        Command::Mail(args) => commands::mail::run(args, environment).await?,
        Command::Backup(args) => commands::backup::run(&args, environment).await?,
        Command::Restore(args) => commands::restore::run(&args, environment).await?,
        Command::Token(args) => return commands::token::run(args, environment).await,
        Command::Demo(args) => return demo::run(args).await,
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints what clap answers: help or version, or an error in the command line.
fn print_clap(answer: &clap::Error) -> ExitCode {
    if answer.use_stderr() && !io::stderr().is_terminal() {
        stderr::write_line(answer.render().to_string().trim_end());
        stderr::flush();
    } else {
        // If this fails, nobody reads the output.
        let _ = answer.print();
    }
    if answer.use_stderr() { Exit::Usage.into() } else { ExitCode::SUCCESS }
}

/// The variables whose names begin with `TESSERA_`.
#[expect(clippy::disallowed_methods, reason = "this is main")]
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
