//! Whether a new password is a variation of the old one. Whoever knows the old one tries these first.

use tessera_model::PlainPassword;
use zeroize::Zeroizing;

use super::PasswordRefusal;

/// So many characters typed differently are always a variation.
const FEW: usize = 2;
/// And so is one of this many.
const ONE_OF: usize = 5;
/// Shorter cores are shared by accident.
const MIN_CORE: usize = 4;

/// What the new password has too much of.
pub(super) fn refusal(old: &PlainPassword, new: &PlainPassword) -> Option<PasswordRefusal> {
    if old.text() == new.text() {
        return Some(PasswordRefusal::SameAsOld);
    }
    let (old, new) = (folded(old), folded(new));
    let alike = same_core(&old, &new)
        || is_framed(&old, &new)
        || is_framed(&new, &old)
        || old.iter().eq(new.iter().rev())
        || distance(&old, &new) <= FEW.max(old.len().max(new.len()) / ONE_OF);
    alike.then_some(PasswordRefusal::LikeOld)
}

/// The characters without their case. Capitals come first, because `ß` and `ς` differ from `SS` and `σ` only as small letters.
fn folded(password: &PlainPassword) -> Zeroizing<Vec<char>> {
    let text = password.text();
    // No character has more than three of another case: nothing moves, nothing is left behind.
    let mut folded = Zeroizing::new(Vec::with_capacity(text.chars().count() * 3));
    folded.extend(text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase));
    folded
}

/// Whether only digits and symbols at the ends differ.
fn same_core(old: &[char], new: &[char]) -> bool {
    let core = core(old);
    core.len() >= MIN_CORE && core == self::core(new)
}

/// From the first letter to the last.
fn core(chars: &[char]) -> &[char] {
    let is_letter = |char: &char| char.is_alphabetic();
    let (first, last) = (chars.iter().position(is_letter), chars.iter().rposition(is_letter));
    first.zip(last).and_then(|(first, last)| chars.get(first..=last)).unwrap_or_default()
}

/// Whether `outer` is `inner` with digits and symbols around it.
fn is_framed(inner: &[char], outer: &[char]) -> bool {
    if inner.is_empty() {
        return false;
    }
    let found = outer.windows(inner.len()).position(|part| part == inner);
    found.is_some_and(|at| {
        let (before, after) = (outer.iter().take(at), outer.iter().skip(at + inner.len()));
        !before.chain(after).any(|char| char.is_alphabetic())
    })
}

/// How many characters to insert, remove or replace (Levenshtein).
fn distance(old: &[char], new: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=new.len()).collect();
    for (i, x) in old.iter().enumerate() {
        let (mut diagonal, mut left) = (i, i + 1);
        for (cell, y) in row.iter_mut().skip(1).zip(new) {
            let replaced = diagonal + usize::from(x != y);
            diagonal = *cell;
            left = replaced.min(diagonal + 1).min(left + 1);
            *cell = left;
        }
    }
    row.last().copied().unwrap_or_default().max(old.len().saturating_sub(new.len()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn compared(old: &str, new: &str) -> Option<PasswordRefusal> {
        let password = |text: &str| PlainPassword::to_check(text.to_owned()).unwrap();
        refusal(&password(old), &password(new))
    }

    fn is_variation(old: &str, new: &str) -> bool {
        compared(old, new) == Some(PasswordRefusal::LikeOld)
    }

    #[test]
    fn r22_variations_of_the_old_password() {
        for (old, new) in [
            ("Summer in Berlin 2024", "Summer in Berlin 2025"),
            ("Summer in Berlin 2024", "Summer in Berlin!!??!!"),
            ("summer in berlin", "--- 1999 SUMMER IN BERLIN 1999 ---"),
            ("7391028465", "7391028465!!#!!"),
            ("Straße am Fluss", "STRASSE AM FLUSS"),
            ("ὀδυσσεύς in ithaka", "ὈΔΥΣΣΕΎΣ IN ITHAKA"),
            ("correct horse battery", "yrettab esroh tcerroc"),
            ("correct horse battery staple", "correct house battery stable"),
            ("our passphrase one", "our passphrase two"),
        ] {
            assert!(is_variation(old, new), "{old} -> {new}");
            assert!(is_variation(new, old), "{new} -> {old}");
        }
        assert_eq!(compared("the same words", "the same words"), Some(PasswordRefusal::SameAsOld));
        assert_eq!(compared("cafe\u{301} au lait", "caf\u{e9} au lait"), Some(PasswordRefusal::SameAsOld));
    }

    #[test]
    fn r22_another_password_is_no_variation() {
        for (old, new) in [
            ("Summer in Berlin 2024", "Winter at the seaside 2024"),
            ("correct horse battery staple", "purple monkey dishwasher lamp"),
            ("73910x28465", "55x38474636"),
            ("", "correct horse battery"),
            ("123", "correct horse battery"),
            ("x1", "x correct horse battery"),
        ] {
            assert_eq!(compared(old, new), None, "{old} -> {new}");
        }
    }

    #[test]
    fn the_distance_of_a_few_words() {
        let distance = |a: &str, b: &str| {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            distance(&chars(a), &chars(b))
        };
        for (a, b, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("flaw", "lawn", 2),
            ("ab", "ba", 2),
        ] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }

    /// A change that somebody makes to a password that they want to keep.
    fn changed() -> impl Strategy<Value = (String, String)> {
        let old = "[A-Za-z][ -~]{13,40}[A-Za-z]";
        let edit = |(mut chars, edits): (Vec<char>, Vec<(usize, char, u8)>)| {
            for (at, char, kind) in edits {
                let at = at % chars.len();
                match kind {
                    0 => chars.insert(at, char),
                    1 => drop(chars.remove(at)),
                    _ => chars[at] = char,
                }
            }
            chars.into_iter().collect::<String>()
        };
        let edits =
            proptest::collection::vec((any::<usize>(), proptest::char::range(' ', '~'), 0_u8..3), 0..=2);
        (old, edits, "[0-9!-/]{0,12}", "[0-9!-/]{0,12}", 0_usize..4).prop_map(
            move |(old, edits, left, right, kind)| {
                let new = match kind {
                    0 => edit((old.chars().collect(), edits)),
                    1 => format!("{left}{old}{right}"),
                    2 => old.chars().rev().collect(),
                    _ => old
                        .chars()
                        .map(|char| {
                            if char.is_lowercase() {
                                char.to_ascii_uppercase()
                            } else {
                                char.to_ascii_lowercase()
                            }
                        })
                        .collect(),
                };
                (old, new)
            },
        )
    }

    proptest! {
        #[test]
        fn r22_a_change_of_the_old_password_is_found_in_both_directions((old, new) in changed()) {
            prop_assert!(compared(&old, &new).is_some());
            prop_assert_eq!(compared(&old, &new), compared(&new, &old));
        }

        #[test]
        fn r22_random_passwords_are_no_variations_of_each_other(old in "[a-zA-Z0-9]{15,40}", new in "[a-zA-Z0-9]{15,40}") {
            prop_assert_eq!(compared(&old, &new), None);
        }

        #[test]
        fn any_two_texts_are_compared_alike_in_both_directions(old in ".{0,40}", new in ".{0,40}") {
            prop_assert_eq!(compared(&old, &new), compared(&new, &old));
        }
    }
}
