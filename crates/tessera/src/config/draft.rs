//! A configuration together with everything that is wrong with it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use super::document::Document;
use super::environment::Environment;
use super::locate::ConfigPath;
use super::mode::Mode;
use super::problem::{self, ConfigProblem, ValueOrigin};
use super::top_level::Config;
use crate::failure::{ACCESS_HINT, Exit, Failure};

/// A configuration together with everything that is wrong with it.
pub(crate) struct Draft {
    config: Config,
    file: Option<PathBuf>,
    origins: BTreeMap<&'static str, ValueOrigin>,
    paths: Vec<(&'static str, PathBuf)>,
    problems: Vec<ConfigProblem>,
    warnings: Vec<ConfigProblem>,
    /// The keys whose files this account may not read.
    denied: BTreeSet<&'static str>,
    /// `TESSERA_*` variables that override no key.
    pub(crate) unknown_variables: Vec<String>,
}

impl Draft {
    /// Reads the file, if there is one, and the environment.
    ///
    /// # Errors
    /// The file itself cannot be read. [`Draft::finish`] returns the problems in it.
    pub(crate) fn read(path: &ConfigPath, mode: Mode, environment: &Environment) -> Result<Self, Failure> {
        let (file, text) = match path {
            ConfigPath::File(file) => {
                let text = std::fs::read_to_string(file).map_err(|error| unreadable(file, &error))?;
                (Some(file.clone()), text)
            }
            ConfigPath::DataDir(_) => (None, String::new()),
        };
        let base = file.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
        let mut document = Document::parse(&text, base, environment);
        let config = Config::read(&mut document, mode, path.data_dir());
        let unknown_variables = document.refuse_unknown();
        let origins = document.asked.iter().map(|key| (*key, document.origin(key))).collect();
        let Document { paths, problems, warnings, .. } = document;
        let denied = BTreeSet::new();
        Ok(Self { config, file, origins, paths, problems, warnings, denied, unknown_variables })
    }

    /// The configuration, which may be wrong.
    pub(crate) const fn unchecked(&self) -> &Config {
        &self.config
    }

    /// The paths that the operator set, with their keys.
    pub(crate) fn paths(&self) -> &[(&'static str, PathBuf)] {
        &self.paths
    }

    /// Adds problems of files that keys name. A key that has a problem already gets no second one.
    #[must_use]
    pub(crate) fn with_file_problems(mut self, mut found: Vec<FileProblem>) -> Self {
        found.retain(|found| self.problems.iter().all(|problem| problem.key != found.key));
        self.denied.extend(found.iter().filter(|found| found.denied).map(|found| found.key));
        self.problems.extend(found.into_iter().map(|FileProblem { key, text, .. }| ConfigProblem {
            origin: self.origins.get(key).cloned().unwrap_or(ValueOrigin::Unset),
            key: key.to_owned(),
            text,
        }));
        self
    }

    /// The problems, in the order of the file.
    pub(crate) fn problems(&self) -> Vec<ConfigProblem> {
        problem::in_order(&self.problems)
    }

    /// What the server accepts and advises against, one line each.
    pub(crate) fn warnings(&self) -> Vec<String> {
        problem::lines(self.file.as_deref(), &self.warnings)
    }

    /// The configuration, if nothing is wrong with it.
    ///
    /// # Errors
    /// Every problem, one a line.
    pub(crate) fn finish(self) -> Result<Config, Failure> {
        if self.problems.is_empty() {
            return Ok(self.config);
        }
        let lines = problem::lines(self.file.as_deref(), &self.problems).join("\n");
        if self.problems.iter().all(|problem| self.denied.contains(&*problem.key)) {
            return Err(Failure::new(Exit::NoPermission, lines).hint(ACCESS_HINT));
        }
        Err(Failure::config(lines))
    }
}

/// What is wrong with a file that a key names.
pub(crate) struct FileProblem {
    pub(crate) key: &'static str,
    pub(crate) text: String,
    /// Whether this account may not read the file.
    pub(crate) denied: bool,
}

fn unreadable(file: &Path, error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::NotFound => Failure::config(format!("{}: {error}", file.display()))
            .hint("Make one with `tessera init`, or name another with --config."),
        io::ErrorKind::InvalidData => Failure::config(format!("{}: is not UTF-8", file.display())),
        _ => Failure::file(file, error),
    }
}
