//! Project Wycheproof, every case of every file: accepted if and only if it is valid, except where a table
//! says why not.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tessera_jose::jws::Part;
use tessera_jose::{HmacSha256Key, Jwk, JwsError, Unverified, VerifyingKey, base64url};

use crate::vectors::{read, text};

/// Every test of a file with the group that it belongs to.
fn cases(file: &Value) -> impl Iterator<Item = (&Value, &Value)> {
    let groups = file["testGroups"].as_array().unwrap();
    groups.iter().flat_map(|group| group["tests"].as_array().unwrap().iter().map(move |test| (group, test)))
}

/// A hexadecimal member.
fn hex(value: &Value) -> Vec<u8> {
    let text = text(value);
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// How many cases fell into each class.
type Tally = BTreeMap<&'static str, usize>;

fn count(tally: &mut Tally, class: &'static str) {
    *tally.entry(class).or_default() += 1;
}

fn load(jwk: &Value) -> Option<VerifyingKey> {
    VerifyingKey::from_jwk(&Jwk::parse(jwk.to_string().as_bytes()).ok()?).ok()
}

/// The key of a group of JWS cases; `None` when we refuse to have it.
fn jws_key(group: &Value) -> Option<VerifyingKey> {
    if group["public"].is_object() {
        return load(&group["public"]);
    }
    let secret = base64url::decode(text(&group["private"]["k"])).unwrap();
    Some(VerifyingKey::from_secret(&secret, group["private"]["kid"].as_str()).unwrap())
}

/// Valid in the file and refused here, by what we refuse on purpose.
fn refused_on_purpose(group: &Value, token: &str, outcome: Option<JwsError>) -> &'static str {
    if group["public"]["alg"] == "ES521" {
        assert_eq!(outcome, None, "the key was not loaded");
        return UNKNOWN_ALG;
    }
    match outcome {
        Some(JwsError::Malformed(Part::Segments)) if token.contains("..") => EMPTY_PAYLOAD,
        Some(JwsError::AlgNotAllowed) if group["public"]["alg"] == "PS256" => OTHER_ALG,
        Some(JwsError::Malformed(_)) if token.contains('?') => QUESTION_MARK,
        other => panic!("refused without a reason in this table: {other:?} {token}"),
    }
}

#[test]
fn json_web_signature() {
    let file = read(include_str!("../data/wycheproof/json_web_signature_test.json"));
    let valid: Vec<&str> = cases(&file)
        .filter(|(_, test)| test["result"] == "valid")
        .map(|(_, test)| text(&test["jws"]))
        .collect();
    let mut tally = Tally::new();
    for (group, test) in cases(&file) {
        let token = text(&test["jws"]);
        let key = jws_key(group);
        let outcome = key
            .as_ref()
            .map(|key| Unverified::parse(token).and_then(|parsed| parsed.verify(key).map(|_| ())));
        let accepted = outcome == Some(Ok(()));
        count(
            &mut tally,
            match (text(&test["result"]), accepted) {
                ("valid", true) => "accepted",
                ("valid", false) => refused_on_purpose(group, token, outcome.and_then(Result::err)),
                ("invalid", false) => "rejected",
                ("invalid", true) if valid.contains(&token) => PADDING_LOST,
                _ => panic!("{} accepted: {test}", test["result"]),
            },
        );
    }
    assert_eq!(tally, Tally::from(JWS_CLASSES));
    assert_eq!(tally.values().sum::<usize>(), 401);
}

const JWS_CLASSES: [(&str, usize); 7] = [
    ("accepted", 34),
    ("rejected", 353),
    (PADDING_LOST, 2),
    (EMPTY_PAYLOAD, 6),
    (OTHER_ALG, 2),
    (QUESTION_MARK, 2),
    (UNKNOWN_ALG, 2),
];

const PADDING_LOST: &str =
    "accepted: marked invalid, but byte for byte a token the file calls valid (its padding was lost)";
const EMPTY_PAYLOAD: &str =
    "refused: empty payload; we sign and verify none, and detached content looks the same";
