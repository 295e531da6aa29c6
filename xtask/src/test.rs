//! `cargo xtask test`: everything that has to hold before a change lands, step by step.
//!
//! A failing step does not hide the ones after it; the last lines say which failed. What the steps need (PostgreSQL,
//! Chromium, Apache, libfaketime, a mail server, packages of npm and Python) is brought in on the way, and whatever cannot be had is a failure,
//! never a skip.

use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::failure::{Failure, Result};
use crate::postgres::{self, Postgres};
use crate::summary::Tally;
use crate::{crash, debian, deny, layers, process, size, surroundings};

/// What `--only` chooses between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Suite {
    Lint,
    Rust,
    EndToEnd,
}

/// One step, which is one line of the report.
struct Step {
    name: &'static str,
    suites: &'static [Suite],
    /// Steps that must have passed; otherwise this one is not tried.
    needs: &'static [&'static str],
    run: fn(&mut Session) -> Result<()>,
}

/// Quick steps come first, so that a failure shows early.
const STEPS: &[Step] = &[
    Step { name: "format", suites: &[Suite::Lint], needs: &[], run: format },
    Step { name: "layers", suites: &[Suite::Lint], needs: &[], run: |session| layers::run(&session.root) },
    Step { name: "size", suites: &[Suite::Lint], needs: &[], run: |session| size::run(&session.root) },
    Step {
        name: "dependencies",
        suites: &[Suite::Lint],
        needs: &[],
        run: |session| deny::run(&session.root),
    },
    Step { name: "clippy", suites: &[Suite::Lint], needs: &[], run: clippy },
    Step { name: "build", suites: &[Suite::Rust, Suite::EndToEnd], needs: &[], run: build },
    Step { name: "postgres", suites: &[Suite::Rust], needs: &["build"], run: start_postgres },
    Step { name: "tests", suites: &[Suite::Rust], needs: &["build", "postgres"], run: tests },
    Step { name: "doctests", suites: &[Suite::Rust], needs: &["build"], run: doctests },
    Step { name: "docs", suites: &[Suite::Rust], needs: &["build"], run: docs },
    Step { name: "crash", suites: &[Suite::Rust], needs: &["build"], run: crashes },
    Step { name: "npm", suites: &[Suite::EndToEnd], needs: &[], run: npm },
    Step { name: "relying party", suites: &[Suite::EndToEnd], needs: &["build", "npm"], run: relying_party },
    Step { name: "python", suites: &[Suite::EndToEnd], needs: &[], run: python },
    Step {
        name: "python clients",
        suites: &[Suite::EndToEnd],
        needs: &["build", "python"],
        run: |session| session.node_tests(&["clients/python.test.mjs"]),
    },
    Step { name: "apache", suites: &[Suite::EndToEnd], needs: &["build"], run: apache },
    Step { name: "browser", suites: &[Suite::EndToEnd], needs: &["build", "npm"], run: browser },
    Step { name: "factors", suites: &[Suite::EndToEnd], needs: &["build", "npm"], run: factors },
    Step { name: "curl", suites: &[Suite::EndToEnd], needs: &["build", "npm"], run: curl },
    Step { name: "demo", suites: &[Suite::EndToEnd], needs: &["build"], run: demo },
];

/// Debian's, which its packages are for.
const PYTHON: &str = "/usr/bin/python3";

/// Crashes that every run tries; `cargo xtask crash` tries a thousand.
const CRASH_CYCLES: u32 = 25;

/// What one step leaves for the next.
struct Session {
    root: PathBuf,
    suites: Vec<Suite>,
    postgres: Option<Postgres>,
    tally: Tally,
}

struct Finished {
    name: &'static str,
    took: Duration,
    outcome: Result<()>,
}

pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<()> {
    let suites = chosen(arguments)?;
    let mut session =
        Session { root: root.to_path_buf(), suites: suites.clone(), postgres: None, tally: Tally::default() };
    let mut finished: Vec<Finished> = Vec::new();
    for step in STEPS.iter().filter(|step| step.suites.iter().any(|suite| suites.contains(suite))) {
        println!("\n==> {}", step.name);
        let started = surroundings::now();
        let outcome = missing(step, &finished).map_or_else(|| (step.run)(&mut session), Err);
        let took = started.elapsed();
        match &outcome {
            Ok(()) => println!("<== {}: ok, {:.1} s", step.name, took.as_secs_f64()),
            Err(failure) => println!("<== {}: FAILED, {:.1} s\n{failure}", step.name, took.as_secs_f64()),
        }
        finished.push(Finished { name: step.name, took, outcome });
    }
    session.postgres = None;
    report(&finished, &session.tally)
}

