//! Checks the files that a configuration names before anything starts: each by itself, then those that must fit together.

use std::fmt::Display;
use std::path::Path;

use tessera_http::pages::Pages;

use crate::config::Draft;
use crate::{boot, kek, tls};

/// Adds what is wrong with the files to the problems of the configuration.
pub(crate) fn check_files(draft: Draft) -> Draft {
    let found = problems(&draft);
    draft.with_file_problems(found)
}

fn problems(draft: &Draft) -> Vec<(&'static str, String)> {
    let config = draft.unchecked();
    let single = draft.paths().iter().filter_map(|(key, path)| Some((*key, check_file(key, path)?)));
    let mut problems: Vec<_> = single.collect();
    if problems.iter().all(|(key, _)| !key.starts_with("tls."))
        && let Some(error) = config.tls.files().and_then(|files| error_of(tls::load(&files)))
    {
        problems.push(("tls.certificate_file", error));
    }
    problems.extend(error_of(kek::find(config)).map(|error| ("keys.kek_file", error)));
    if let Some(theme) = &config.theme.dir
        && let Err(error) = Pages::check(Some(theme))
    {
        problems.extend(error.0.iter().map(|problem| ("theme.dir", problem.to_string())));
    }
    problems
}

fn check_file(key: &str, path: &Path) -> Option<String> {
    match key {
        "tls.key_file" => error_of(tls::key(path)),
        "tls.certificate_file" => error_of(tls::chain(path)),
        "database.password_file" => error_of(boot::database_password(path)),
        "database.ca_file" => error_of(tessera_store::check_postgres_ca(path)),
        _ => None,
    }
}

fn error_of<T, E: Display>(outcome: Result<T, E>) -> Option<String> {
    outcome.err().map(|error| error.to_string())
}
