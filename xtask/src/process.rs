//! Running other programs. Their output is passed on while they run, and their test counts are read from it.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::thread;

use crate::failure::{Failure, Result};
use crate::summary::Tally;

/// Runs to the end; whatever it prints is passed on.
pub(crate) fn check(command: &mut Command) -> Result<()> {
    println!("$ {}", command_line(command));
    std::io::stdout().flush()?;
    let status = command.stdin(Stdio::null()).status().map_err(|error| cannot_start(command, &error))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new(format!("`{}`: {status}", command_line(command))))
    }
}

/// As [`check`], for a test runner: also reads how many tests it ran. None at all is a failure where `needs_tests`.
pub(crate) fn check_tests(command: &mut Command, needs_tests: bool, into: &mut Tally) -> Result<()> {
    println!("$ {}", command_line(command));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| cannot_start(command, &error))?;
    let errors = child.stderr.take().map(|stream| thread::spawn(move || pass_on(stream, std::io::stderr())));
    let mut tally = child.stdout.take().map(|stream| pass_on(stream, std::io::stdout())).unwrap_or_default();
    if let Some(errors) = errors {
        tally.add(errors.join().unwrap_or_default());
    }
    let status = child.wait()?;
    let (ran, left_out) = (tally.ran(), tally.left_out());
    into.add(tally);
    if !status.success() {
        return Err(Failure::new(format!("`{}`: {status}", command_line(command))));
    }
    if needs_tests && ran == 0 {
        return Err(Failure::new(format!("`{}` ran no test", command_line(command))));
    }
    if left_out > 0 {
        return Err(Failure::new(format!("`{}` left out {left_out} tests", command_line(command))));
    }
    Ok(())
}

fn pass_on(stream: impl Read, mut to: impl Write) -> Tally {
    let mut tally = Tally::default();
    for line in BufReader::new(stream).split(b'\n') {
        let Ok(line) = line else { break };
        let line = String::from_utf8_lossy(&line);
        // A closed terminal is no reason to stop counting.
        let _ = writeln!(to, "{line}");
        tally.read(&line);
    }
    tally
}

/// Whether it runs and exits with zero; prints nothing.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// Its standard output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| cannot_start(command, &error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(Failure::new(format!(
        "`{}`: {}\n{}",
        command_line(command),
        output.status,
        String::from_utf8_lossy(&said)
    )))
}

/// Sends `signal` to a child that this process started and has not yet waited for, so that its id cannot have been
/// given to another.
pub(crate) fn signal(child: &Child, signal: &str) -> bool {
    succeeds(Command::new("kill").args([format!("-{signal}"), child.id().to_string()]))
}

/// A command that is sent `signal` when this process dies, however it dies.
pub(crate) fn dies_with_us(program: &str, signal: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", signal, program]);
    command
}

fn command_line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

fn cannot_start(command: &Command, error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot start `{}`: {error}", command.get_program().to_string_lossy()))
}
