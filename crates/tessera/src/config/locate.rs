//! Which configuration a command means.

use std::path::{Path, PathBuf};

use super::Environment;
use crate::failure::Failure;

/// Where `init` and `serve --dev` keep their data unless told otherwise.
pub(crate) const DEFAULT_DATA_DIR: &str = "tessera-data";
/// Name of the configuration file.
pub(crate) const FILE_NAME: &str = "tessera.toml";
/// Names the configuration file, like `--config`.
pub(super) const VARIABLE: &str = "TESSERA_CONFIG";

/// A configuration file, or a data directory that needs none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    File(PathBuf),
    DataDir(PathBuf),
}

impl Place {
    /// The data directory unless the file says otherwise.
    pub(super) fn data_dir(&self) -> PathBuf {
        match self {
            Self::File(file) => file.parent().unwrap_or(Path::new("")).join(DEFAULT_DATA_DIR),
            Self::DataDir(dir) => dir.clone(),
        }
    }
}

/// Looks for the configuration: `--config`, `--data`, `TESSERA_CONFIG`, then `tessera.toml` here and in `tessera-data`, then the
/// data of a development server.
///
/// # Errors
/// There is none.
pub(crate) fn locate(
    config: Option<&Path>,
    data: Option<&Path>,
    environment: &Environment,
) -> Result<Place, Failure> {
    if let Some(file) = config {
        return Ok(Place::File(file.to_owned()));
    }
    if let Some(dir) = data {
        return Ok(in_directory(dir));
    }
    if let Some(file) = environment.get(VARIABLE) {
        return Ok(Place::File(PathBuf::from(file)));
    }
    let here = PathBuf::from(FILE_NAME);
    if here.exists() {
        return Ok(Place::File(here));
    }
    let dir = Path::new(DEFAULT_DATA_DIR);
    if dir.exists() {
        return Ok(in_directory(dir));
    }
    Err(Failure::config("there is no configuration here")
        .hint("Make one with `tessera init`, name one with --config FILE or --data DIR, or try `tessera serve --dev`."))
}

fn in_directory(dir: &Path) -> Place {
    let file = dir.join(FILE_NAME);
    if file.exists() { Place::File(file) } else { Place::DataDir(dir.to_owned()) }
}
