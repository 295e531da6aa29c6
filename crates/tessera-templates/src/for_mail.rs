//! Makes names that strangers chose safe to read in a mail.
//!
//! Mail programs make links of text that looks like an address. A name must not become one.

use crate::for_page;

/// Ends a word for whoever looks for links, and shows nothing.
const BREAK: char = '\u{200b}';

/// The same as [`for_page`], with a break after each character that could be part of an address of the web or of mail.
pub fn for_mail(name: &str) -> String {
    let mut text = String::new();
    for c in for_page(name).chars() {
        text.push(c);
        if matches!(c, '.' | ':' | '/' | '@') {
            text.push(BREAK);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l25_a_name_is_no_link() {
        let said = for_mail("https://evil.example/x\r\nBcc: e@evil.example \u{202e}");
        for address in ["//", "evil.example", "https:/", "@evil", "\r", "\n", "\u{202e}"] {
            assert!(!said.contains(address), "{address:?} {said:?}");
        }
        let shown = said.replace(BREAK, "");
        assert_eq!(shown, "https://evil.example/xBcc: e@evil.example");
        assert_eq!(for_mail("Key of Ünï 名前"), "Key of Ünï 名前");
    }
}
