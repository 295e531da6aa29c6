//! The language of a request.

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;
use tessera_templates::Language;

/// Chooses the language to answer in: one of `ui_locales` (space-separated), else one of the browser's, else English. An
/// unreadable `Accept-Language` counts as none.
pub(crate) fn choose_language(ui_locales: Option<&str>, headers: &HeaderMap) -> Language {
    let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Language::choose(ui_locales, accepted)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_browser_is_asked_after_the_application() {
        let with = |value: &'static [u8]| {
            HeaderMap::from_iter([(ACCEPT_LANGUAGE, HeaderValue::from_bytes(value).unwrap())])
        };
        assert_eq!(choose_language(None, &with(b"de")), Language::German);
        assert_eq!(choose_language(Some("fr"), &with(b"de")), Language::French);
        assert_eq!(choose_language(None, &with(b"de\xff")), Language::English);
        assert_eq!(choose_language(None, &HeaderMap::new()), Language::English);
    }
}
