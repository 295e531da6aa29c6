//! The pages that people see: server-rendered, complete without JavaScript, in the person's language, themable.
//!
//! Each page is a struct of what it shows, with one `render`. Names that others chose come out as text on one line
//! (attack rows A10, O57); values that must return unchanged (`flow`, `csrf`, `state`) are escaped and nothing else.
//! Pages decide nothing and hold no secret but the ones handed to them.

mod accounts;
mod consent;
mod engine;
mod error;
mod for_page;
mod form_post;
mod home;
mod language;
mod logged_out;
mod login;
mod logout;
mod page;
mod site;
mod theme;
mod theme_check;

use std::path::Path;
use std::sync::Arc;

pub use accounts::Accounts;
pub use consent::{Consent, ScopeLine};
pub use error::{Error, ErrorKind, UnknownAddress};
pub use form_post::FormPost;
pub use home::{ApplicationLine, Home};
pub use language::Language;
pub use logged_out::{Back, LoggedOut, SessionWas};
pub use login::{Login, LoginProblem};
pub use logout::{Logout, LogoutWay};
pub use page::Page;
pub use site::Site;
pub use theme::{MAX_THEME_FILE_LEN, ThemeError, ThemeProblem};

use crate::assets::Assets;
use engine::Engine;
use theme::Theme;

/// The start page.
pub const HOME_PATH: &str = "/";
/// Where the login form is posted.
pub const LOGIN_PATH: &str = "/login";
/// Where the consent form is posted.
pub const CONSENT_PATH: &str = "/consent";

/// The compiled templates, texts and assets; made once at start and shared.
#[derive(Debug)]
pub struct Pages {
    engine: Engine,
    assets: Arc<Assets>,
}

impl Pages {
    /// Compiles the pages, with the files of `theme_dir` in place of the embedded ones of the same name. With a theme, every page
    /// is rendered in every language once with sample values; without one, the tests have done that.
    ///
    /// # Errors
    /// Everything that is wrong with the theme, with file and line, so that no visitor finds it first.
    pub fn load(theme_dir: Option<&Path>, site: Site) -> Result<Self, ThemeError> {
        let (theme, pages) = Self::compile(theme_dir, site)?;
        let problems = theme_dir.map(|_| theme_check::problems(&pages.engine, &theme)).unwrap_or_default();
        if problems.is_empty() { Ok(pages) } else { Err(ThemeError(problems)) }
    }

    fn compile(theme_dir: Option<&Path>, site: Site) -> Result<(Theme, Self), ThemeError> {
        let theme = Theme::read(theme_dir)?;
        let assets = Arc::new(Assets::new(theme.assets()));
        let engine = Engine::new(&theme, Arc::clone(&assets), site).map_err(ThemeError)?;
        Ok((theme, Self { engine, assets }))
    }

    /// The stylesheet, script and images, for [`crate::assets::methods`].
    pub fn assets(&self) -> Arc<Assets> {
        Arc::clone(&self.assets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_page_renders_in_every_language() {
        let (theme, pages) = Pages::compile(None, Site::default()).unwrap();
        let problems = theme_check::problems(&pages.engine, &theme);
        assert!(problems.is_empty(), "{problems:?}");
    }
}
