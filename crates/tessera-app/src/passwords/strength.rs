//! How many guesses find a password: an estimate that knows lists of passwords, names and words, dates, rows of keys and repetitions.

use tessera_model::{PlainPassword, User};
use url::Url;
use zeroize::Zeroizing;

/// So many characters are looked at. The time grows with their square.
const MAX_CHARS: usize = 64;
/// Guessers know what they log in at.
const PRODUCT: &str = "tessera";
/// Shorter parts of names help nobody to guess.
const MIN_WORD: usize = 3;

/// The score from 0 to 4. Symbols that stand for letters can make it take half a second of a processor, so only the hashing pool
/// computes it.
///
/// The crate copies the password and does not wipe its copies.
pub(super) fn score(password: &PlainPassword, known: &[String]) -> u32 {
    let looked_at: Zeroizing<String> = Zeroizing::new(password.text().chars().take(MAX_CHARS).collect());
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    u32::from(u8::from(zxcvbn::zxcvbn(&looked_at, &known).score()))
}

/// What guessers know about a person and this installation, whole and in words.
pub(super) fn known(user: &User, issuer: &str) -> Vec<String> {
    let url = Url::parse(issuer).ok();
    let host = url.as_ref().and_then(Url::host_str);
    let texts =
        [Some(user.username.as_str()), user.name.as_deref(), user.email.as_deref(), host, Some(PRODUCT)];
    let mut known = Vec::new();
    for text in texts.into_iter().flatten() {
        let text = text.to_lowercase();
        let words = || text.split(|char: char| !char.is_alphanumeric());
        known.extend([text.clone(), words().collect()]);
        known.extend(words().map(str::to_owned));
    }
    known.retain(|word| word.chars().count() >= MIN_WORD);
    known
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn score_of(text: &str, known: &[String]) -> u32 {
        score(&PlainPassword::to_check(text.to_owned()).unwrap(), known)
    }

    #[test]
    fn r22_what_is_used_often_repeated_or_a_row_of_keys_has_a_low_score() {
        for low in [
            "passwordpassword",
            "Password12345678",
            "aaaaaaaaaaaaaaaaaaaa",
            "abcdefghijklmnopqrstuvwxyz",
            "qwertyuiopasdfghjkl",
            "123456789012345",
            "iloveyouiloveyou",
        ] {
            assert!(score_of(low, &[]) < 3, "{low}");
        }
        for high in [
            "correct horse battery staple",
            "x7f-kq2-mm9-w4z-p3v",
            "Grüne Äpfel reisen nachts",
            "夜の青い馬が静かに歌を読む朝",
        ] {
            assert!(score_of(high, &[]) >= 3, "{high}");
        }
    }

    #[test]
    fn r22_only_so_many_characters_are_looked_at() {
        let after = |count| format!("{}correct horse battery staple", "a".repeat(count));
        assert!(score_of(&after(MAX_CHARS), &[]) < 3);
        assert!(score_of(&after(MAX_CHARS / 2), &[]) >= 3);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_text_has_a_score(text in ".{0,120}", known in proptest::collection::vec(".{0,20}", 0..4)) {
            prop_assert!(score_of(&text, &known) <= 4);
        }
    }
}
