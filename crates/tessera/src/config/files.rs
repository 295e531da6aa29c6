//! The files that a configuration names, looked at before anything is started.

use tessera_http::pages::Pages;

use super::{Config, Database};
use crate::{kek, secret_file, tls};

/// Keys that name files.
pub(super) const KEYS: [&str; 6] = [
    "keys.kek_file",
    "tls.key_file",
    "tls.certificate_file",
    "database.password_file",
    "database.ca_file",
    "theme.dir",
];

/// What is wrong with them, by key.
pub(super) fn check(config: &Config) -> Vec<(&'static str, String)> {
    let mut problems = Vec::new();
    if let Err(error) = kek::find(config) {
        problems.push(("keys.kek_file", error.to_string()));
    }
    if let Some(files) = &config.tls
        && let Err(error) = tls::load(files)
    {
        let key = if error.is_about_key() { "tls.key_file" } else { "tls.certificate_file" };
        problems.push((key, error.to_string()));
    }
    if let Database::Postgres { password_file, ca_file, .. } = &config.database {
        if let Some(Err(error)) = password_file.as_deref().map(secret_file::read) {
            problems.push(("database.password_file", error.to_string()));
        }
        if let Some((path, Err(error))) = ca_file.as_deref().map(|path| (path, std::fs::File::open(path))) {
            problems.push(("database.ca_file", format!("{}: {error}", path.display())));
        }
    }
    if let Err(error) = Pages::load(config.theme_dir.as_deref()) {
        problems.extend(error.0.iter().map(|problem| ("theme.dir", problem.to_string())));
    }
    problems
}
