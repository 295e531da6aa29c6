//! Runs a command with a throw-away PostgreSQL that all its tests share:
//! `cargo run -p tessera-testkit --example with-postgres -- cargo nextest run -p tessera-store`.

use std::process::{Command, ExitCode};

use tessera_testkit::postgres::{PostgresServer, URL_VARIABLE};

fn main() -> Result<ExitCode, String> {
    let mut words = std::env::args_os().skip(1);
    let program = words.next().ok_or("expected a command")?;
    let server = PostgresServer::start()?;
    let status = Command::new(program).args(words).env(URL_VARIABLE, server.url("postgres")).status();
    let code = status.map_err(|e| e.to_string())?.code().unwrap_or(1);
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}
