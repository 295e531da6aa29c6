//! The files of a theme. The default theme is in the binary; files of the operator's theme directory replace those of the same
//! name (`docs/theming.md`).

use std::collections::BTreeMap;
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rust_embed::RustEmbed;

/// The largest theme file that is read, in bytes.
pub const MAX_THEME_FILE_LEN: u64 = 1024 * 1024;
/// The folder with the templates of mails.
const MAILS: &str = "mail";

#[derive(RustEmbed)]
#[folder = "theme/"]
struct DefaultTheme;

/// Everything that is wrong with a theme. `Display` writes one problem a line.
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
    /// No page and no mail uses a file of this name. Most likely it is misspelled.
    #[error("{path}: no page and no mail uses a file of this name; known are {known}, and images (svg, png, jpg, webp)", path = path.display())]
    UnknownFile {
        /// Which file.
        path: PathBuf,
        /// The names that pages and mails use.
        known: String,
    },
    /// The file is larger than [`MAX_THEME_FILE_LEN`].
    #[error("{path}: larger than {MAX_THEME_FILE_LEN} bytes", path = path.display())]
    TooLarge {
        /// Which file.
        path: PathBuf,
    },
    /// A template does not compile, or cannot be rendered with sample values.
    #[error("{file}, line {line}: {reason}")]
    Template {
        /// The path of the template, or its name if it is in the binary.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
}

/// The files of a theme, by name.
#[derive(Debug, Default)]
pub struct Theme {
    files: BTreeMap<String, File>,
}

#[derive(Debug)]
struct File {
    content: Vec<u8>,
    /// Where it was read from. `None` if it is in the binary.
    path: Option<PathBuf>,
}

/// A file that is no template: a stylesheet, script or image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asset<'a> {
    /// The file name, such as `logo.svg`.
    pub name: &'a str,
    /// The media type, such as `image/svg+xml`.
    pub media_type: &'static str,
    /// The bytes.
    pub content: &'a [u8],
}

impl Theme {
    /// Takes the files from the binary, and replaces those that `directory` has too.
    ///
    /// # Errors
    /// The directory or a file in it cannot be read, or no page uses a file of that name.
    pub fn read(directory: Option<&Path>) -> Result<Self, ThemeError> {
        let mut theme = Self::embedded();
        let Some(directory) = directory else { return Ok(theme) };
        let mut problems = Vec::new();
        for (folder, path) in [("", directory), (MAILS, &directory.join(MAILS))] {
            match list(path) {
                Ok(paths) => {
                    for path in paths {
                        theme.replace(folder, path).unwrap_or_else(|problem| problems.push(problem));
                    }
                }
                Err(error) if error.kind() == ErrorKind::NotFound && folder == MAILS => {}
                Err(error) => problems.push(ThemeProblem::Unreadable { path: path.to_owned(), error }),
            }
        }
        if problems.is_empty() { Ok(theme) } else { Err(ThemeError(problems)) }
    }

    fn embedded() -> Self {
        let files = DefaultTheme::iter().filter_map(|name| {
            let content = DefaultTheme::get(&name)?.data.into_owned();
            Some((name.into_owned(), File { content, path: None }))
        });
        Self { files: files.collect() }
    }

    /// Takes a file of the theme directory, or of its folder for mails. Hidden files and, for pages, text files (a README, a licence)
    /// are skipped. A theme brings no script, and a mail no image.
    fn replace(&mut self, folder: &str, path: PathBuf) -> Result<(), ThemeProblem> {
        let Some(name) = path.file_name().and_then(|name| name.to_str()).map(str::to_owned) else {
            return Err(self.unknown(path));
        };
        let of_pages = folder.is_empty();
        let skipped: &[&str] = if of_pages { &["md", "txt"] } else { &["md"] };
        if name.starts_with('.') || has_extension(&path, skipped) || (of_pages && name == MAILS) {
            return Ok(());
        }
        let image = of_pages && media_type(&name).is_some() && !has_extension(&path, &["css", "js"]);
        let plain = name.bytes().all(|c| c.is_ascii_alphanumeric() || b"._-".contains(&c));
        let name = if of_pages { name } else { format!("{folder}/{name}") };
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

    /// The templates of pages: name and source. Bytes that are not UTF-8 become replacement characters.
    pub(crate) fn pages(&self) -> impl Iterator<Item = (&str, String)> {
        self.templates(&["html"]).filter(|(name, _)| !is_of_mails(name))
    }

    /// The templates of mails, in plain text and HTML.
    pub(crate) fn mails(&self) -> impl Iterator<Item = (&str, String)> {
        self.templates(&["html", "txt"]).filter(|(name, _)| is_of_mails(name))
    }

    fn templates(&self, extensions: &[&str]) -> impl Iterator<Item = (&str, String)> {
        let templates = self.files.iter().filter(|(name, _)| has_extension(Path::new(name), extensions));
        templates.map(|(name, file)| (name.as_str(), String::from_utf8_lossy(&file.content).into_owned()))
    }

    /// The files that templates refer to by `asset("logo.svg")`.
    pub fn assets(&self) -> impl Iterator<Item = Asset<'_>> {
        self.files.iter().filter_map(|(name, file)| {
            Some(Asset { name, media_type: media_type(name)?, content: &file.content })
        })
    }

