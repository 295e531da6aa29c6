//! Request parameters (`application/x-www-form-urlencoded`, RFC 6749 section 3.1 and appendix B).
//!
//! One strict reader for query strings and form bodies. It refuses the whole request for a duplicate name, a broken percent
//! escape, text that is not UTF-8, or a NUL. So no two readers can understand one request in two ways.

use std::fmt;

use zeroize::Zeroizing;

/// Most parameters in one request.
pub const MAX_PARAMS: usize = 64;
/// Longest query string or form body, in bytes (policy P12).
pub const MAX_PARAMS_LEN: usize = 64 * 1024;
/// The one parameter that may repeat (RFC 8707 section 2).
const REPEATABLE: &str = "resource";

/// The parameters of one request. `Debug` shows names only. Dropping them wipes the values from memory.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Params {
    pairs: Vec<(String, Zeroizing<String>)>,
}

/// Why the parameters of a request are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParamsError {
    /// A parameter was sent more than once (RFC 6749 section 3.1).
    #[error("parameter sent more than once: {0}")]
    Duplicate(String),
    /// A broken percent escape, text that is not UTF-8, or a NUL.
    #[error("not application/x-www-form-urlencoded in UTF-8")]
    Malformed,
    /// More than [`MAX_PARAMS`] parameters or [`MAX_PARAMS_LEN`] bytes.
    #[error("more than {MAX_PARAMS} parameters or {MAX_PARAMS_LEN} bytes")]
    TooMany,
}

impl Params {
    /// Reads a query string (without `?`) or a form body.
    ///
    /// # Errors
    /// [`ParamsError`] for the first thing that is wrong. Do not use any part of the request then.
    pub fn parse(form_or_query: &[u8]) -> Result<Self, ParamsError> {
        if form_or_query.len() > MAX_PARAMS_LEN {
            return Err(ParamsError::TooMany);
        }
        let mut pairs: Vec<(String, Zeroizing<String>)> = Vec::new();
        for pair in form_or_query.split(|&c| c == b'&').filter(|pair| !pair.is_empty()) {
            if pairs.len() == MAX_PARAMS {
                return Err(ParamsError::TooMany);
            }
            let (name, value) = match pair.iter().position(|&c| c == b'=') {
                Some(at) => (&pair[..at], &pair[at + 1..]),
                None => (pair, &[][..]),
            };
            let name = std::mem::take(&mut *decode(name).ok_or(ParamsError::Malformed)?);
            let value = decode(value).ok_or(ParamsError::Malformed)?;
            if name != REPEATABLE && pairs.iter().any(|(earlier, _)| *earlier == name) {
                return Err(ParamsError::Duplicate(name));
            }
            pairs.push((name, value));
        }
        Ok(Self { pairs })
    }

    /// The value of a parameter. A parameter without a value counts as not sent (RFC 6749 section 3.1).
    pub fn get<'a>(&'a self, name: &str) -> Option<&'a str> {
        self.all(name).next()
    }

    /// Removes a parameter and returns its value. Use it for secrets, so that memory holds only one copy.
    pub fn take(&mut self, name: &str) -> Option<Zeroizing<String>> {
        let at = self.pairs.iter().position(|(n, value)| n == name && !value.is_empty())?;
        Some(self.pairs.swap_remove(at).1)
    }

    /// Every value of `resource`, the one parameter that may repeat. At most one value of any other parameter.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(n, value)| n == name && !value.is_empty()).map(|(_, v)| v.as_str())
    }

    /// Whether the parameter was sent with a value.
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Writes the parameters as [`Params::parse`] reads them.
    pub fn encode(&self) -> Zeroizing<String> {
        let pairs = self.pairs.iter().map(|(name, value)| (name, value.as_str()));
        Zeroizing::new(form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
    }

    /// Whether no parameter was sent.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }
}

impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.pairs.iter().map(|(name, _)| name)).finish()
    }
}

/// Decodes the encoding of RFC 6749 appendix B. `None` for broken escapes, bytes that are not UTF-8, and NUL.
pub(crate) fn decode(encoded: &[u8]) -> Option<Zeroizing<String>> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some(at) = rest.iter().position(|c| matches!(c, b'+' | b'%')) {
        bytes.extend_from_slice(&rest[..at]);
        let (byte, len) = match rest[at..] {
            [b'+', ..] => (b' ', 1),
            [_, high, low, ..] => (hex(high)? << 4 | hex(low)?, 3),
            _ => return None,
        };
        bytes.push(byte);
        rest = &rest[at + len..];
    }
    bytes.extend_from_slice(rest);
    let text = String::from_utf8(bytes).ok().map(Zeroizing::new)?;
    (!text.contains('\0')).then_some(text)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_that_comes_twice_is_refused_even_when_empty_or_encoded() {
        for twice in ["a=1&a=2", "a=&a=2", "a&a", "a=1&b=2&%61=1", "redirect_uri=x&redirect%5furi=y"] {
            assert!(matches!(Params::parse(twice.as_bytes()), Err(ParamsError::Duplicate(_))), "{twice}");
        }
        let params = Params::parse(b"resource=https://a&resource=https://b").unwrap();
        assert_eq!(params.all("resource").collect::<Vec<_>>(), ["https://a", "https://b"]);
    }

    #[test]
    fn broken_encoding_is_refused_not_repaired() {
        for bad in [&b"a=%"[..], b"a=%4", b"a=%zz", b"a=%+1", b"a=\xff", b"a=%ff", b"a=%00", b"%c3=1"] {
            assert_eq!(Params::parse(bad), Err(ParamsError::Malformed), "{bad:?}");
        }
        assert_eq!(Params::parse(b"&".repeat(MAX_PARAMS_LEN + 1).as_slice()), Err(ParamsError::TooMany));
        let many = (0..=MAX_PARAMS).map(|n| format!("p{n}=1")).collect::<Vec<_>>().join("&");
        assert_eq!(Params::parse(many.as_bytes()), Err(ParamsError::TooMany));
    }

    #[test]
    fn an_empty_value_counts_as_absent() {
        let mut params = Params::parse(b"state=&x&y=1").unwrap();
        assert_eq!((params.get("state"), params.get("x"), params.get("y")), (None, None, Some("1")));
        assert_eq!(params.take("y").as_deref().map(String::as_str), Some("1"));
        assert!(params.take("y").is_none());
    }

    #[test]
    fn debug_shows_no_value() {
        assert_eq!(format!("{:?}", Params::parse(b"client_secret=hunter2").unwrap()), r#"{"client_secret"}"#);
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = Params::parse(&bytes).map(|params| params.contains("a"));
        }

        #[test]
        fn what_a_browser_encodes_reads_back(pairs in prop::collection::btree_map("[^\0]{1,8}", "[^\0]{1,20}", 0..20)) {
            let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
            let params = Params::parse(encoded.as_bytes()).unwrap();
            for (name, value) in &pairs {
                prop_assert_eq!(params.get(name), Some(value.as_str()));
            }
            prop_assert_eq!(Params::parse(params.encode().as_bytes()), Ok(params));
        }
    }
}
