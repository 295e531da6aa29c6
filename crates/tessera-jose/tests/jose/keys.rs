//! Which keys are accepted, and which signatures they refuse.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{self, KeyPair as _};
use serde_json::{Value, json};
use tessera_jose::json::MAX_LEN;
use tessera_jose::{
    Algorithm, Jwk, JwkError, JwkSet, JwsError, KeyError, MAX_DOCUMENT_LEN, MAX_JWS_LEN, SignError,
    SigningKey, Unverified, VerifyingKey, base64url, hmac::HmacSha256Key,
};

use crate::forge::{self, hmac_signed, outcome};

fn jwk(value: &Value) -> Jwk {
    Jwk::parse(&serde_json::to_vec(value).unwrap()).unwrap()
}

fn public(key: &SigningKey) -> Value {
    serde_json::to_value(key.public_jwk().unwrap()).unwrap()
}

fn with(mut value: Value, name: &str, member: Value) -> Value {
    value[name] = member;
    value
}

fn rsa(n: &[u8], e: &str) -> Value {
    json!({"kty": "RSA", "alg": "RS256", "n": base64url::encode(n), "e": e})
}

/// Made for this test over the message `tessera` with the exponent 3.
mod cube {
    pub(crate) const MODULUS: &str = "\
        pLWx33J8kcpDtzgVlKXWbpCzzFBEw8rbFy5x5TiJNU1VuG8KA3xpr8pOF4gKW1wmAvuf63gXmDd7qBI4GhwBJGBUWFIiLr3TN-9r\
        wyDRt9a1Ibhie1Zf0WrVEENb5-p3KfJH4V4Vi4bRCRAw6z4O5ch7MQff2I1MWo57wCjwPBEZdNTrDLal-6adlxHQSJe9dDJYjTyN\
        B_m9PfY8NqB3JLlHguiMjcj7gH-dXaMfPeicKcJHSMU3uEDv2OlQ8bEg1RW8J5fjLKMva8Bp_Q8BnPNnB7Ra5cuXzXO4nkmsGfqK\
        m4joSg42v38THYsoEetmckqA4wnL5udiTj4-SF5mxw";
    pub(crate) const GOOD: &str = "\
        DjY5tyC1MU85gDkGihfKExxcChdEJKCRrBsnlavndAxssMv11DVPHVithAU_BE-o9ExBbii2HPD394QdU_z9_h-Wf59YlfGc24Wz\
        6Pbqz-24mAqVC5q5x_ED4o5GdvnwwR-Q6AiIC1dBZl4RP4_ANCo4bAcHn4qmREQtuQP72ngr1SA4yeeaY4TvUhX6LbXQweilI7-a\
        rNLb-LNBr8EhzuxWM2vWLa8HZCDEDX7OsKRq6qltERIFDsDyIyP-0_24EyOsqRrO1_pole-Fs3DZOwM7nwuwjKZMbBoVlKOgdVWd\
        Ot0MHG1p2w4gsy4pPMQ9xLc4bXYNod9s64cb4na_HQ";
    /// The cube root of a block whose digest is followed by garbage (Bleichenbacher 2006).
    pub(crate) const FORGED: &str = "\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAMsv9SnrceQVYPXZ1IPUWQHWRdtN4JvLvY649x6es0kQy5SJ593BkvJ7wK51-ZnsO6Pymh6HX\
        4EBK9u3M-MhWG__umNpPIl9_Yi66hNFwkCiDTgAdZg";
}

#[test]
fn j19_rsa_forged_padding_under_exponent_three() {
    let value = json!({"kty": "RSA", "alg": "RS256", "n": cube::MODULUS, "e": "Aw"});
    let key = VerifyingKey::from_jwk(&jwk(&value)).unwrap();
    assert!(key.verify(b"tessera", &base64url::decode(cube::GOOD).unwrap()).is_ok());
    assert!(key.verify(b"tessera", &base64url::decode(cube::FORGED).unwrap()).is_err());
}

