//! The examples of RFC 7520 (JOSE cookbook), RFC 7797 and RFC 8037: those within our feature set verify, the
//! rest is refused.

use serde_json::Value;
use tessera_jose::jws::Part;
use tessera_jose::{Algorithm, Jwk, JwkError, JwkSet, JwsError, Unverified, VerifyingKey, base64url};

use crate::vectors::{read, text};

/// Signed examples: payload, algorithm, public key (or shared secret), and what came out in each serialisation.
const SIGNATURES: &str = include_str!("../data/cookbook/signatures.json");
/// Encrypted examples in the compact serialisation.
const ENCRYPTED: &str = include_str!("../data/cookbook/encrypted.json");
/// Keys, public and private.
const KEYS: &str = include_str!("../data/cookbook/keys.json");

const SEGMENTS: JwsError = JwsError::Malformed(Part::Segments);

/// Every example of a file, with its name.
fn examples(file: &Value) -> impl Iterator<Item = (&str, &Value)> {
    file.as_array().unwrap().iter().map(|example| (text(&example["example"]), example))
}

fn example<'a>(file: &'a Value, wanted: &str) -> &'a Value {
    examples(file).find(|(name, _)| *name == wanted).unwrap().1
}

/// The key of an example, under the algorithm of the example.
fn key(example: &Value) -> VerifyingKey {
    let jwk = &example["key"];
    if let Some(secret) = jwk["k"].as_str() {
        return VerifyingKey::from_secret(&base64url::decode(secret).unwrap(), jwk["kid"].as_str()).unwrap();
    }
    let alg: Algorithm = text(&example["alg"]).parse().unwrap();
    VerifyingKey::from_jwk_for(&Jwk::parse(jwk.to_string().as_bytes()).unwrap(), alg).unwrap()
}

#[test]
fn compact_signatures_verify() {
    let file = read(SIGNATURES);
    let names = [
        "jws/4_1.rsa_v15_signature.json",
        "jws/4_2.rsa-pss_signature.json",
        "jws/4_3.ecdsa_signature.json",
        "jws/4_4.hmac-sha2_integrity_protection.json",
        "curve25519/jws.json",
    ];
    for name in names {
        let example = example(&file, name);
        let token = Unverified::parse(text(&example["compact"])).unwrap();
        assert_eq!(token.verify(&key(example)), Ok(text(&example["payload"]).as_bytes()), "{name}");
    }
}

#[test]
fn other_serialisations_are_refused() {
    let file = read(SIGNATURES);
    assert_eq!(examples(&file).count(), 11);
    let mut refused = 0;
    for (name, example) in examples(&file) {
        for form in ["json", "json_flat"] {
            let value = &example[form];
            if value.is_object() {
                let outcome = Unverified::parse(&value.to_string()).map(|_| ());
                assert!(matches!(outcome, Err(JwsError::Malformed(_))), "{name}: {outcome:?}");
                refused += 1;
            }
        }
    }
    assert_eq!(refused, 21);
}

#[test]
fn detached_and_unencoded_payloads_are_refused() {
    let file = read(SIGNATURES);
    let refusal = |name| Unverified::parse(text(&example(&file, name)["compact"])).err();
    assert_eq!(refusal("jws/4_5.signature_with_detached_content.json"), Some(SEGMENTS));
    assert_eq!(refusal("rfc7797/hmac-sha2_b64_false.json"), Some(JwsError::CritUnsupported));
}

#[test]
fn encrypted_tokens_are_refused() {
    let file = read(ENCRYPTED);
    assert_eq!(examples(&file).count(), 10);
    for (name, example) in examples(&file) {
        assert_eq!(Unverified::parse(text(&example["compact"])).err(), Some(SEGMENTS), "{name}");
    }
}

#[test]
fn keys_are_public_or_refused() {
    let file = read(KEYS);
    assert_eq!(examples(&file).count(), 6);
    let parse = |name: &str| {
        let jwk = &example(&file, name)["jwk"];
        let alone = Jwk::parse(jwk.to_string().as_bytes());
        let set = JwkSet::parse(serde_json::json!({"keys": [jwk]}).to_string().as_bytes());
        assert_eq!(set.map(|set| set.keys), alone.clone().map(|jwk| vec![jwk]));
        alone
    };
    let ec = parse("jwk/3_1.ec_public_key.json").unwrap();
    assert_eq!(VerifyingKey::from_jwk(&ec).unwrap().algorithm(), Algorithm::Es512);
    let rsa = parse("jwk/3_3.rsa_public_key.json").unwrap();
    assert_eq!(VerifyingKey::from_jwk_for(&rsa, Algorithm::Ps384).unwrap().kid(), rsa.kid());
    assert_eq!(parse("jwk/3_2.ec_private_key.json"), Err(JwkError::PrivateMember("d")));
    assert_eq!(parse("jwk/3_4.rsa_private_key.json"), Err(JwkError::PrivateMember("d")));
    assert_eq!(parse("jwk/3_5.symmetric_key_mac_computation.json"), Err(JwkError::PrivateMember("k")));
    assert_eq!(parse("jwk/3_6.symmetric_key_encryption.json"), Err(JwkError::PrivateMember("k")));
}
