//! Base32 (RFC 4648 section 6): how people and authenticator apps write a secret.
//!
//! Written here and not taken from a library, because it is thirty lines and its buffers hold secrets: they are allocated once, at
//! full size, and zeroized. A letter is found by arithmetic and not by a table, so the memory that is touched does not depend on the secret.

use zeroize::Zeroizing;

/// The longest text that is looked at, in bytes. 64 bytes of secret are 103 letters; the rest is for spaces.
const MAX_TEXT_LEN: usize = 512;

/// How many letters are written together for reading aloud.
const GROUP: usize = 4;

/// The text is not the base32 form of any byte string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not base32")]
pub struct NotBase32;

/// Encodes `bytes`: upper case, no padding.
pub fn encode(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(encoded_len(bytes.len())));
    for chunk in bytes.chunks(5) {
        let mut block = [0; 5];
        block[..chunk.len()].copy_from_slice(chunk);
        let bits = block.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        for place in 0..encoded_len(chunk.len()) {
            text.push(letter(low_byte(bits >> (35 - 5 * place)) & 31));
        }
    }
    text
}

/// Encodes `bytes` in groups of four letters with a space between them, for typing off a screen.
pub fn encode_grouped(bytes: &[u8]) -> Zeroizing<String> {
    let plain = encode(bytes);
    let mut text = Zeroizing::new(String::with_capacity(plain.len() + plain.len() / GROUP));
    for (place, letter) in plain.chars().enumerate() {
        if place > 0 && place.is_multiple_of(GROUP) {
            text.push(' ');
        }
        text.push(letter);
    }
    text
}

/// Decodes `text`. Lower case, spaces, line ends and padding are accepted.
///
/// # Errors
/// [`NotBase32`] for any other character, padding of the wrong length, an impossible number of letters, spare bits that are not
/// zero (a letter is missing or mistyped), or a text of more than 512 bytes.
pub fn decode(text: &str) -> Result<Zeroizing<Vec<u8>>, NotBase32> {
    if text.len() > MAX_TEXT_LEN {
        return Err(NotBase32);
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() * 5 / 8));
    let (mut bits, mut pending, mut letters, mut padding) = (0_u64, 0_u32, 0_usize, 0_usize);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        if byte == b'=' {
            padding += 1;
            continue;
        }
        if padding > 0 {
            return Err(NotBase32);
        }
        bits = (bits << 5 | u64::from(value(byte).ok_or(NotBase32)?)) & 0xfff;
        letters += 1;
        pending += 5;
        if pending >= 8 {
            pending -= 8;
            bytes.push(low_byte(bits >> pending));
        }
    }
    let whole = encoded_len(bytes.len()) == letters;
    let padded = padding == 0 || padding == (8 - letters % 8) % 8;
    let no_spare_bits = bits & ((1 << pending) - 1) == 0;
    if whole && padded && no_spare_bits { Ok(bytes) } else { Err(NotBase32) }
}

const fn low_byte(bits: u64) -> u8 {
    let [.., low] = bits.to_be_bytes();
    low
}

const fn encoded_len(bytes: usize) -> usize {
    (bytes * 8).div_ceil(5)
}

/// `A`-`Z` are 0 to 25, `2`-`7` are 26 to 31.
fn letter(value: u8) -> char {
    let is_digit = u8::from(value >= 26);
    // '2' stands 41 below the place after 'Z'.
    char::from(b'A' + value - is_digit * 41)
}

fn value(letter: u8) -> Option<u8> {
    match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a'),
        b'2'..=b'7' => Some(letter - b'2' + 26),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4648 section 10.
    const VECTORS: [(&str, &str); 7] = [
        ("", ""),
        ("f", "MY======"),
        ("fo", "MZXQ===="),
        ("foo", "MZXW6==="),
        ("foob", "MZXW6YQ="),
        ("fooba", "MZXW6YTB"),
        ("foobar", "MZXW6YTBOI======"),
    ];

    #[test]
    fn rfc4648_section_10() {
        for (plain, padded) in VECTORS {
            let bare = padded.trim_end_matches('=');
            assert_eq!(*encode(plain.as_bytes()), bare);
            for text in [padded, bare, &bare.to_lowercase()] {
                assert_eq!(decode(text).unwrap().as_slice(), plain.as_bytes(), "{text}");
            }
        }
    }

    #[test]
    fn secrets_are_shown_in_groups_of_four_and_read_back() {
        let shown = encode_grouped(b"12345678901234567890");
        assert_eq!(*shown, "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        assert_eq!(decode(&shown).unwrap().as_slice(), b"12345678901234567890");
        assert_eq!(*encode_grouped(b"foob"), "MZXW 6YQ");
        assert_eq!(*encode_grouped(b""), "");
    }

    #[test]
    fn buffers_never_grow() {
        for len in 0..70 {
            let text = encode(&vec![0xa5; len]);
            assert_eq!(text.capacity(), encoded_len(len));
            assert!(decode(&text).unwrap().len() == len);
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "M",
            "MZX",
            "MZXW6Y",
            "MZ",
            "M1",
            "M0",
            "M8",
            "MY-",
            "MÝ",
            "MY=",
            "MY=======",
            "=",
            "MY==A===",
            "MY======MY",
        ] {
            assert_eq!(decode(text), Err(NotBase32), "{text}");
        }
        assert_eq!(decode(&"A".repeat(513)), Err(NotBase32));
    }
}
