//! The text of a code, and what is stored of it.

use tessera_model::{Digest, UserId};
use zeroize::Zeroizing;

use crate::Cx;

/// Digits that nobody takes for another one (Crockford's base 32).
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// How many digits a code has.
const LEN: usize = 16;

/// A code of 16 digits of 5 random bits each, in groups of four.
pub(super) fn from_random(random: &[u8; LEN]) -> Zeroizing<String> {
    let mut code = Zeroizing::new(String::with_capacity(LEN + 3));
    for (place, byte) in random.iter().enumerate() {
        if place > 0 && place % 4 == 0 {
            code.push('-');
        }
        code.push(char::from(DIGITS[usize::from(byte % 32)]));
    }
    code
}

/// What is stored of a code of this person. `None` for a text that cannot be one. Letters that look like a digit count as that digit.
pub(crate) fn digest(cx: &Cx, user: UserId, typed: &str) -> Option<Digest> {
    let mut plain = Zeroizing::new(String::with_capacity(LEN));
    for typed in typed.chars().filter(|typed| !typed.is_whitespace() && *typed != '-') {
        let digit = match typed.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        };
        if plain.len() == LEN || !digit.is_ascii() || !DIGITS.contains(&(digit as u8)) {
            return None;
        }
        plain.push(digit);
    }
    let key = &cx.app.catalog.load().keys.recovery_codes;
    (plain.len() == LEN).then(|| Digest::new(key.tag(&[user.as_bytes(), plain.as_bytes()])))
}
