//! The files that pages are made of: those in the binary, and those of the operator's theme directory, which replace them by
//! name (`docs/theming.md`).

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use rust_embed::RustEmbed;

use crate::assets::content_type;

/// Largest theme file, in bytes.
pub const MAX_THEME_FILE_LEN: u64 = 1024 * 1024;

#[derive(RustEmbed)]
#[folder = "templates/"]
struct Templates;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Styles;

/// Everything that is wrong with a theme; `Display` gives one problem a line.
#[derive(Debug, thiserror::Error)]
pub struct ThemeError(pub Vec<ThemeProblem>);

impl fmt::Display for ThemeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the pages cannot be rendered:")?;
        self.0.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

/// One thing that is wrong with a theme.
#[derive(Debug, thiserror::Error)]
pub enum ThemeProblem {
    /// The directory or a file in it cannot be read.
    #[error("{path}: {error}", path = path.display())]
    Unreadable {
        /// Where.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A file that no page uses, most likely a misspelled name.
    #[error("{path}: no page uses a file of this name; known are {known}, and images (svg, png, jpg, webp)", path = path.display())]
    UnknownFile {
        /// Which.
        path: PathBuf,
        /// The names that would be used.
        known: String,
    },
    /// Larger than [`MAX_THEME_FILE_LEN`].
    #[error("{path}: larger than {MAX_THEME_FILE_LEN} bytes", path = path.display())]
    TooLarge {
        /// Which.
        path: PathBuf,
    },
    /// A template that does not compile, or fails when a page is rendered with sample values.
    #[error("{file}, line {line}: {reason}")]
    Template {
        /// The template's path, or its name when it is the one in the binary.
        file: String,
        /// Line, from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
}

/// File contents by name.
#[derive(Debug, Default)]
pub(super) struct Theme {
    files: BTreeMap<String, File>,
}

#[derive(Debug)]
struct File {
    content: Vec<u8>,
    /// Where it was read from; `None` for one in the binary.
    path: Option<PathBuf>,
}

impl Theme {
    /// The embedded files, with those of `directory` in place of the ones they are named after.
    pub(super) fn read(directory: Option<&Path>) -> Result<Self, ThemeError> {
        let mut theme = Self::embedded();
        let Some(directory) = directory else { return Ok(theme) };
        let mut problems = Vec::new();
        match list(directory) {
            Ok(paths) => {
                for path in paths {
                    theme.replace(path).unwrap_or_else(|problem| problems.push(problem));
                }
            }
            Err(error) => problems.push(ThemeProblem::Unreadable { path: directory.to_owned(), error }),
        }
        if problems.is_empty() { Ok(theme) } else { Err(ThemeError(problems)) }
    }

    fn embedded() -> Self {
        let templates = Templates::iter().filter_map(|name| Some((name.clone(), Templates::get(&name)?)));
        let styles = Styles::iter().filter_map(|name| Some((name.clone(), Styles::get(&name)?)));
        let files = templates
            .chain(styles)
            .map(|(name, file)| (name.into_owned(), File { content: file.data.into_owned(), path: None }))
            .collect();
        Self { files }
    }

    /// Hidden files and text files (a README, a licence) are passed over. A theme brings no script.
    fn replace(&mut self, path: PathBuf) -> Result<(), ThemeProblem> {
        let Some(name) = path.file_name().and_then(|name| name.to_str()).map(str::to_owned) else {
            return Err(self.unknown(path));
        };
        if name.starts_with('.') || has_extension(&path, &["md", "txt"]) {
            return Ok(());
        }
        let image = content_type(&name).is_some() && !has_extension(&path, &["css", "js"]);
        let plain = name.bytes().all(|c| c.is_ascii_alphanumeric() || b"._-".contains(&c));
        let replaces = self.files.contains_key(&name) && !has_extension(&path, &["js"]);
        if !plain || !(image || replaces) {
            return Err(self.unknown(path));
        }
        let unreadable = |error| ThemeProblem::Unreadable { path: path.clone(), error };
        if std::fs::metadata(&path).map_err(unreadable)?.len() > MAX_THEME_FILE_LEN {
            return Err(ThemeProblem::TooLarge { path });
        }
        let content = std::fs::read(&path).map_err(unreadable)?;
        self.files.insert(name, File { content, path: Some(path) });
        Ok(())
    }

    fn unknown(&self, path: PathBuf) -> ThemeProblem {
        let known =
            self.files.keys().map(String::as_str).filter(|name| !has_extension(Path::new(name), &["js"]));
        let known: Vec<&str> = known.collect();
        ThemeProblem::UnknownFile { path, known: known.join(", ") }
    }

    /// The templates: name and source. Bytes that are not UTF-8 show as replacement characters.
    pub(super) fn templates(&self) -> impl Iterator<Item = (&str, String)> {
        let templates = self.files.iter().filter(|(name, _)| has_extension(Path::new(name), &["html"]));
        templates.map(|(name, file)| (name.as_str(), String::from_utf8_lossy(&file.content).into_owned()))
    }

    /// Everything that is not a template.
    pub(super) fn assets(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(name, file)| (name.as_str(), file.content.as_slice()))
    }

    /// What to call a file in a problem report.
    pub(super) fn locate(&self, name: &str) -> String {
        match self.files.get(name).and_then(|file| file.path.as_ref()) {
            Some(path) => path.display().to_string(),
            None => name.to_owned(),
        }
    }
}

fn list(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = std::fs::read_dir(directory)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    path.extension().is_some_and(|extension| extensions.iter().any(|known| extension == *known))
}
