//! Makes names that strangers chose safe to read.
//!
//! Templates escape every value. This removes characters that deceive the reader even when they are escaped.

/// The most characters of a name that a page shows.
const MAX_LEN: usize = 100;

/// Puts a name on one line, without control and direction characters, and cuts it after 100 characters. A name with nothing left
/// becomes a dash.
pub fn for_page(name: &str) -> String {
    let mut visible = name.chars().filter(|&c| !c.is_control() && !changes_direction(c));
    let mut text: String = visible.by_ref().take(MAX_LEN).collect();
    if visible.next().is_some() {
        text.push('…');
    }
    let trimmed = text.trim();
    if trimmed.is_empty() { "–".to_owned() } else { trimmed.to_owned() }
}

/// Embeddings, overrides, isolates and marks of the Unicode bidirectional algorithm (UAX 9), and the line separators.
fn changes_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn o57_characters_that_deceive_the_reader_are_removed() {
        assert_eq!(for_page("Photo\u{202e}koob\u{2069}\r\n\0 Book"), "Photokoob Book");
        assert_eq!(for_page("  "), "–");
        assert_eq!(for_page("\u{202e}"), "–");
        assert_eq!(for_page("名前 ناصر é"), "名前 ناصر é");
        assert_eq!(for_page(&"x".repeat(10_000)).chars().count(), 101);
    }
}
