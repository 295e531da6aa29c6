//! Checks the files that a configuration names before anything starts: each by itself, then those that must fit together.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use tessera_app::passwords::check_breached_file;
use tessera_http::pages::Pages;

use crate::config::{Draft, FileProblem};
use crate::{kek, mail, secret_file, tls};

const DATA_DIR: &str = "data_dir";
const KEK_FILE: &str = "keys.kek_file";
const THEME_DIR: &str = "theme.dir";
/// How deep the files of a directory are looked at.
const MAX_DEPTH: u32 = 2;

/// Adds what is wrong with the files to the problems of the configuration.
pub(crate) fn check_files(draft: Draft) -> Draft {
    let found = problems(&draft);
    draft.with_file_problems(found)
}

fn problems(draft: &Draft) -> Vec<FileProblem> {
    let config = draft.unchecked();
    let kek = [(KEK_FILE, config.kek_path())];
    let read = draft.paths().iter().filter(|(key, _)| *key != DATA_DIR).chain(&kek);
    let mut problems: Vec<_> = read.filter_map(|(key, path)| denied(key, path)).collect();
    let is_new = |problems: &[FileProblem], key: &str| problems.iter().all(|problem| problem.key != key);
    for (key, path) in draft.paths() {
        if is_new(&problems, key) {
            problems.extend(check_file(key, path).map(|text| wrong(key, text)));
        }
    }
    if problems.iter().all(|problem| !problem.key.starts_with("tls."))
        && let Some(error) = config.tls.files().and_then(|files| error_of(tls::load(&files)))
    {
        problems.push(wrong("tls.certificate_file", error));
    }
    if is_new(&problems, KEK_FILE) {
        problems.extend(error_of(kek::find(config)).map(|error| wrong(KEK_FILE, error)));
    }
    if let Some(theme) = config.theme.dir.as_ref().filter(|_| is_new(&problems, THEME_DIR)) {
        let checks = [Pages::check(Some(theme)), mail::Words::check(theme)];
        // Both read the directory, and may say the same about it.
        let said: BTreeSet<String> = checks
            .into_iter()
            .filter_map(Result::err)
            .flat_map(|error| error.0)
            .map(|problem| problem.to_string())
            .collect();
        problems.extend(said.into_iter().map(|text| wrong(THEME_DIR, text)));
    }
    problems
}

const fn wrong(key: &'static str, text: String) -> FileProblem {
    FileProblem { key, text, denied: false }
}

/// The problem of a file, or of a directory with files, that this account may not read.
fn denied(key: &'static str, path: &Path) -> Option<FileProblem> {
    let (path, error) = first_unreadable(path, MAX_DEPTH)?;
    let refused = error.kind() == io::ErrorKind::PermissionDenied;
    refused.then(|| FileProblem { key, text: format!("{}: {error}", path.display()), denied: true })
}

fn first_unreadable(path: &Path, depth: u32) -> Option<(PathBuf, io::Error)> {
    // A named pipe would be waited for.
    let opened = File::options().read(true).custom_flags(secret_file::NONBLOCK).open(path);
    let entries = opened.and_then(|file| {
        if depth == 0 || !file.metadata()?.is_dir() {
            return Ok(Vec::new());
        }
        std::fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()
    });
    match entries {
        Ok(entries) => entries.iter().find_map(|path| first_unreadable(path, depth - 1)),
        Err(error) => Some((path.to_owned(), error)),
    }
}

fn check_file(key: &str, path: &Path) -> Option<String> {
    match key {
        "tls.key_file" => error_of(tls::key(path)),
        "tls.certificate_file" => error_of(tls::chain(path)),
        "database.password_file" | "mail.password_file" => error_of(secret_file::password(path)),
        "mail.ca_file" => error_of(mail::certificates(path)),
        "passwords.breached" => {
            error_of(check_breached_file(path)).map(|error| format!("{}: {error}", path.display()))
        }
        "database.ca_file" => error_of(tessera_store::check_postgres_ca(path)),
        _ => None,
    }
}

fn error_of<T, E: Display>(outcome: Result<T, E>) -> Option<String> {
    outcome.err().map(|error| error.to_string())
}
