//! What Tessera says to people: templates, texts in ten languages, and the operator's theme.
//!
//! Pages use this crate, and so do mails. It knows neither HTTP nor any use case: the caller brings the values of a template
//! and sends what comes out.
//!
//! 1. [`Theme::read`] takes the files from the binary and puts those of the theme directory in their place.
//! 2. [`Engine::new`] compiles the templates. [`Engine::check`] renders them all with sample values.
//! 3. [`Language::choose`] picks the language of a person, and [`Engine::render`] writes the text.
//!
//! Names that strangers chose go through [`for_page`] or [`for_mail`] before they become values.

mod engine;
mod for_mail;
mod for_page;
mod language;
mod site;
mod theme;

pub use engine::Engine;
pub use for_mail::for_mail;
pub use for_page::for_page;
pub use language::Language;
pub use minijinja::value::Value;
pub use minijinja::{Error as RenderError, context};
pub use site::Site;
pub use theme::{Asset, MAX_THEME_FILE_LEN, Theme, ThemeError, ThemeProblem};