#[test]
fn j19_rsa_sizes_exponents_and_origin() {
    let load = |n: &[u8], e: &str| VerifyingKey::from_jwk(&jwk(&rsa(n, e))).err();
    let mut n = base64url::decode(cube::MODULUS).unwrap();
    assert_eq!(load(&n, "AQAB"), None);
    assert_eq!(load(&n, "Aw"), None);
    for e in ["AQ", "Ag", "BA", "AQAA", "AQAAAAE", "AQABAQABAQAB"] {
        assert_eq!(load(&n, e), Some(KeyError::Exponent), "{e}");
    }
    assert_eq!(load(&n[..128], "AQAB"), Some(KeyError::TooShort));
    assert_eq!(load(&n[..255], "AQAB"), Some(KeyError::TooShort));
    n[0] = 0x7f;
    assert_eq!(load(&n, "AQAB"), Some(KeyError::TooShort), "2047 bits");
    n[0] = 0x80;
    n[255] &= 0xfe;
    assert_eq!(load(&n, "AQAB"), Some(KeyError::Invalid), "an even modulus");
    let roca = base64url::decode(ROCA_MODULUS).unwrap();
    assert_eq!(load(&roca, "AQAB"), Some(KeyError::WeakModulus));
    let too_long = rsa(&[0xff; 1025], "AQAB");
    assert_eq!(Jwk::parse(too_long.to_string().as_bytes()), Err(JwkError::Member("n")));
}

/// The product of two primes of the form k * M + (65537^a mod M), M the product of the first 126 primes.
const ROCA_MODULUS: &str = "\
        tSPfraYGqvIfDayHXFAkVFBUWqIHUnyJxeiJFmUaic4P4aqx_M9cJDUUwuAExI8UjrgyP_sKGyHPX5GNVJrORnVpD6yOEEurrKdO\
        WpwqxIc2w1TK_SiijKl4kUeBuRxgjmEAapKSouLvyeaCn1qDo0umvnzcfeF2Q5PwsXhltpAUnEzj7DNExpgd-Ajx6y79aFHV-ut3\
        vFgoV-rti27k-EuVx7tEZDjX8hGu1czxU3CiFOEvoJTMrkH_UprXhyfrB_fQ5o_RwSKUpzRtDXnmd5et2rhf4AtjxMkq1ncKZjbn\
        v3GIBjinzYa8ewqryYLtgZxJl037q043GBB7eKvt0w";

#[test]
fn j19_padding_schemes_and_digests_do_not_mix() {
    let rs256 = SigningKey::generate(Algorithm::Rs256).unwrap();
    let ps256 = SigningKey::from_pkcs8(Algorithm::Ps256, &rs256.to_pkcs8()).unwrap();
    let mut public = public(&rs256);
    public.as_object_mut().unwrap().remove("alg");
    let public = jwk(&public);
    let family = Algorithm::ALL.into_iter().filter(|alg| matches!(alg.as_str().get(..2), Some("RS" | "PS")));
    let keys: Vec<_> = family.map(|alg| VerifyingKey::from_jwk_for(&public, alg).unwrap()).collect();
    assert_eq!(keys.len(), 6);
    for signer in [&rs256, &ps256] {
        let token = signer.sign("at+jwt", b"{}").unwrap();
        let (input, signature) = token.rsplit_once('.').unwrap();
        let signature = base64url::decode(signature).unwrap();
        for key in &keys {
            let verified = key.verify(input.as_bytes(), &signature).is_ok();
            assert_eq!(verified, key.algorithm() == signer.algorithm(), "{key:?}");
        }
    }
}

