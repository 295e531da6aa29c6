//! Whether an ID token is good (OIDC core sections 3.1.3.7, 12.2): who signed it, for whom, when, and for which login.

use tessera_jose::{Algorithm, JwkSet, Unverified, VerifyingKey};
use tessera_oauth::claims::{ID_TOKEN_TYP, IdTokenClaims, at_hash};

use crate::error::ClientError;

/// How far the issuer's clock may be from ours, in seconds.
const LEEWAY: i64 = 10;

/// What a good token says.
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) login: ExpectedLogin<'a>,
    pub(crate) alg: Algorithm,
    /// Seconds since 1970.
    pub(crate) now: i64,
    /// The access token that came with it.
    pub(crate) access_token: &'a str,
}

/// Which login the token has to be about.
#[derive(Clone, Copy)]
pub(crate) enum ExpectedLogin<'a> {
    /// The login that began with this `nonce`.
    Now(&'a str),
    /// An earlier login of this person: the token comes with a refresh.
    Before(&'a str),
}

/// The claims, if the token is good.
pub(crate) fn check(
    token: &str,
    keys: &JwkSet,
    expected: &Expected<'_>,
) -> Result<IdTokenClaims, ClientError> {
    let claims = signed_by_the_issuer(token, keys, expected.alg)?;
    let only_us = claims.aud.contains(expected.client_id) && claims.aud.iter().count() == 1;
    let checks = [
        (claims.iss == expected.issuer, "the ID token is from another issuer (iss)"),
        (only_us, "the ID token is for another application (aud)"),
        (
            claims.azp.as_deref().is_none_or(|azp| azp == expected.client_id),
            "the ID token is for another application (azp)",
        ),
        (claims.exp > expected.now - LEEWAY, "the ID token has expired (exp)"),
        (claims.iat <= expected.now + LEEWAY, "the ID token is from the future (iat)"),
        (
            match expected.login {
                ExpectedLogin::Now(nonce) => claims.nonce.as_deref() == Some(nonce),
                ExpectedLogin::Before(_) => true,
            },
            "the ID token is not for this login (nonce)",
        ),
        (
            match expected.login {
                ExpectedLogin::Now(_) => true,
                ExpectedLogin::Before(subject) => claims.sub == subject,
            },
            "the ID token is about another person (sub)",
        ),
        (
            claims.at_hash.is_none() || claims.at_hash == at_hash(expected.access_token, expected.alg),
            "the ID token belongs to another access token (at_hash)",
        ),
    ];
    match checks.into_iter().find(|(holds, _)| !holds) {
        Some((_, reason)) => Err(ClientError::Untrusted(reason)),
        None => Ok(claims),
    }
}

/// The application chooses the algorithm and the issuer publishes the key. The token only names them.
fn signed_by_the_issuer(token: &str, keys: &JwkSet, alg: Algorithm) -> Result<IdTokenClaims, ClientError> {
    let unverified = Unverified::parse(token).map_err(|_| ClientError::Malformed("the ID token"))?;
    if unverified.alg() != alg || !unverified.has_typ(ID_TOKEN_TYP) {
        return Err(ClientError::Untrusted("the ID token has another algorithm or type"));
    }
    let key = keys.keys.iter().find(|key| key.kid().is_some() && key.kid() == unverified.kid());
    let key = key.filter(|key| key.may_verify()).and_then(|key| VerifyingKey::from_jwk(key).ok());
    let key = key.ok_or(ClientError::Untrusted(
        "the ID token is signed with a key that the issuer does not publish",
    ))?;
    let payload =
        unverified.verify(&key).map_err(|_| ClientError::Untrusted("the ID token's signature is wrong"))?;
    tessera_jose::json::strict(payload).map_err(|_| ClientError::Malformed("the ID token"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tessera_jose::SigningKey;

    use super::*;

    const EXPECTED: Expected<'static> = Expected {
        issuer: "http://localhost:8080",
        client_id: "demo-web",
        login: ExpectedLogin::Now("n"),
        alg: Algorithm::Es256,
        now: 1_000,
        access_token: "at",
    };

    fn claims() -> Value {
        json!({
            "iss": "http://localhost:8080", "sub": "alice", "aud": "demo-web", "nonce": "n",
            "iat": 990, "exp": 1_600, "auth_time": 980, "at_hash": at_hash("at", Algorithm::Es256),
        })
    }

    fn with(name: &str, value: Value) -> Value {
        let mut claims = claims();
        claims[name] = value;
        claims
    }

    fn outcome(
        key: &SigningKey,
        published: &SigningKey,
        typ: &str,
        claims: &Value,
    ) -> Result<String, ClientError> {
        let token = key.sign(typ, claims.to_string().as_bytes()).unwrap();
        let keys = JwkSet::new(published.public_jwk().into_iter().collect());
        check(&token, &keys, &EXPECTED).map(|claims| claims.sub)
    }

    #[test]
    fn after_a_refresh_the_person_is_the_same_and_the_nonce_is_gone() {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let token = key.sign("JWT", with("nonce", Value::Null).to_string().as_bytes()).unwrap();
        let keys = JwkSet::new(key.public_jwk().into_iter().collect());
        let of = |subject| Expected { login: ExpectedLogin::Before(subject), ..EXPECTED };
        assert_eq!(check(&token, &keys, &of("alice")).map(|claims| claims.sub), Ok("alice".to_owned()));
        let refused = check(&token, &keys, &of("mallory")).unwrap_err().to_string();
        assert!(refused.contains("(sub)"), "{refused}");
    }

    #[test]
    fn a_good_one_names_the_person() {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        assert_eq!(outcome(&key, &key, "JWT", &claims()), Ok("alice".to_owned()));
    }

    #[test]
    fn each_claim_that_is_off_refuses_it() {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        for (name, value) in [
            ("iss", json!("http://localhost:9")),
            ("aud", json!("another")),
            ("aud", json!(["demo-web", "another"])),
            ("azp", json!("another")),
            ("exp", json!(990)),
            ("iat", json!(1_011)),
            ("nonce", json!("m")),
            ("nonce", Value::Null),
            ("at_hash", json!("x")),
        ] {
            let refused = outcome(&key, &key, "JWT", &with(name, value)).unwrap_err().to_string();
            assert!(refused.contains(&format!("({name})")), "{name}: {refused}");
        }
    }

    #[test]
    fn a_stranger_s_key_an_access_token_and_another_algorithm_are_refused() {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let stranger = SigningKey::generate(Algorithm::Es256).unwrap();
        assert!(outcome(&stranger, &key, "JWT", &claims()).is_err());
        assert!(outcome(&key, &key, "at+jwt", &claims()).is_err());
        let other = SigningKey::generate(Algorithm::EdDsa).unwrap();
        assert!(outcome(&other, &other, "JWT", &claims()).is_err());
    }
}
