//! The examples of RFC 7520 (JOSE cookbook), RFC 7797 and RFC 8037: those within our feature set verify, the
//! rest is refused.

#![expect(clippy::unwrap_used, reason = "what cannot be set up has failed the test")]

mod vectors;

use serde_json::Value;
use tessera_jose::jws::Part;
use tessera_jose::{Algorithm, Jwk, JwkError, JwkSet, JwsError, Unverified, VerifyingKey, base64url};
use vectors::{folder, read, text};

const SEGMENTS: JwsError = JwsError::Malformed(Part::Segments);

/// The public half of an example key, under the algorithm of the example.
fn key(example: &Value) -> VerifyingKey {
    let mut jwk = example["input"]["key"].clone();
    if let Some(secret) = jwk["k"].as_str() {
        return VerifyingKey::from_secret(&base64url::decode(secret).unwrap(), jwk["kid"].as_str()).unwrap();
    }
    for private in ["d", "p", "q", "dp", "dq", "qi"] {
        jwk.as_object_mut().unwrap().remove(private);
    }
    let alg: Algorithm = text(&example["input"]["alg"]).parse().unwrap();
    VerifyingKey::from_jwk_for(&Jwk::parse(jwk.to_string().as_bytes()).unwrap(), alg).unwrap()
}

#[test]
fn compact_signatures_verify() {
    let Some(folder) = folder("RFC 7520 and RFC 8037 signatures") else { return };
    let files = [
        "jws/4_1.rsa_v15_signature.json",
        "jws/4_2.rsa-pss_signature.json",
        "jws/4_3.ecdsa_signature.json",
        "jws/4_4.hmac-sha2_integrity_protection.json",
        "curve25519/jws.json",
    ];
    for file in files {
        let example = read(&folder, &format!("jose-cookbook/{file}"));
        let token = Unverified::parse(text(&example["output"]["compact"])).unwrap();
        assert_eq!(token.verify(&key(&example)), Ok(text(&example["input"]["payload"]).as_bytes()), "{file}");
    }
}

#[test]
fn other_serialisations_are_refused() {
    let Some(folder) = folder("RFC 7520 and RFC 7797 JSON serialisations") else { return };
    let files = [
        "jws/4_1.rsa_v15_signature.json",
        "jws/4_2.rsa-pss_signature.json",
        "jws/4_3.ecdsa_signature.json",
        "jws/4_4.hmac-sha2_integrity_protection.json",
        "jws/4_5.signature_with_detached_content.json",
        "jws/4_6.protecting_specific_header_fields.json",
        "jws/4_7.protecting_content_only.json",
        "jws/4_8.multiple_signatures.json",
        "rfc7797/4.2.hmac-sha2_b64_false.json",
        "rfc7797/hmac-sha2_b64_false.json",
        "curve25519/jws.json",
    ];
    let mut refused = 0;
    for file in files {
        let example = read(&folder, &format!("jose-cookbook/{file}"));
        for form in ["json", "json_flat"] {
            let value = &example["output"][form];
            if value.is_object() {
                let outcome = Unverified::parse(&value.to_string()).map(|_| ());
                assert!(matches!(outcome, Err(JwsError::Malformed(_))), "{file}: {outcome:?}");
                refused += 1;
            }
        }
    }
    assert_eq!(refused, 21);
}

#[test]
fn detached_and_unencoded_payloads_are_refused() {
    let Some(folder) = folder("RFC 7520 detached content and RFC 7797") else { return };
    let detached = read(&folder, "jose-cookbook/jws/4_5.signature_with_detached_content.json");
    assert_eq!(Unverified::parse(text(&detached["output"]["compact"])).err(), Some(SEGMENTS));
    let unencoded = read(&folder, "jose-cookbook/rfc7797/hmac-sha2_b64_false.json");
    assert_eq!(
        Unverified::parse(text(&unencoded["output"]["compact"])).err(),
        Some(JwsError::CritUnsupported)
    );
}

#[test]
fn encrypted_tokens_are_refused() {
    let Some(folder) = folder("RFC 7520 JWE") else { return };
    let mut refused = 0;
    let jwe = std::fs::read_dir(folder.join("jose-cookbook/jwe")).unwrap().map(|entry| entry.unwrap().path());
    for path in jwe.chain([folder.join("jose-cookbook/curve25519/ecdh-es.json")]) {
        let example: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        if let Some(token) = example["output"]["compact"].as_str() {
            assert_eq!(Unverified::parse(token).err(), Some(SEGMENTS));
            refused += 1;
        }
    }
    assert_eq!(refused, 10);
}

#[test]
fn keys_are_public_or_refused() {
    let Some(folder) = folder("RFC 7520 keys") else { return };
    let parse = |file: &str| {
        let value = read(&folder, &format!("jose-cookbook/jwk/{file}"));
        let alone = Jwk::parse(value.to_string().as_bytes());
        let set = JwkSet::parse(serde_json::json!({"keys": [value]}).to_string().as_bytes());
        assert_eq!(set.map(|set| set.keys), alone.clone().map(|jwk| vec![jwk]));
        alone
    };
    let ec = parse("3_1.ec_public_key.json").unwrap();
    assert_eq!(VerifyingKey::from_jwk(&ec).unwrap().algorithm(), Algorithm::Es512);
    let rsa = parse("3_3.rsa_public_key.json").unwrap();
    assert_eq!(VerifyingKey::from_jwk_for(&rsa, Algorithm::Ps384).unwrap().kid(), rsa.kid());
    assert_eq!(parse("3_2.ec_private_key.json"), Err(JwkError::PrivateMember("d")));
    assert_eq!(parse("3_4.rsa_private_key.json"), Err(JwkError::PrivateMember("d")));
    assert_eq!(parse("3_5.symmetric_key_mac_computation.json"), Err(JwkError::PrivateMember("k")));
    assert_eq!(parse("3_6.symmetric_key_encryption.json"), Err(JwkError::PrivateMember("k")));
}
