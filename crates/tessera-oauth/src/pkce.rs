//! Proof Key for Code Exchange (RFC 7636), method S256 only.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use tessera_jose::{base64url, digest};
use zeroize::Zeroizing;

/// `code_challenge` of method S256: 43..=128 of `A-Z a-z 0-9 - . _ ~` (RFC 7636 section 4.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CodeChallenge(String);

/// `code_verifier`: 43..=128 of the same characters (RFC 7636 section 4.1). `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeVerifier(Zeroizing<String>);

/// Why PKCE parameters are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPkce {
    /// Wrong length or characters.
    #[error("code_challenge and code_verifier have 43 to 128 of A-Z a-z 0-9 - . _ ~")]
    Grammar,
    /// Another method than S256, or no method, which would mean `plain`.
    #[error("code_challenge_method must be S256")]
    Method,
    /// A method without a challenge.
    #[error("code_challenge_method without code_challenge")]
    NoChallenge,
}

impl CodeChallenge {
    /// Reads `code_challenge` and `code_challenge_method` as sent. `Ok(None)` if neither was sent.
    ///
    /// # Errors
    /// A method other than exactly `S256`, a method without a challenge, a challenge outside the grammar.
    pub fn parse(challenge: Option<&str>, method: Option<&str>) -> Result<Option<Self>, InvalidPkce> {
        match (challenge, method) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(InvalidPkce::NoChallenge),
            (Some(challenge), Some("S256")) => challenge.parse().map(Some),
            (Some(_), _) => Err(InvalidPkce::Method),
        }
    }

    /// The challenge as sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the challenge was made from this verifier. Compares in constant time.
    pub fn matches(&self, verifier: &CodeVerifier) -> bool {
        let expected = base64url::encode(digest::sha256(verifier.0.as_bytes()));
        expected.as_bytes().ct_eq(self.0.as_bytes()).into()
    }
}

impl FromStr for CodeChallenge {
    type Err = InvalidPkce;

    fn from_str(text: &str) -> Result<Self, InvalidPkce> {
        is_in_grammar(text).then(|| Self(text.to_owned())).ok_or(InvalidPkce::Grammar)
    }
}

impl TryFrom<String> for CodeChallenge {
    type Error = InvalidPkce;

    fn try_from(text: String) -> Result<Self, InvalidPkce> {
        text.parse()
    }
}

impl From<CodeChallenge> for String {
    fn from(challenge: CodeChallenge) -> Self {
        challenge.0
    }
}

impl FromStr for CodeVerifier {
    type Err = InvalidPkce;

    fn from_str(text: &str) -> Result<Self, InvalidPkce> {
        is_in_grammar(text).then(|| Self(Zeroizing::new(text.to_owned()))).ok_or(InvalidPkce::Grammar)
    }
}

impl CodeVerifier {
    /// The challenge of this verifier, which a client sends first.
    pub fn challenge(&self) -> CodeChallenge {
        CodeChallenge(base64url::encode(digest::sha256(self.0.as_bytes())))
    }
}

impl fmt::Debug for CodeVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeVerifier(…)")
    }
}

fn is_in_grammar(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text.bytes().all(|c| c.is_ascii_alphanumeric() || b"-._~".contains(&c))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn rfc7636_appendix_b() {
        let verifier: CodeVerifier = VERIFIER.parse().unwrap();
        assert_eq!(verifier.challenge().as_str(), CHALLENGE);
        assert!(CHALLENGE.parse::<CodeChallenge>().unwrap().matches(&verifier));
    }

    #[test]
    fn o05_only_s256_of_the_right_length() {
        let parse = |challenge: &str, method| CodeChallenge::parse(Some(challenge), method);
        for method in [None, Some("plain"), Some("S256 "), Some("s256"), Some("S512"), Some("")] {
            assert_eq!(parse(CHALLENGE, method), Err(InvalidPkce::Method), "{method:?}");
        }
        for length in [0, 1, 42, 129] {
            assert_eq!(parse(&"a".repeat(length), Some("S256")), Err(InvalidPkce::Grammar), "{length}");
        }
        assert_eq!(CodeChallenge::parse(None, Some("S256")), Err(InvalidPkce::NoChallenge));
        assert_eq!(CodeChallenge::parse(None, None), Ok(None));
        assert!(parse(CHALLENGE, Some("S256")).unwrap().is_some());
    }

    #[test]
    fn o08_wrong_and_malformed_verifiers() {
        let challenge: CodeChallenge = CHALLENGE.parse().unwrap();
        let close = VERIFIER.replace('d', "e");
        assert!(!challenge.matches(&close.parse().unwrap()));
        assert!(
            !challenge.matches(&CHALLENGE.parse().unwrap()),
            "the challenge is no verifier of itself (plain)"
        );
        for bad in [
            "a".repeat(42),
            "a".repeat(129),
            format!("{VERIFIER}+"),
            format!("{VERIFIER}é"),
            format!("{VERIFIER}\n"),
        ] {
            assert_eq!(bad.parse::<CodeVerifier>(), Err(InvalidPkce::Grammar), "{bad:?}");
        }
        assert!("~._-".repeat(32).parse::<CodeVerifier>().is_ok());
    }

    #[test]
    fn debug_hides_the_verifier() {
        assert_eq!(format!("{:?}", VERIFIER.parse::<CodeVerifier>().unwrap()), "CodeVerifier(…)");
    }

    proptest! {
        #[test]
        fn a_challenge_matches_its_verifier_and_no_other(one in "[A-Za-z0-9._~-]{43,128}", other in "[A-Za-z0-9._~-]{43,128}") {
            let one: CodeVerifier = one.parse().unwrap();
            let other: CodeVerifier = other.parse().unwrap();
            prop_assert!(one.challenge().matches(&one));
            prop_assert_eq!(one.challenge().matches(&other), one == other);
        }

        #[test]
        fn any_text_is_answered_without_panic(text in any::<String>(), method in any::<Option<String>>()) {
            let _ = CodeChallenge::parse(Some(&text), method.as_deref());
            let _ = text.parse::<CodeVerifier>();
        }
    }
}