    /// What a problem report calls a file: its path, or its name if it is in the binary.
    pub(crate) fn locate(&self, name: &str) -> String {
        match self.files.get(name).and_then(|file| file.path.as_ref()) {
            Some(path) => path.display().to_string(),
            None => name.to_owned(),
        }
    }
}

/// The kinds of file that a page may load; `None` for any other. No font is among them.
fn media_type(name: &str) -> Option<&'static str> {
    let (_, extension) = name.rsplit_once('.')?;
    Some(match extension {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" => "image/jpeg",
        "webp" => "image/webp",
        _ => return None,
    })
}

fn is_of_mails(name: &str) -> bool {
    name.split_once('/').is_some_and(|(folder, _)| folder == MAILS)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_theme_replaces_files_by_name_and_brings_images() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["logo.svg", "crest.png", "login.html", "README.md", ".hidden"] {
            std::fs::write(directory.path().join(name), name).unwrap();
        }
        let (default, theme) = (Theme::read(None).unwrap(), Theme::read(Some(directory.path())).unwrap());
        let names =
            |theme: &Theme| -> Vec<String> { theme.assets().map(|asset| asset.name.to_owned()).collect() };
        assert_eq!(names(&default), ["logo.svg", "pages.js", "passkeys.js", "tessera.css"]);
        assert_eq!(names(&theme), ["crest.png", "logo.svg", "pages.js", "passkeys.js", "tessera.css"]);
        let logo = Asset { name: "logo.svg", media_type: "image/svg+xml", content: b"logo.svg" };
        assert_eq!(theme.assets().find(|asset| asset.name == "logo.svg"), Some(logo));
        let login = |theme: &Theme| theme.pages().find(|(name, _)| *name == "login.html").unwrap().1;
        assert_eq!(login(&theme), "login.html");
        assert_ne!(login(&default), "login.html");
        assert_eq!(theme.pages().count(), default.pages().count());
        assert_eq!(theme.locate("login.html"), directory.path().join("login.html").display().to_string());
        assert_eq!(theme.locate("error.html"), "error.html");
    }

    #[test]
    fn a_file_that_no_page_uses_or_that_is_too_large_is_a_problem() {
        let directory = tempfile::tempdir().unwrap();
        let limit = usize::try_from(MAX_THEME_FILE_LEN).unwrap();
        for (name, len) in
            [("a.woff2", 1), ("b.css", 1), ("c d.png", 1), ("e.png", limit), ("f.png", limit + 1)]
        {
            std::fs::write(directory.path().join(name), vec![b'x'; len]).unwrap();
        }
        let said = Theme::read(Some(directory.path())).unwrap_err().to_string();
        for expected in [
            "a.woff2: no page and no mail uses a file of this name; known are account.html, ",
            "b.css: no page and no mail uses",
            "c d.png: no page and no mail uses",
            "f.png: larger than 1048576 bytes",
        ] {
            assert!(said.contains(expected), "{expected}: {said}");
        }
        assert!(!said.contains("e.png") && !said.contains("pages.js"), "{said}");
    }

    #[test]
    fn a_theme_replaces_templates_of_mails_in_their_folder() {
        let directory = tempfile::tempdir().unwrap();
        let mails = directory.path().join("mail");
        std::fs::create_dir(&mails).unwrap();
        for name in ["link.txt", "README.md", ".hidden"] {
            std::fs::write(mails.join(name), name).unwrap();
        }
        let theme = Theme::read(Some(directory.path())).unwrap();
        let link = theme.mails().find(|(name, _)| *name == "mail/link.txt").unwrap();
        assert_eq!(link.1, "link.txt");
        assert_eq!(theme.mails().count(), Theme::read(None).unwrap().mails().count());
        assert!(theme.pages().all(|(name, _)| !name.contains('/')));
        assert_eq!(theme.locate("mail/link.txt"), mails.join("link.txt").display().to_string());
        for name in ["lnk.txt", "login.html", "logo.svg"] {
            std::fs::write(mails.join(name), name).unwrap();
        }
        let said = Theme::read(Some(directory.path())).unwrap_err().to_string();
        assert_eq!(said.matches("no page and no mail uses").count(), 3, "{said}");
    }
}
