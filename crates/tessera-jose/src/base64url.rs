//! Base64url as JOSE uses it (RFC 7515 section 2, RFC 4648 section 5): no padding, no white space, no spare bits.
//!
//! Each byte string has exactly one accepted text. So nobody can change the text of a token without changing the signed bytes.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::Simd;
use base64::engine::general_purpose::NO_PAD;

/// Uses the vector instructions of the processor.
static ENGINE: LazyLock<Simd> = LazyLock::new(|| Simd::url_safe(NO_PAD));

/// The text is not the one base64url form of any byte string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not unpadded base64url")]
pub struct NotBase64Url;

/// Encodes `bytes`.
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    ENGINE.encode(bytes)
}

/// Decodes `text`.
///
/// # Errors
/// [`NotBase64Url`] for padding, characters outside the alphabet, an impossible length, or spare bits that are not zero.
pub fn decode(text: &str) -> Result<Vec<u8>, NotBase64Url> {
    ENGINE.decode(text).map_err(|_| NotBase64Url)
}

/// Encodes `bytes` at the end of `out`.
pub(crate) fn encode_onto(out: &mut String, bytes: &[u8]) {
    ENGINE.encode_string(bytes, out);
}

/// Decodes `text` at the end of `out`.
pub(crate) fn decode_onto(out: &mut Vec<u8>, text: &str) -> Result<(), NotBase64Url> {
    ENGINE.decode_vec(text, out).map_err(|_| NotBase64Url)
}

/// The length of the encoding of `bytes` bytes.
pub(crate) const fn encoded_len(bytes: usize) -> usize {
    bytes / 3 * 4
        + match bytes % 3 {
            0 => 0,
            1 => 2,
            _ => 3,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips_and_predicts_lengths() {
        for len in 0..70_u8 {
            let bytes: Vec<u8> = (0..len).map(|i| i.wrapping_mul(89).wrapping_add(250)).collect();
            let text = encode(&bytes);
            assert_eq!(text.len(), encoded_len(bytes.len()));
            assert_eq!(decode(&text).unwrap(), bytes);
        }
    }

    #[test]
    fn every_byte_anywhere_is_read_as_the_plain_engine_reads_it() {
        for len in [4, 31, 64, 86, 98, 130] {
            let good = encode(vec![0xa5; len]);
            for at in 0..good.len() {
                for byte in 0..=u8::MAX {
                    let mut bytes = good.clone().into_bytes();
                    bytes[at] = byte;
                    let plain = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(&bytes).ok();
                    assert_eq!(ENGINE.decode(&bytes).ok(), plain, "{byte} at {at} of {len}");
                }
            }
        }
    }

    #[test]
    fn one_text_per_byte_string() {
        assert_eq!(decode("Zm8"), Ok(b"fo".to_vec()));
        for text in ["Zm8=", "Zm9", "Zm8 ", " Zm8", "Zm8\n", "Z", "Zm+/", "Zm8.", "AB", "Zm\u{e9}"] {
            assert_eq!(decode(text), Err(NotBase64Url), "{text:?}");
        }
    }
}