fn chosen(arguments: &[String]) -> Result<Vec<Suite>> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [] => Ok(vec![Suite::Lint, Suite::Rust, Suite::EndToEnd]),
        ["--only", "lint"] => Ok(vec![Suite::Lint]),
        ["--only", "rust"] => Ok(vec![Suite::Rust]),
        ["--only", "e2e"] => Ok(vec![Suite::EndToEnd]),
        _ => Err(Failure::new("usage: cargo xtask test [--only lint|rust|e2e]")),
    }
}

fn missing(step: &Step, finished: &[Finished]) -> Option<Failure> {
    let failed: BTreeSet<&str> =
        finished.iter().filter(|done| done.outcome.is_err()).map(|done| done.name).collect();
    let needed = step.needs.iter().find(|name| failed.contains(*name))?;
    Some(Failure::new(format!("not run: {needed} failed")))
}

/// Prints how each step ended, the closing lines of the test runners, and their sum.
fn report(finished: &[Finished], tally: &Tally) -> Result<()> {
    println!("\n==> summary");
    for step in finished {
        let word = if step.outcome.is_ok() { "ok" } else { "FAILED" };
        println!("{word:>8} {:>8.1} s  {}", step.took.as_secs_f64(), step.name);
    }
    let total: Duration = finished.iter().map(|step| step.took).sum();
    println!("{:>8} {:>8.1} s", "total", total.as_secs_f64());
    for line in &tally.lines {
        println!("{line}");
    }
    let failed: Vec<&str> =
        finished.iter().filter(|step| step.outcome.is_err()).map(|step| step.name).collect();
    println!("steps: {} passed, {} failed", finished.len() - failed.len(), failed.len());
    println!("tests: {} passed, {} failed, {} skipped", tally.passed, tally.failed, tally.skipped);
    if failed.is_empty() { Ok(()) } else { Err(Failure::new(format!("failed: {}", failed.join(", ")))) }
}

impl Session {
    fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("cargo");
        command.args(arguments).current_dir(&self.root);
        if std::io::stdout().is_terminal() {
            command.env("CARGO_TERM_COLOR", "always");
        }
        // A CI machine builds once, so the files of incremental builds would only cost time.
        if surroundings::variable("CI").is_some() {
            command.env("CARGO_INCREMENTAL", "0");
        }
        if let Some(postgres) = &self.postgres {
            command.env(postgres::URL_VARIABLE, postgres.url());
        }
        command
    }

    fn node_tests(&mut self, files: &[&str]) -> Result<()> {
        let mut command = Command::new("node");
        command
            .args(["--test", "--test-reporter=spec", "--test-concurrency=1", "--test-timeout=180000"])
            .args(files);
        process::check_tests(command.current_dir(self.root.join("e2e")), true, &mut self.tally)
    }
}

fn format(session: &mut Session) -> Result<()> {
    process::check(&mut session.cargo(&["fmt", "--all", "--check"]))
}

fn clippy(session: &mut Session) -> Result<()> {
    process::check(&mut session.cargo(&[
        "clippy",
        "--locked",
        "--workspace",
        "--all-targets",
        "--",
        "-Dwarnings",
    ]))
}

/// The whole run builds once, tests and all; end-to-end tests alone need only the program. Clippy has read the other
/// examples: they are benches, and linking each takes the time of a test binary.
fn build(session: &mut Session) -> Result<()> {
    let whole = ["build", "--locked", "--workspace", "--bins", "--tests", "--example", crash::WRITER];
    let program = ["build", "--locked", "--package", "tessera"];
    let arguments = if session.suites.contains(&Suite::Rust) { &whole[..] } else { &program[..] };
    process::check(&mut session.cargo(arguments))
}

/// A server that the caller names is used as it is.
fn start_postgres(session: &mut Session) -> Result<()> {
    if surroundings::variable(postgres::URL_VARIABLE).is_some() {
        println!("using the server of {}", postgres::URL_VARIABLE);
        return Ok(());
    }
    session.postgres = Some(Postgres::start()?);
    Ok(())
}

fn tests(session: &mut Session) -> Result<()> {
    debian::ensure("libfaketime", has_faketime)?;
    debian::ensure("python3-aiosmtpd", || {
        process::succeeds(Command::new(PYTHON).args(["-c", "import aiosmtpd"]))
    })?;
    let has_nextest = process::succeeds(&mut session.cargo(&["nextest", "--version"]));
    let runner: &[&str] = if has_nextest { &["nextest", "run"] } else { &["test"] };
    // Without these words both runners would build every example.
    let built = ["--locked", "--workspace", "--lib", "--bins", "--tests", "--no-fail-fast"];
    let mut command = session.cargo(&[runner, &built].concat());
    process::check_tests(&mut command, true, &mut session.tally)
}

/// Whether a test can set the clock of a process. The folder is named after the machine's architecture.
fn has_faketime() -> bool {
    let libraries = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    libraries.map(|entry| entry.path().join("faketime/libfaketimeMT.so.1")).any(|library| library.exists())
}