#[test]
fn j20_curve_and_algorithm_must_fit() {
    let ec = public(&SigningKey::generate(Algorithm::Es256).unwrap());
    let ed = public(&SigningKey::generate(Algorithm::EdDsa).unwrap());
    let rsa = public(&SigningKey::generate(Algorithm::Rs256).unwrap());
    let fits = |value: &Value, alg: Algorithm| match value["kty"].as_str() {
        Some("EC") => alg == Algorithm::Es256,
        Some("OKP") => matches!(alg, Algorithm::EdDsa | Algorithm::Ed25519),
        _ => matches!(alg.as_str().get(..2), Some("RS" | "PS")),
    };
    let mut loaded = 0;
    for value in [ec, ed, rsa] {
        for alg in Algorithm::ALL {
            let outcome = VerifyingKey::from_jwk(&jwk(&with(value.clone(), "alg", json!(alg.as_str()))));
            let expected = if fits(&value, alg) { None } else { Some(KeyError::AlgMismatch) };
            assert_eq!(outcome.err(), expected, "{value} {alg}");
            loaded += usize::from(expected.is_none());
        }
    }
    assert_eq!(loaded, 1 + 2 + 6);
}

#[test]
fn j20_points_off_the_curve() {
    let good = public(&SigningKey::generate(Algorithm::Es256).unwrap());
    let zero = base64url::encode([0; 32]);
    let prime = base64url::decode("_____wAAAAEAAAAAAAAAAAAAAAD_______________8").unwrap();
    let bad = [
        with(good.clone(), "y", good["x"].clone()),
        with(good.clone(), "x", json!(zero)),
        with(with(good.clone(), "x", json!(zero)), "y", json!(zero)),
        with(good.clone(), "x", json!(base64url::encode(prime))),
        with(good.clone(), "y", json!(base64url::encode([0xff; 32]))),
    ];
    for value in bad {
        assert_eq!(VerifyingKey::from_jwk(&jwk(&value)).err(), Some(KeyError::Invalid), "{value}");
    }
    for (name, len) in [("x", 31), ("x", 33), ("y", 0), ("y", 48)] {
        let value = with(good.clone(), name, json!(base64url::encode(vec![1; len])));
        assert_eq!(Jwk::parse(value.to_string().as_bytes()), Err(JwkError::Member(name)));
    }
    let other_curve = with(good, "crv", json!("P-384"));
    assert_eq!(Jwk::parse(other_curve.to_string().as_bytes()), Err(JwkError::Member("x")));
}

#[test]
fn j20_private_members_are_never_published() {
    for alg in [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256] {
        let key = SigningKey::generate(alg).unwrap();
        let good = public(&key);
        for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            assert!(good.get(name).is_none());
            for member in [json!("AAAA"), json!(null), json!([])] {
                let value = with(good.clone(), name, member);
                assert_eq!(Jwk::parse(value.to_string().as_bytes()), Err(JwkError::PrivateMember(name)));
                let set = json!({"keys": [good, value]});
                assert_eq!(JwkSet::parse(set.to_string().as_bytes()), Err(JwkError::PrivateMember(name)));
            }
        }
    }
    let symmetric = json!({"kty": "oct", "k": base64url::encode([7; 32])});
    assert_eq!(Jwk::parse(symmetric.to_string().as_bytes()), Err(JwkError::PrivateMember("k")));
    assert!(SigningKey::from_secret(&[7; 32]).unwrap().public_jwk().is_none());
}

