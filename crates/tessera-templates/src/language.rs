//! The languages that Tessera speaks, their texts, and the choice between them (OpenID Connect Core section 3.1.2.1
//! `ui_locales`; RFC 9110 section 12.5.4; RFC 4647 section 3.4 lookup).

use std::collections::HashMap;

use fluent_templates::LanguageIdentifier;
use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::langid;

fluent_templates::static_loader! {
    static TEXTS = { locales: "./locales", fallback_language: "en" };
}

/// How many language ranges of one request are read.
const MAX_RANGES: usize = 16;

/// A language that Tessera speaks. A text that a language lacks is said in English.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English, and the fallback.
    #[default]
    English,
    /// German.
    German,
    /// French.
    French,
    /// Spanish.
    Spanish,
    /// Italian.
    Italian,
    /// Portuguese.
    Portuguese,
    /// Dutch.
    Dutch,
    /// Polish.
    Polish,
    /// Japanese.
    Japanese,
    /// Chinese, in simplified characters.
    Chinese,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 10] = [
        Self::English,
        Self::German,
        Self::French,
        Self::Spanish,
        Self::Italian,
        Self::Portuguese,
        Self::Dutch,
        Self::Polish,
        Self::Japanese,
        Self::Chinese,
    ];

    /// The language tag (BCP 47).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Italian => "it",
            Self::Portuguese => "pt",
            Self::Dutch => "nl",
            Self::Polish => "pl",
            Self::Japanese => "ja",
            Self::Chinese => "zh",
        }
    }

    const fn identifier(self) -> LanguageIdentifier {
        match self {
            Self::English => langid!("en"),
            Self::German => langid!("de"),
            Self::French => langid!("fr"),
            Self::Spanish => langid!("es"),
            Self::Italian => langid!("it"),
            Self::Portuguese => langid!("pt"),
            Self::Dutch => langid!("nl"),
            Self::Polish => langid!("pl"),
            Self::Japanese => langid!("ja"),
            Self::Chinese => langid!("zh"),
        }
    }

    /// Chooses the first language of `ui_locales` (space-separated, most wanted first) that Tessera speaks, else the best one of
    /// `accept_language` (the value of that header), else English. A tag that makes no sense is skipped.
    pub fn choose(ui_locales: Option<&str>, accept_language: Option<&str>) -> Self {
        let mut asked =
            ui_locales.unwrap_or_default().split(' ').filter(|tag| !tag.is_empty()).take(MAX_RANGES);
        asked
            .find_map(Self::lookup)
            .or_else(|| accept_language.and_then(Self::best_accepted))
            .unwrap_or_default()
    }

    fn best_accepted(accept_language: &str) -> Option<Self> {
        let mut best = None;
        for range in accept_language.split(',').take(MAX_RANGES) {
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

    /// The language of a range such as `de-AT`. Every language here has one subtag, so the others are dropped.
    fn lookup(range: &str) -> Option<Self> {
        let primary = range.split('-').next()?;
        Self::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.tag()))
    }

    /// The language of a tag that [`Language::tag`] wrote.
    pub(crate) fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// The text of a key, in English if this language lacks it. `None` when there is no such text or an argument is missing.
    pub(crate) fn text(self, key: &str, arguments: &HashMap<&str, FluentValue<'_>>) -> Option<String> {
        let find =
            |language: Self| TEXTS.lookup_single_language(&language.identifier(), key, Some(arguments)).ok();
        find(self).or_else(|| find(Self::default()))
    }
}

/// Reads `q=0.8` in thousandths (RFC 9110 section 12.4.2). Anything else means "not wanted".
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
    use proptest::prelude::*;

    use super::*;

    fn choose(ui_locales: Option<&str>, accept: &str) -> Language {
        Language::choose(ui_locales, Some(accept))
    }

    #[test]
    fn ui_locales_come_before_the_browser_and_english_is_the_fallback() {
        assert_eq!(choose(Some("sv-SE de-AT en"), "en"), Language::German);
        assert_eq!(choose(Some("fr-CA de-AT en"), "en"), Language::French);
        assert_eq!(choose(Some("se xx"), "de"), Language::German);
        assert_eq!(choose(None, "sv, de;q=0.8, en;q=0.9"), Language::English);
        assert_eq!(choose(None, "sv, en;q=0.5, DE-ch;q=0.7"), Language::German);
        assert_eq!(choose(None, "pt-BR,pt;q=0.9,en;q=0.8"), Language::Portuguese);
        assert_eq!(choose(None, "zh-Hans-CN,ja;q=0.5"), Language::Chinese);
        assert_eq!(choose(None, "de;q=0, sv"), Language::English);
        assert_eq!(Language::choose(None, None), Language::English);
    }

    /// A value for each argument that some text uses.
    fn arguments(names: &[&'static str]) -> HashMap<&'static str, FluentValue<'static>> {
        let value = |name: &&'static str| match *name {
            "seconds" | "codes" | "min" => (*name, FluentValue::from(2)),
            name => (name, FluentValue::from("x")),
        };
        names.iter().map(value).collect()
    }

    fn texts(language: Language) -> Vec<(String, String)> {
        let file = |name: &str| {
            let path = format!("{}/locales/{}/{name}.ftl", env!("CARGO_MANIFEST_DIR"), language.tag());
            std::fs::read_to_string(path).unwrap_or_default()
        };
        let source = ["pages", "passwords", "mails"].map(file).concat();
        let mut texts: Vec<(String, String)> = Vec::new();
        for line in source.lines().filter(|line| !line.starts_with('#')) {
            match (line.starts_with(' '), line.split_once(" =")) {
                (false, Some((id, text))) => texts.push((id.to_owned(), text.to_owned())),
                _ => texts.iter_mut().last().into_iter().for_each(|(_, text)| text.push_str(line)),
            }
        }
        texts
    }

    #[test]
    fn every_language_says_what_english_says_with_the_same_arguments() {
        const NAMES: [&str; 12] = [
            "client", "username", "host", "date", "seconds", "codes", "min", "account", "factor", "when",
            "address", "browser",
        ];
        let english = texts(Language::English);
        assert!(english.len() > 100, "{}", english.len());
        for language in Language::ALL {
            assert_eq!(texts(language).len(), english.len(), "{language:?} lacks nothing");
            for (id, text) in texts(language) {
                let Some((_, original)) = english.iter().find(|(known, _)| *known == id) else {
                    panic!("{language:?} has {id}, which English lacks")
                };
                let used = |text: &str| NAMES.map(|name| text.contains(&format!("${name} ")));
                assert_eq!(used(&text), used(original), "{language:?} {id}: other arguments");
                let said =
                    TEXTS.lookup_single_language(&language.identifier(), &id, Some(&arguments(&NAMES)));
                assert!(said.is_ok_and(|said: String| !said.trim().is_empty()), "{language:?} {id}");
            }
            for (id, _) in &english {
                assert!(language.text(id, &arguments(&NAMES)).is_some(), "{language:?} {id}");
            }
            assert!(
                matches!(language.text("direction", &HashMap::new()).as_deref(), Some("ltr" | "rtl")),
                "{language:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_header_and_any_ui_locales_choose_something(accept in "[ -~]{0,80}", ui_locales in ".{0,80}") {
            prop_assert!(Language::ALL.contains(&choose(Some(&ui_locales), &accept)));
        }
    }
}
