//! Text for a terminal. Escapes what other people chose, so that it cannot control the terminal.

use std::fmt::Write as _;

/// Escapes every control, bidirectional and invisible character. The text can then neither move the cursor nor imitate another
/// text.
pub(crate) fn for_terminal(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if is_deceptive(c) {
            safe.extend(c.escape_unicode());
        } else {
            safe.push(c);
        }
    }
    safe
}

/// Escapes the same characters in JSON, where they can only stand inside strings. The JSON keeps its meaning.
pub(crate) fn for_terminal_json(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        if c != '\n' && is_deceptive(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing into a String cannot fail.
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(c);
        }
    }
    safe
}

fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Writes seconds since 1970 as RFC 3339 in UTC.
pub(crate) fn time(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |time| time.to_string())
}

/// Writes a span with its largest two units, such as `2 d 3 h`.
pub(crate) fn span(seconds: u64) -> String {
    let parts = [
        (seconds / 86_400, "d"),
        (seconds / 3_600 % 24, "h"),
        (seconds / 60 % 60, "min"),
        (seconds % 60, "s"),
    ];
    let mut parts = parts.into_iter().skip_while(|(count, _)| *count == 0);
    match (parts.next(), parts.next()) {
        (Some((a, unit)), Some((b, smaller))) if b > 0 => format!("{a} {unit} {b} {smaller}"),
        (Some((a, unit)), _) => format!("{a} {unit}"),
        (None, _) => "0 s".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a07_nothing_reaches_the_terminal_but_text() {
        let evil = "a\u{1b}[2J\u{9b}31m\r\n\u{202e}txt\u{200b}\u{7f}\u{e0041}";
        for safe in [for_terminal(evil), for_terminal_json(&serde_json::to_string(evil).unwrap())] {
            assert!(safe.chars().all(|c| !is_deceptive(c)), "{safe:?}");
        }
        assert_eq!(for_terminal("Zoë 東京"), "Zoë 東京");
    }

    #[test]
    fn a07_escaped_json_still_says_the_same() {
        let evil = "x\u{9b}\u{202e}\u{e0041}y";
        let safe = for_terminal_json(&serde_json::to_string(evil).unwrap());
        assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), evil);
    }

    #[test]
    fn times_and_spans_read_well() {
        assert_eq!(time(0), "1970-01-01T00:00:00Z");
        assert_eq!(time(i64::MAX), i64::MAX.to_string());
        assert_eq!((span(0), span(90), span(180_000)), ("0 s".into(), "1 min 30 s".into(), "2 d 2 h".into()));
    }
}
