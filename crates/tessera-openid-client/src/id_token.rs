//! Whether an ID token is good (OIDC core sections 3.1.3.7, 12.2): who signed it, for whom, when, and for which login.

use tessera_jose::jwk::{Purpose, Role};
use tessera_jose::{Algorithm, JwkSet, Unverified, VerifyingKey};
use tessera_oauth::claims::{ID_TOKEN_TYP, at_hash};
use tessera_oauth::payload::{IdTokenPayload, PayloadError};

use crate::error::ClientError;

/// How far the issuer's clock may be from ours, in seconds.
const LEEWAY: i64 = 10;

/// What the token is compared with.
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

/// The subject, if the token is good.
pub(crate) fn check(token: &str, keys: &JwkSet, expected: &Expected<'_>) -> Result<String, ClientError> {
    const UNREADABLE: ClientError = ClientError::Malformed("the ID token");
    let unverified = Unverified::parse(token).map_err(|_| UNREADABLE)?;
    let payload = signed_by_the_issuer(&unverified, keys, expected)?;
    let claims = IdTokenPayload::parse(payload).map_err(|_| UNREADABLE)?;
    match first_objection(&claims, expected) {
        Some(reason) => Err(ClientError::Untrusted(reason)),
        None => Ok(claims.sub.into_owned()),
    }
}

/// Why the claims are not those that are expected.
fn first_objection(claims: &IdTokenPayload<'_>, expected: &Expected<'_>) -> Option<&'static str> {
    let only_us = claims.aud.contains(expected.client_id) && claims.aud.as_slice().len() == 1;
    let times = claims.times.check(expected.now, LEEWAY);
    let (nonce, subject) = match expected.login {
        ExpectedLogin::Now(nonce) => (claims.nonce.as_deref() == Some(nonce), true),
        ExpectedLogin::Before(subject) => (true, claims.sub == subject),
    };
    let at_hash = claims.at_hash.is_none()
        || claims.at_hash.as_deref() == at_hash(expected.access_token, expected.alg).as_deref();
    let checks = [
        (claims.iss == expected.issuer, "the ID token is from another issuer (iss)"),
        (only_us, "the ID token is for another application (aud)"),
        (
            claims.azp.as_deref().is_none_or(|azp| azp == expected.client_id),
            "the ID token is for another application (azp)",
        ),
        (times != Err(PayloadError::Expired), "the ID token has expired (exp)"),
        (times != Err(PayloadError::NotYetValid), "the ID token is not valid yet (iat, nbf)"),
        (times.is_ok(), "the ID token ends before it begins (exp, iat)"),
        (nonce, "the ID token is not for this login (nonce)"),
        (subject, "the ID token is about another person (sub)"),
        (at_hash, "the ID token belongs to another access token (at_hash)"),
    ];
    checks.into_iter().find(|(holds, _)| !holds).map(|(_, reason)| reason)
}

