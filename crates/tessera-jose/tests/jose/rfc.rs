//! Short published examples, written out: RFC 7515 appendix A.1, RFC 7638 section 3.1, RFC 8037 appendix A.

use serde_json::json;
use tessera_jose::{Algorithm, Jwk, SigningKey, Unverified, VerifyingKey, base64url};

#[test]
fn rfc7515_a1_hmac() {
    let secret = base64url::decode(
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
    );
    let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
        eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
        dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let key = VerifyingKey::from_secret(&secret.unwrap(), None).unwrap();
    let token = Unverified::parse(token).unwrap();
    assert_eq!((token.alg(), token.typ(), token.kid()), (Algorithm::Hs256, Some("JWT"), None));
    let payload = b"{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
    assert_eq!(token.verify(&key), Ok(payload.as_slice()));
}

#[test]
fn rfc7638_3_1_thumbprint() {
    let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJE\
        CPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2Q\
        vzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6\
        WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
    let jwk = json!({"kty": "RSA", "n": n, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"});
    let jwk = Jwk::parse(jwk.to_string().as_bytes()).unwrap();
    assert_eq!(jwk.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    assert!(VerifyingKey::from_jwk(&jwk).is_ok());
}

const RFC8037_X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
const RFC8037_D: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
const RFC8037_THUMBPRINT: &str = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
const RFC8037_TOKEN: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.\
    hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

fn rfc8037_public() -> Jwk {
    Jwk::parse(json!({"kty": "OKP", "crv": "Ed25519", "x": RFC8037_X}).to_string().as_bytes()).unwrap()
}

/// RFC 8410 section 7: the fixed head of an Ed25519 private key in PKCS #8 version 1, then the seed.
fn rfc8037_private(alg: Algorithm) -> SigningKey {
    let head = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    let der = [head.as_slice(), &base64url::decode(RFC8037_D).unwrap()].concat();
    let key = SigningKey::from_pkcs8(alg, &der).unwrap();
    assert_eq!(key.to_pkcs8().as_slice(), der);
    key
}

#[test]
fn rfc8037_a1_to_a3_key_and_thumbprint() {
    assert_eq!(rfc8037_public().thumbprint(), RFC8037_THUMBPRINT);
    for alg in [Algorithm::EdDsa, Algorithm::Ed25519] {
        let key = rfc8037_private(alg);
        assert_eq!(key.kid(), RFC8037_THUMBPRINT);
        assert_eq!(key.public_jwk().unwrap().material(), rfc8037_public().material());
    }
}

#[test]
fn rfc8037_a4_signature() {
    let key = VerifyingKey::from_jwk(&rfc8037_public()).unwrap();
    let token = Unverified::parse(RFC8037_TOKEN).unwrap();
    assert_eq!(token.verify(&key), Ok(b"Example of Ed25519 signing".as_slice()));
}

/// Ed25519 is deterministic: our header, the published key, and the token is always this one.
#[test]
fn the_form_of_our_tokens_is_pinned() {
    let token = rfc8037_private(Algorithm::Ed25519).sign("at+jwt", br#"{"sub":"a"}"#).unwrap();
    let mut segments = token.split('.').map(|segment| base64url::decode(segment).unwrap());
    let header = format!(r#"{{"alg":"Ed25519","typ":"at+jwt","kid":"{RFC8037_THUMBPRINT}"}}"#);
    assert_eq!(segments.next(), Some(header.into_bytes()));
    assert_eq!(segments.next(), Some(br#"{"sub":"a"}"#.to_vec()));
    assert_eq!(segments.next().map(|signature| signature.len()), Some(64));
    assert_eq!(segments.next(), None);
    assert_eq!(token, rfc8037_private(Algorithm::Ed25519).sign("at+jwt", br#"{"sub":"a"}"#).unwrap());
}

#[test]
fn both_names_of_ed25519_are_kept_apart() {
    let (old, new) = (rfc8037_private(Algorithm::EdDsa), rfc8037_private(Algorithm::Ed25519));
    for (signer, other) in [(&old, &new), (&new, &old)] {
        let token = signer.sign("at+jwt", b"{}").unwrap();
        let token = Unverified::parse(&token).unwrap();
        assert!(token.verify(&signer.verifying_key()).is_ok());
        assert_eq!(token.verify(&other.verifying_key()), Err(tessera_jose::JwsError::AlgNotAllowed));
    }
}
