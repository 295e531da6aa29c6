//! `[theme]`: pages of the operator's own design.

use std::path::PathBuf;

use super::key::{Fallback, Key, Section, ValueKind};

/// Pages of the operator's own design.
#[derive(Clone, Debug, Default)]
pub(crate) struct ThemeSettings {
    /// Templates, styles and images that replace the built-in ones.
    pub(crate) dir: Option<PathBuf>,
}

pub(super) static KEYS: Section<ThemeSettings> = Section {
    name: "theme",
    doc: "Pages of your own design. `docs/theming.md` explains how to make them.",
    keys: &[Key {
        name: "theme.dir",
        kind: ValueKind::Path(|theme, path| theme.dir = Some(path)),
        default: Fallback::Unset { means: "", example: "theme" },
        doc: "A directory with templates, styles and images that replace the built-in ones.",
    }],
};
