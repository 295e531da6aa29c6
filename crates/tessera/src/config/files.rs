//! The files that a configuration names, looked at before anything is started: each by itself, then what must fit together.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use tessera_http::pages::Pages;

use super::Config;
use crate::{boot, kek, tls};

/// What is wrong with them, by key.
pub(super) fn check(config: &Config, named: &[(&'static str, PathBuf)]) -> Vec<(&'static str, String)> {
    let looked_at = named.iter().filter_map(|(key, path)| Some((*key, unusable(key, path)?)));
    let mut problems: Vec<_> = looked_at.collect();
    if problems.iter().all(|(key, _)| !key.starts_with("tls."))
        && let Some(error) = config.tls.as_ref().and_then(|files| told(tls::load(files)))
    {
        problems.push(("tls.certificate_file", error));
    }
    problems.extend(told(kek::find(config)).map(|error| ("keys.kek_file", error)));
    if let Some(theme) = &config.theme_dir
        && let Err(error) = Pages::check(Some(theme))
    {
        problems.extend(error.0.iter().map(|problem| ("theme.dir", problem.to_string())));
    }
    problems
}

fn unusable(key: &str, path: &Path) -> Option<String> {
    match key {
        "tls.key_file" => told(tls::key(path)),
        "tls.certificate_file" => told(tls::chain(path)),
        "database.password_file" => told(boot::database_password(path)),
        "database.ca_file" => told(tessera_store::check_postgres_ca(path)),
        _ => None,
    }
}

fn told<T, E: Display>(outcome: Result<T, E>) -> Option<String> {
    outcome.err().map(|error| error.to_string())
}
