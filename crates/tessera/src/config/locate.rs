//! Which configuration a command uses.

use std::path::{Path, PathBuf};

use super::environment::{CONFIG_VARIABLE, Environment};
use crate::failure::Failure;

/// Where `init` and `serve --dev` keep their data by default.
pub(crate) const DEFAULT_DATA_DIR: &str = "tessera-data";
/// The name of the configuration file.
pub(crate) const FILE_NAME: &str = "tessera.toml";

/// A configuration file, or a data directory without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ConfigPath {
    File(PathBuf),
    DataDir(PathBuf),
}

impl ConfigPath {
    /// The data directory if the file does not name one.
    pub(super) fn data_dir(&self) -> PathBuf {
        match self {
            Self::File(file) => file.parent().unwrap_or(Path::new("")).join(DEFAULT_DATA_DIR),
            Self::DataDir(dir) => dir.clone(),
        }
    }
}

/// Finds the configuration. Tries `--config`, `--data` and `TESSERA_CONFIG`, then `tessera.toml` here and in `tessera-data`,
/// and last the data of a development server.
///
/// # Errors
/// There is no configuration.
pub(crate) fn locate(
    config: Option<&Path>,
    data: Option<&Path>,
    environment: &Environment,
) -> Result<ConfigPath, Failure> {
    if let Some(file) = config {
        return Ok(ConfigPath::File(file.to_owned()));
    }
    if let Some(dir) = data {
        return Ok(in_directory(dir));
    }
    if let Some(file) = environment.get(CONFIG_VARIABLE) {
        return Ok(ConfigPath::File(PathBuf::from(file)));
    }
    let here = PathBuf::from(FILE_NAME);
    if may_exist(&here) {
        return Ok(ConfigPath::File(here));
    }
    let dir = Path::new(DEFAULT_DATA_DIR);
    if may_exist(dir) {
        return Ok(in_directory(dir));
    }
    Err(Failure::config("there is no configuration here")
        .hint("Make one with `tessera init`, name one with --config FILE or --data DIR, or try `tessera serve --dev`."))
}

fn in_directory(dir: &Path) -> ConfigPath {
    let file = dir.join(FILE_NAME);
    if may_exist(&file) { ConfigPath::File(file) } else { ConfigPath::DataDir(dir.to_owned()) }
}

/// Whether there is such a file. One that this account may not look for counts, so that reading it says why it cannot.
fn may_exist(path: &Path) -> bool {
    path.try_exists().unwrap_or(true)
}