#[test]
fn j21_short_secrets() {
    for secret in [b"".as_slice(), b"secret", b"password", &[7; 31]] {
        assert_eq!(SigningKey::from_secret(secret).err(), Some(KeyError::TooShort));
        assert_eq!(VerifyingKey::from_secret(secret, None).err(), Some(KeyError::TooShort));
        // What was signed with one of them opens nothing.
        let token = hmac_signed(secret, r#"{"alg":"HS256"}"#, b"{}");
        assert_eq!(outcome(&token, &forge::shared()), Err(JwsError::BadSignature));
    }
    assert!(SigningKey::from_secret(&[7; 32]).is_ok());
    // HMAC pads short keys with zeros: a longer secret must not be the same as a shorter one.
    let (short, long) =
        (HmacSha256Key::new(&[7; 31]), HmacSha256Key::new(&[[7; 31].as_slice(), &[1]].concat()));
    assert_ne!(short.tag(&[b"x"]), long.tag(&[b"x"]));
}

#[test]
fn j32_use_and_key_ops() {
    for alg in [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256] {
        let good = public(&SigningKey::generate(alg).unwrap());
        for (name, member) in [
            ("use", json!("enc")),
            ("use", json!("SIG")),
            ("use", json!("")),
            ("key_ops", json!([])),
            ("key_ops", json!(["encrypt"])),
            ("key_ops", json!(["sign"])),
            ("key_ops", json!(["sign, verify"])),
        ] {
            let key = jwk(&with(good.clone(), name, member));
            assert!(!key.may_verify());
            assert_eq!(VerifyingKey::from_jwk(&key).err(), Some(KeyError::WrongUse));
            assert_eq!(VerifyingKey::from_jwk_for(&key, alg).err(), Some(KeyError::WrongUse));
        }
        for ops in [json!(["verify"]), json!(["sign", "verify"])] {
            assert!(VerifyingKey::from_jwk(&jwk(&with(good.clone(), "key_ops", ops))).is_ok());
        }
        for ops in [json!("verify"), json!(["verify", "verify"]), json!([7]), json!(null)] {
            let value = with(good.clone(), "key_ops", ops);
            assert_eq!(Jwk::parse(value.to_string().as_bytes()), Err(JwkError::Member("key_ops")));
        }
    }
}

#[test]
fn j32_algorithm_agreed_elsewhere_must_be_the_one_named() {
    let key = SigningKey::generate(Algorithm::Ps256).unwrap().public_jwk().unwrap();
    assert!(VerifyingKey::from_jwk_for(&key, Algorithm::Ps256).is_ok());
    for alg in Algorithm::ALL.into_iter().filter(|alg| *alg != Algorithm::Ps256) {
        assert_eq!(VerifyingKey::from_jwk_for(&key, alg).err(), Some(KeyError::AlgMismatch));
    }
    let mut unnamed = serde_json::to_value(&key).unwrap();
    unnamed.as_object_mut().unwrap().remove("alg");
    assert_eq!(VerifyingKey::from_jwk(&jwk(&unnamed)).err(), Some(KeyError::NoAlgorithm));
}

#[test]
fn private_keys_survive_storage_and_only_as_what_they_are() {
    for alg in [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ed25519, Algorithm::Rs256, Algorithm::Ps256] {
        let key = SigningKey::generate(alg).unwrap();
        let stored = key.to_pkcs8();
        let loaded = SigningKey::from_pkcs8(alg, &stored).unwrap();
        assert_eq!((loaded.kid(), loaded.algorithm()), (key.kid(), alg));
        assert_eq!(loaded.kid(), key.public_jwk().unwrap().thumbprint());
        assert_eq!(loaded.verifying_key().kid(), Some(key.kid()));
        let token = loaded.sign("at+jwt", b"{}").unwrap();
        assert_eq!(outcome(&token, &key.verifying_key()), Ok(b"{}".to_vec()));
        for cut in [0, 1, stored.len() / 2, stored.len() - 1] {
            assert_eq!(SigningKey::from_pkcs8(alg, &stored[..cut]).err(), Some(KeyError::Invalid));
        }
        let longer = [stored.as_slice(), &[0]].concat();
        assert_eq!(SigningKey::from_pkcs8(alg, &longer).err(), Some(KeyError::Invalid));
        for other in [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256] {
            let same = SigningKey::from_pkcs8(other, &stored).is_ok();
            let rsa = [Algorithm::Rs256, Algorithm::Ps256];
            let ed = [Algorithm::EdDsa, Algorithm::Ed25519];
            let related =
                other == alg || [rsa, ed].iter().any(|pair| pair.contains(&alg) && pair.contains(&other));
            assert_eq!(same, related, "{alg} as {other}");
        }
    }
    for alg in [Algorithm::Es384, Algorithm::Es512, Algorithm::Rs384, Algorithm::Ps512, Algorithm::Hs256] {
        assert_eq!(SigningKey::generate(alg).err(), Some(KeyError::Unsupported(alg)));
        assert_eq!(SigningKey::from_pkcs8(alg, b"").err(), Some(KeyError::Unsupported(alg)));
    }
}

/// This crate does not sign with the larger curves, so the provider does it here.
#[test]
fn larger_curves_verify() {
    let cases = [
        (&signature::ECDSA_P384_SHA384_FIXED_SIGNING, "P-384", Algorithm::Es384),
        (&signature::ECDSA_P521_SHA512_FIXED_SIGNING, "P-521", Algorithm::Es512),
    ];
    for (signing, curve, alg) in cases {
        let pair = signature::EcdsaKeyPair::generate(signing).unwrap();
        let point = &pair.public_key().as_ref()[1..];
        let (x, y) = point.split_at(point.len() / 2);
        let value = json!({"kty": "EC", "crv": curve, "x": base64url::encode(x), "y": base64url::encode(y)});
        let key = VerifyingKey::from_jwk(&jwk(&value)).unwrap();
        assert_eq!(key.algorithm(), alg);
        let input = forge::signing_input(&format!(r#"{{"alg":"{alg}"}}"#), b"{}");
        let signed = pair.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
        let token = format!("{input}.{}", base64url::encode(signed));
        assert_eq!(outcome(&token, &key), Ok(b"{}".to_vec()));
        let mut changed = signed.as_ref().to_vec();
        changed[7] ^= 1;
        let token = format!("{input}.{}", base64url::encode(changed));
        assert_eq!(outcome(&token, &key), Err(JwsError::BadSignature));
    }
}

#[test]
fn only_what_our_own_parser_accepts_is_signed() {
    let key = SigningKey::from_secret(forge::SECRET).unwrap();
    for typ in ["", "at jwt", "a\"b", "a\\b", "at+jwt\n", "\u{e9}"] {
        assert_eq!(key.sign(typ, b"{}"), Err(SignError::Type), "{typ:?}");
    }
    assert_eq!(key.sign("at+jwt", b""), Err(SignError::EmptyPayload));
    let longest = (5000..6200).rev().find(|len| key.sign("at+jwt", &vec![b' '; *len]).is_ok()).unwrap();
    assert_eq!(key.sign("at+jwt", &vec![b' '; longest + 1]), Err(SignError::TooLarge));
    let token = key.sign("at+jwt", &vec![b' '; longest]).unwrap();
    assert!((MAX_JWS_LEN - 1..=MAX_JWS_LEN).contains(&token.len()), "{}", token.len());
    assert!(outcome(&token, &key.verifying_key()).is_ok());
    for alg in [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256, Algorithm::Ps256] {
        let key = SigningKey::generate(alg).unwrap();
        assert_eq!(key.sign("at+jwt", &[b' '; 6200]), Err(SignError::TooLarge));
        assert!(outcome(&key.sign("application/logout+jwt", b"x").unwrap(), &key.verifying_key()).is_ok());
    }
}

#[test]
fn a_document_may_be_longer_than_a_token_and_is_none() {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let payload = vec![b' '; MAX_LEN];
    let document = key.sign_document("revocation-rules+jwt", &payload).unwrap();
    assert!(document.len() <= MAX_DOCUMENT_LEN);
    let parsed = Unverified::parse_document(&document).unwrap();
    assert_eq!(parsed.verify(&key.verifying_key()).unwrap(), payload);
    assert_eq!(outcome(&document, &key.verifying_key()), Err(JwsError::TooLarge), "as a token");
    assert_eq!(key.sign_document("x", &vec![b' '; MAX_LEN + 8192]), Err(SignError::TooLarge));
    let long = "a".repeat(MAX_DOCUMENT_LEN + 1);
    assert_eq!(Unverified::parse_document(&long).err(), Some(JwsError::TooLarge));
}

#[test]
fn nothing_secret_is_printed() {
    let key = SigningKey::from_secret(forge::SECRET).unwrap();
    for text in [format!("{key:?}"), format!("{:?}", key.verifying_key())] {
        assert!(text.contains(key.kid()) && text.contains("Hs256"), "{text}");
        assert!(!text.contains("thirty") && !text.contains("116, 104"), "{text}");
    }
}