const OTHER_ALG: &str = "refused: PS384 token under a key that says PS256";
const QUESTION_MARK: &str =
    "refused: a question mark inside base64url, which RFC 7515 section 2 does not allow";
const UNKNOWN_ALG: &str =
    "refused: the JWK names the algorithm ES521, which does not exist (RFC 7518 has ES512)";

#[test]
fn ecdsa_p256_in_jose_form() {
    let file = read(include_str!("../data/wycheproof/ecdsa_secp256r1_sha256_p1363_test.json"));
    let mut tally = Tally::new();
    for (group, test) in cases(&file) {
        // Nine groups have no JWK in the file; all have the point.
        let point = hex(&group["publicKey"]["uncompressed"]);
        let (x, y) = (base64url::encode(&point[1..33]), base64url::encode(&point[33..]));
        let key = load(&json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "x": x, "y": y})).unwrap();
        tally_raw(&mut tally, test, key.verify(&hex(&test["msg"]), &hex(&test["sig"])).is_ok());
    }
    assert_eq!(tally, Tally::from([("accepted", 173), ("rejected", 89)]));
}

#[test]
fn ed25519() {
    let file = read(include_str!("../data/wycheproof/ed25519_test.json"));
    let mut tally = Tally::new();
    for (group, test) in cases(&file) {
        let key = load(&group["publicKeyJwk"]);
        let accepted = key.is_some_and(|key| key.verify(&hex(&test["msg"]), &hex(&test["sig"])).is_ok());
        tally_raw(&mut tally, test, accepted);
    }
    assert_eq!(tally, Tally::from([("accepted", 88), ("rejected", 63)]));
}

#[test]
fn rsa_pkcs1() {
    let file = read(include_str!("../data/wycheproof/rsa_signature_2048_sha256_test.json"));
    let mut tally = Tally::new();
    for (group, test) in cases(&file) {
        let key = load(&group["keyJwk"]).unwrap();
        let accepted = key.verify(&hex(&test["msg"]), &hex(&test["sig"])).is_ok();
        if test["result"] == "acceptable" {
            assert_eq!(test["flags"], json!(["MissingNull"]));
            assert!(!accepted, "RFC 8017 section 8.2.2 compares with one encoding");
            count(&mut tally, "rejected: DigestInfo without NULL parameters");
        } else {
            tally_raw(&mut tally, test, accepted);
        }
    }
    let missing_null = ("rejected: DigestInfo without NULL parameters", 1);
    assert_eq!(tally, Tally::from([("accepted", 9), ("rejected", 249), missing_null]));
}

#[test]
fn rsa_pss() {
    let file = read(include_str!("../data/wycheproof/rsa_pss_2048_sha256_mgf1_32_test.json"));
    let mut tally = Tally::new();
    for (group, test) in cases(&file) {
        let key = load(&group["publicKeyJwk"]).unwrap();
        tally_raw(&mut tally, test, key.verify(&hex(&test["msg"]), &hex(&test["sig"])).is_ok());
    }
    assert_eq!(tally, Tally::from([("accepted", 63), ("rejected", 45)]));
}

#[test]
fn hmac_sha256() {
    let file = read(include_str!("../data/wycheproof/hmac_sha256_test.json"));
    let mut tally = Tally::new();
    for (group, test) in cases(&file) {
        let key = HmacSha256Key::new(&hex(&test["key"]));
        let accepted = key.verify(&[&hex(&test["msg"])], &hex(&test["tag"]));
        if group["tagSize"] == 256 {
            tally_raw(&mut tally, test, accepted);
        } else {
            assert!(!accepted, "{test}");
            count(&mut tally, "rejected: tag cut to 128 bits, which RFC 7518 section 3.2 does not know");
        }
    }
    let truncated = ("rejected: tag cut to 128 bits, which RFC 7518 section 3.2 does not know", 87);
    assert_eq!(tally, Tally::from([("accepted", 33), ("rejected", 54), truncated]));
}

/// For files in which nothing is a matter of policy.
fn tally_raw(tally: &mut Tally, test: &Value, accepted: bool) {
    assert_eq!(accepted, test["result"] == "valid", "{test}");
    count(tally, if accepted { "accepted" } else { "rejected" });
}
