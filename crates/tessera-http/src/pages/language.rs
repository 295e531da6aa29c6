//! The languages of the pages and how one is chosen (OpenID Connect Core section 3.1.2.1 `ui_locales`; RFC 9110 section
//! 12.5.4; RFC 4647 section 3.4 lookup).

use std::collections::HashMap;

use fluent_templates::LanguageIdentifier;
use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::langid;
use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;

fluent_templates::static_loader! {
    static TEXTS = { locales: "./locales", fallback_language: "en" };
}

/// Most language ranges of one request that are looked at.
const MAX_RANGES: usize = 16;

/// A language that the pages are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English, and the fallback.
    #[default]
    English,
    /// German.
    German,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// The language tag (BCP 47).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    const fn identifier(self) -> LanguageIdentifier {
        match self {
            Self::English => langid!("en"),
            Self::German => langid!("de"),
        }
    }

    /// The first language of `ui_locales` (space-separated, most wanted first) that the pages are written in, else the best
    /// one of `Accept-Language`, else English. Never an error (protocol row 23).
    pub fn choose(ui_locales: Option<&str>, headers: &HeaderMap) -> Self {
        let asked = ui_locales.unwrap_or_default().split(' ').filter(|tag| !tag.is_empty()).take(MAX_RANGES);
        asked.into_iter().find_map(Self::lookup).or_else(|| Self::accepted(headers)).unwrap_or_default()
    }

    fn accepted(headers: &HeaderMap) -> Option<Self> {
        let header = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
        let mut best = None;
        for range in header.split(',').take(MAX_RANGES) {
            let (tag, weight) = match range.split_once(';') {
                Some((tag, parameter)) => (tag, weight(parameter)),
                None => (range, 1000),
            };
            let Some(language) = Self::lookup(tag.trim_ascii()) else { continue };
            if weight > best.map_or(0, |(_, weight)| weight) {
                best = Some((language, weight));
            }
        }
        best.map(|(language, _)| language)
    }

    /// Drops subtags from the end until a language is found.
    fn lookup(range: &str) -> Option<Self> {
        let primary = range.split('-').next()?;
        Self::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.tag()))
    }

    /// The language of a tag that [`Language::tag`] wrote.
    pub(super) fn of_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// A text, from English where this language lacks it; `None` when there is no such text or an argument is missing.
    pub(super) fn text(self, key: &str, arguments: &HashMap<&str, FluentValue<'_>>) -> Option<String> {
        let find =
            |language: Self| TEXTS.lookup_single_language(&language.identifier(), key, Some(arguments)).ok();
        find(self).or_else(|| find(Self::default()))
    }
}

/// `q=0.8` in thousandths (RFC 9110 section 12.4.2); anything else counts as "not wanted".
fn weight(parameter: &str) -> u16 {
    let value = parameter.trim_ascii().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok());
    match value {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0..=1000 by the guard")]
        Some(q) if (0.0..=1.0).contains(&q) => (q * 1000.0) as u16,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn choose(ui_locales: Option<&str>, accept: &str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_str(accept).unwrap());
        Language::choose(ui_locales, &headers)
    }

    #[test]
    fn ui_locales_come_before_the_browser_and_english_is_the_fallback() {
        assert_eq!(choose(Some("fr-CA de-AT en"), "en"), Language::German);
        assert_eq!(choose(Some("se xx"), "de"), Language::German);
        assert_eq!(choose(None, "fr, de;q=0.8, en;q=0.9"), Language::English);
        assert_eq!(choose(None, "fr, en;q=0.5, DE-ch;q=0.7"), Language::German);
        assert_eq!(choose(None, "de;q=0, fr"), Language::English);
        assert_eq!(Language::choose(None, &HeaderMap::new()), Language::English);
    }

    #[test]
    fn every_language_has_every_english_text_with_the_same_arguments() {
        let ids = |source: &str| -> Vec<String> {
            let mut ids: Vec<String> = source
                .lines()
                .filter_map(|line| line.split_once(" ="))
                .map(|(id, _)| id.to_owned())
                .collect();
            ids.sort();
            ids
        };
        let english = ids(include_str!("../../locales/en/pages.ftl"));
        assert!(english.len() > 30);
        assert_eq!(english, ids(include_str!("../../locales/de/pages.ftl")));
        let arguments: HashMap<&str, FluentValue<'_>> = ["client", "username", "host"]
            .map(|name| (name, FluentValue::from("x")))
            .into_iter()
            .chain([("seconds", FluentValue::from(2))])
            .collect();
        for language in Language::ALL {
            for id in &english {
                assert!(
                    TEXTS.lookup_single_language(&language.identifier(), id, Some(&arguments)).is_ok(),
                    "{language:?} {id}"
                );
            }
        }
    }

    proptest! {
        #[test]
        fn any_header_and_any_ui_locales_choose_something(accept in "[ -~]{0,80}", ui_locales in ".{0,80}") {
            prop_assert!(Language::ALL.contains(&choose(Some(&ui_locales), &accept)));
        }
    }
}