fn doctests(session: &mut Session) -> Result<()> {
    let mut command = session.cargo(&["test", "--locked", "--doc", "--workspace"]);
    process::check_tests(&mut command, false, &mut session.tally)
}

fn docs(session: &mut Session) -> Result<()> {
    let mut command = session.cargo(&["doc", "--locked", "--no-deps", "--workspace"]);
    process::check(command.env("RUSTDOCFLAGS", "-Dwarnings"))
}

fn crashes(session: &mut Session) -> Result<()> {
    crash::survive(&session.root.join("target/debug/examples").join(crash::WRITER), CRASH_CYCLES, None)
}

fn npm(session: &mut Session) -> Result<()> {
    let mut command = Command::new("npm");
    command.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    process::check(command.current_dir(session.root.join("e2e")))
}

fn relying_party(session: &mut Session) -> Result<()> {
    session.node_tests(&["person.test.mjs", "relying-party.test.mjs", "clients/javascript.test.mjs"])
}

/// Makes the environment that holds the clients written in Python, at the versions and digests of the lock file.
fn python(session: &mut Session) -> Result<()> {
    debian::ensure("python3-venv", || {
        process::succeeds(Command::new(PYTHON).args(["-c", "import ensurepip, venv"]))
    })?;
    let environment = session.root.join("target/e2e-python");
    process::check(Command::new(PYTHON).args(["-m", "venv"]).arg(&environment))?;
    let mut install = Command::new(environment.join("bin/python"));
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    install.args(["--only-binary=:all:", "--require-hashes", "--requirement", "e2e/python/requirements.txt"]);
    process::check(install.current_dir(&session.root))
}

fn apache(session: &mut Session) -> Result<()> {
    debian::require("/usr/lib/apache2/modules/mod_auth_openidc.so", "libapache2-mod-auth-openidc")?;
    session.node_tests(&["clients/apache.test.mjs"])
}

fn browser(session: &mut Session) -> Result<()> {
    debian::require("/usr/bin/chromium", "chromium")?;
    session.node_tests(&["browser.test.mjs", "situations.test.mjs", "clients/oidc-client-ts.test.mjs"])
}

/// Chromium plays the keys, and oathtool the authenticator app.
fn factors(session: &mut Session) -> Result<()> {
    debian::require("/usr/bin/chromium", "chromium")?;
    debian::require("/usr/bin/oathtool", "oathtool")?;
    debian::require("/usr/bin/python3", "python3")?;
    session.node_tests(&["factors.test.mjs", "codes.test.mjs"])
}

fn curl(session: &mut Session) -> Result<()> {
    debian::require("/usr/bin/curl", "curl")?;
    session.node_tests(&["curl.test.mjs"])
}

/// The demonstration plays its walkthrough once and ends.
fn demo(session: &mut Session) -> Result<()> {
    let folder = std::env::temp_dir().join(format!("tessera-demo-{}", std::process::id()));
    let mut command = Command::new("timeout");
    command.args(["--foreground", "120"]).arg(session.root.join("target/debug/tessera"));
    command.args(["demo", "--once", "--no-open", "--port", "0", "--data"]).arg(&folder);
    let told = process::output(command.current_dir(&session.root));
    let _ = std::fs::remove_dir_all(&folder);
    let told = told?;
    print!("{told}");
    if told.trim().is_empty() { Err(Failure::new("the demonstration told nothing")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn a_suite_can_be_chosen() {
        assert_eq!(chosen(&words("")).unwrap().len(), 3);
        assert_eq!(chosen(&words("--only e2e")).unwrap(), [Suite::EndToEnd]);
        assert!(chosen(&words("--only nothing")).is_err());
        assert!(chosen(&words("lint")).is_err());
    }

    #[test]
    fn needed_steps_come_before() {
        for (at, step) in STEPS.iter().enumerate() {
            for needed in step.needs {
                assert!(
                    STEPS[..at].iter().any(|before| before.name == *needed),
                    "{} needs {needed}",
                    step.name
                );
            }
        }
    }

    #[test]
    fn a_step_is_not_tried_without_what_it_needs() {
        let build = Finished { name: "build", took: Duration::ZERO, outcome: Err(Failure::new("no")) };
        let step = STEPS.iter().find(|step| step.name == "demo").unwrap();
        assert!(missing(step, &[build]).is_some());
        assert!(missing(step, &[]).is_none());
    }

    #[test]
    fn one_failed_step_fails_the_run() {
        let step = |name, outcome| Finished { name, took: Duration::ZERO, outcome };
        assert!(report(&[step("a", Ok(())), step("b", Ok(()))], &Tally::default()).is_ok());
        let failure = report(&[step("a", Err(Failure::new("x"))), step("b", Ok(()))], &Tally::default());
        assert_eq!(failure.unwrap_err().to_string(), "failed: a");
    }
}
