//! What a mail says about a browser: words of ours. The text that a browser sends is chosen by whoever sends it, and a mail program
//! would make a link of it.

/// A word in `User-Agent`, and the program that it stands for. The first that fits counts, because browsers name their ancestors too.
const PROGRAMS: [(&str, &str); 7] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
/// The same for operating systems.
const SYSTEMS: [(&str, &str); 6] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
];

/// The names of a browser and its system, as far as they are known.
pub(super) fn known_names(user_agent: &str) -> Option<String> {
    let find = |words: &[(&str, &'static str)]| {
        words.iter().find(|(word, _)| user_agent.contains(word)).map(|(_, name)| *name)
    };
    let names: Vec<&str> = [find(&PROGRAMS), find(&SYSTEMS)].into_iter().flatten().collect();
    (!names.is_empty()).then(|| names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l25_a_browser_is_told_in_words_of_ours() {
        for (user_agent, said) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
                Some("Firefox, Linux"),
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36 Edg/120.0",
                Some("Edge, Windows"),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Mobile/15E148 Safari/604.1",
                Some("Safari, iPhone"),
            ),
            ("Visit https://evil.example on Android", Some("Android")),
            ("https://evil.example", None),
            ("", None),
        ] {
            assert_eq!(known_names(user_agent).as_deref(), said, "{user_agent}");
        }
    }
}
