//! Secrets that people enter: typed without echo, on standard input, or in a private file. Never as an argument.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::secret_file;

/// Longest input that is read, in bytes. Every token is far shorter.
const MAX_LEN: u64 = 64 * 1024;

/// Where a secret comes from.
#[derive(Clone, Debug)]
pub(crate) enum SecretSource {
    /// Standard input, up to its end.
    Stdin,
    /// A file that only this account can read.
    File(PathBuf),
    /// A prompt at the terminal, if there is one.
    Prompt,
}

/// Reads a new password. A terminal asks for it twice. `options` tells how to go without a terminal.
pub(crate) fn new_password(source: &SecretSource, options: &str) -> Result<String, Failure> {
    new_secret(source, "Password: ", options)
}

/// Reads a new passphrase, like a new password.
pub(crate) fn new_passphrase(source: &SecretSource, options: &str) -> Result<String, Failure> {
    new_secret(source, "Passphrase: ", options)
}

fn new_secret(source: &SecretSource, question: &str, options: &str) -> Result<String, Failure> {
    let secret = secret(source, question, options)?;
    if matches!(source, SecretSource::Prompt) && *secret != *prompt("Again: ")? {
        return Err(Failure::data("the two differ; nothing was changed"));
    }
    Ok(String::clone(&secret))
}

/// Reads a token of one line, without its line end.
pub(crate) fn token(source: &SecretSource, options: &str) -> Result<Zeroizing<String>, Failure> {
    secret(source, "Token: ", options)
}

/// Reads the passphrase of something that is there.
pub(crate) fn passphrase(source: &SecretSource, options: &str) -> Result<Zeroizing<String>, Failure> {
    secret(source, "Passphrase: ", options)
}

/// Reads a secret of one line, without its line end.
fn secret(source: &SecretSource, question: &str, options: &str) -> Result<Zeroizing<String>, Failure> {
    let bytes = match source {
        SecretSource::Prompt => {
            need_terminal(options)?;
            return prompt(question);
        }
        SecretSource::Stdin => from_stdin()?,
        SecretSource::File(path) => from_file(path)?,
    };
    let text = std::str::from_utf8(&bytes).map_err(|_| Failure::data("the secret is not UTF-8"))?;
    let line = text.strip_suffix('\n').unwrap_or(text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() {
        Err(Failure::data("the secret is empty"))
    } else {
        Ok(Zeroizing::new(line.to_owned()))
    }
}

/// Reads two codes, each on a line of standard input. A terminal asks for them.
pub(crate) fn two_codes(questions: [&str; 2]) -> Result<[Zeroizing<String>; 2], Failure> {
    if io::stdin().is_terminal() {
        return Ok([prompt(questions[0])?, prompt(questions[1])?]);
    }
    let bytes = from_stdin()?;
    let text = std::str::from_utf8(&bytes).map_err(|_| Failure::data("the codes are not UTF-8"))?;
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    match (lines.next(), lines.next(), lines.next()) {
        (Some(first), Some(second), None) => Ok([first, second].map(|code| Zeroizing::new(code.to_owned()))),
        (_, _, _) => Err(Failure::usage("write two codes to standard input, each on a line of its own")),
    }
}

/// Asks before something that cannot be undone.
pub(crate) fn confirm(question: &str, yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    need_terminal("confirm with --yes")?;
    ask(&format!("{question} [y/N] "))?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(|error| Failure::io("standard input", &error))?;
    match answer.trim() {
        "y" | "Y" | "yes" => Ok(()),
        _ => Err(Failure::usage("nothing was changed")),
    }
}

fn need_terminal(otherwise: &str) -> Result<(), Failure> {
    if io::stdin().is_terminal() {
        return Ok(());
    }
    Err(Failure::usage("there is no terminal for the question").hint(format!("Without one, {otherwise}.")))
}

fn from_stdin() -> Result<Zeroizing<Vec<u8>>, Failure> {
    let mut bytes = Zeroizing::new(Vec::new());
    io::stdin()
        .lock()
        .take(MAX_LEN)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::io("standard input", &error))?;
    Ok(bytes)
}

fn from_file(path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    Ok(secret_file::read(path)?)
}

/// Prompts for a line and does not show what is typed.
fn prompt(question: &str) -> Result<Zeroizing<String>, Failure> {
    ask(question)?;
    let unhide = Hidden::begin();
    let mut line = Zeroizing::new(String::new());
    let outcome = io::stdin().lock().read_line(&mut line);
    drop(unhide);
    ask("\n")?;
    outcome.map_err(|error| Failure::io("standard input", &error))?;
    Ok(Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}

fn ask(question: &str) -> Result<(), Failure> {
    let mut terminal = io::stderr().lock();
    let asked = terminal.write_all(question.as_bytes()).and_then(|()| terminal.flush());
    asked.map_err(|error| Failure::io("standard error", &error))
}

/// The terminal does not show what is typed until this is dropped.
struct Hidden(Option<Termios>);

impl Hidden {
    fn begin() -> Self {
        let Ok(before) = tcgetattr(io::stdin()) else { return Self(None) };
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        let hidden = tcsetattr(io::stdin(), OptionalActions::Flush, &quiet).is_ok();
        Self(hidden.then_some(before))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            // If the terminal is gone, there is nothing to restore.
            let _ = tcsetattr(io::stdin(), OptionalActions::Flush, before);
        }
    }
}