/// The payload, if the issuer signed it. The application chooses the algorithm and the issuer publishes the key. The token only
/// names them.
fn signed_by_the_issuer<'a>(
    unverified: &'a Unverified<'_>,
    keys: &JwkSet,
    expected: &Expected<'_>,
) -> Result<&'a [u8], ClientError> {
    if unverified.alg() != expected.alg || !unverified.has_typ(ID_TOKEN_TYP) {
        return Err(ClientError::Untrusted("the ID token has another algorithm or type"));
    }
    let key = keys.keys.iter().find(|key| key.kid().is_some() && key.kid() == unverified.kid());
    let signs = |role: Role| {
        role.purpose == Purpose::IdToken && role.signs_from <= expected.now.saturating_add(LEEWAY)
    };
    let key = key.filter(|key| key.role().is_none_or(signs)).and_then(|key| VerifyingKey::from_jwk(key).ok());
    let key = key.ok_or(ClientError::Untrusted(
        "the ID token is signed with a key that the issuer does not publish",
    ))?;
    unverified.verify(&key).map_err(|_| ClientError::Untrusted("the ID token's signature is wrong"))
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

    fn without(name: &str) -> Value {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(name);
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
        check(&token, &keys, &EXPECTED)
    }

    #[test]
    fn after_a_refresh_the_person_is_the_same_and_the_nonce_is_gone() {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let token = key.sign("JWT", without("nonce").to_string().as_bytes()).unwrap();
        let keys = JwkSet::new(key.public_jwk().into_iter().collect());
        let of = |subject| Expected { login: ExpectedLogin::Before(subject), ..EXPECTED };
        assert_eq!(check(&token, &keys, &of("alice")), Ok("alice".to_owned()));
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
        for (claims, named) in [
            (with("iss", json!("http://localhost:9")), "(iss)"),
            (with("aud", json!("another")), "(aud)"),
            (with("aud", json!(["demo-web", "another"])), "(aud)"),
            (with("aud", json!(["demo-web", "demo-web"])), "(aud)"),
            (with("azp", json!("another")), "(azp)"),
            (with("exp", json!(989)), "(exp)"),
            (with("exp", json!(i64::MIN)), "(exp)"),
            (with("iat", json!(1_011)), "(iat, nbf)"),
            (with("nbf", json!(1_011)), "(iat, nbf)"),
            (ends_before_it_begins(), "(exp, iat)"),
            (with("nonce", json!("m")), "(nonce)"),
            (without("nonce"), "(nonce)"),
            (with("at_hash", json!("x")), "(at_hash)"),
        ] {
            let refused = outcome(&key, &key, "JWT", &claims).unwrap_err();
            let reason = refused.to_string();
            assert!(
                matches!(refused, ClientError::Untrusted(_)) && reason.contains(named),
                "{claims}: {reason}"
            );
        }
    }

    fn ends_before_it_begins() -> Value {
        let mut claims = with("iat", json!(1_001));
        claims["exp"] = json!(1_000);
        claims
    }

    #[test]
    fn clocks_may_differ_by_ten_seconds() {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        for claims in [with("exp", json!(990)), with("iat", json!(1_010)), with("nbf", json!(1_010))] {
            assert_eq!(outcome(&key, &key, "JWT", &claims), Ok("alice".to_owned()), "{claims}");
        }
    }

    #[test]
    fn claims_that_are_missing_null_or_bound_to_a_key_make_it_unreadable() {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        for claims in [
            without("iss"),
            without("sub"),
            without("aud"),
            without("exp"),
            without("iat"),
            with("nonce", Value::Null),
            with("azp", Value::Null),
            with("aud", json!([])),
            with("cnf", json!({ "jkt": "x" })),
        ] {
            let refused = outcome(&key, &key, "JWT", &claims);
            assert_eq!(refused, Err(ClientError::Malformed("the ID token")), "{claims}");
        }
    }

    #[test]
    fn an_issuer_need_not_say_when_the_person_logged_in() {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        assert_eq!(outcome(&key, &key, "JWT", &without("auth_time")), Ok("alice".to_owned()));
    }

    #[test]
    fn j31_a_key_for_something_else_or_of_the_future_vouches_for_no_id_token() {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let token = key.sign("JWT", claims().to_string().as_bytes()).unwrap();
        let by = |purpose, signs_from| {
            let jwk = key.public_jwk().unwrap().with_role(Role { purpose, signs_from });
            check(&token, &JwkSet::new(vec![jwk]), &EXPECTED)
        };
        assert_eq!(by(Purpose::IdToken, 1_010), Ok("alice".to_owned()));
        for (purpose, signs_from) in
            [(Purpose::AccessToken, 0), (Purpose::RevocationRules, 0), (Purpose::IdToken, 1_011)]
        {
            let refused = by(purpose, signs_from).unwrap_err().to_string();
            assert!(refused.contains("does not publish"), "{purpose:?} {signs_from}: {refused}");
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
