//! Names that others chose, made fit to be read (attack rows O57, A10, S18).
//!
//! Escaping is the templates' work; this takes away what deceives the reader although it is escaped.

/// Longest name that is shown, in characters.
const MAX_SHOWN: usize = 100;

/// A name on one line, without control and direction characters, cut after 100 characters; a dash when nothing is left.
pub(super) fn for_page(name: &str) -> String {
    let mut visible = name.chars().filter(|&c| !c.is_control() && !turns_direction(c));
    let mut text: String = visible.by_ref().take(MAX_SHOWN).collect();
    if visible.next().is_some() {
        text.push('…');
    }
    let trimmed = text.trim();
    if trimmed.is_empty() { "–".to_owned() } else { trimmed.to_owned() }
}

/// Embeddings, overrides, isolates and marks of Unicode's bidirectional algorithm (UAX 9), and the line separators.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn o57_what_deceives_the_reader_is_taken_out() {
        assert_eq!(for_page("Photo\u{202e}koob\u{2069}\r\n\0 Book"), "Photokoob Book");
        assert_eq!(for_page("  "), "–");
        assert_eq!(for_page("\u{202e}"), "–");
        assert_eq!(for_page("名前 ناصر é"), "名前 ناصر é");
        assert_eq!(for_page(&"x".repeat(10_000)).chars().count(), 101);
    }
}
