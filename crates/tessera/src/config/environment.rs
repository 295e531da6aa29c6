//! The environment variables that override keys of the file.

use std::collections::BTreeMap;

/// The variables whose names begin with `TESSERA_`, as `main` found them.
pub(crate) type Environment = BTreeMap<String, String>;

/// Names the configuration file, like `--config`.
pub(super) const CONFIG_VARIABLE: &str = "TESSERA_CONFIG";

/// Keys whose variable has a shorter name than the rule gives it.
const SHORT_NAMES: [(&str, &str); 1] = [("keys.kek_file", "TESSERA_KEK_FILE")];

/// The variable that overrides a key: `TESSERA_`, then the key in capitals with `_` for dots.
pub(super) fn variable_of(key: &str) -> String {
    let short = SHORT_NAMES.iter().find(|(long, _)| *long == key);
    short.map_or_else(
        || format!("TESSERA_{}", key.replace('.', "_").to_uppercase()),
        |(_, name)| (*name).to_owned(),
    )
}
