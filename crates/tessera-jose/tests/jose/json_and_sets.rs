//! JSON can be understood in one way only, and key sets have limits.

use serde::Deserialize;
use serde_json::{Value, json};
use tessera_jose::json::{JsonError, MAX_LEN, object, strict};
use tessera_jose::jwk::{Purpose, Role};
use tessera_jose::{Algorithm, Jwk, JwkError, JwkSet, SigningKey, VerifyingKey};

/// Runs in a thread with little stack, to show that deep nesting cannot use it up.
fn on_a_small_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new().stack_size(256 * 1024).spawn(work).unwrap().join().unwrap()
}

#[test]
fn j15_depth() {
    let nested =
        |open: &str, close: &str, depth: usize| format!("{}1{}", open.repeat(depth), close.repeat(depth));
    assert!(object(nested(r#"{"a":"#, "}", 16).as_bytes()).is_ok());
    assert_eq!(object(nested(r#"{"a":"#, "}", 17).as_bytes()), Err(JsonError::TooDeep));
    assert!(object(format!(r#"{{"a":{}}}"#, nested("[", "]", 15)).as_bytes()).is_ok());
    assert_eq!(object(format!(r#"{{"a":{}}}"#, nested("[", "]", 16)).as_bytes()), Err(JsonError::TooDeep));
    let outcomes = on_a_small_stack(move || {
        let deep = [
            nested("[", "]", 100_000),
            nested(r#"{"a":"#, "}", 40_000),
            format!(r#"{{"a":{}"#, "[".repeat(200_000)),
            "[".repeat(200_000),
        ];
        deep.map(|text| object(text.as_bytes()))
    });
    assert!(outcomes.iter().all(|outcome| *outcome == Err(JsonError::TooDeep)), "{outcomes:?}");
}

#[test]
fn j15_width_and_length() {
    let members = |count: usize| (0..count).map(|i| format!(r#""{i}":0,"#)).collect::<Vec<_>>().concat();
    let million = members(1_000_000);
    assert_eq!(object(format!("{{{million}\"x\":0}}").as_bytes()), Err(JsonError::TooLong));
    assert_eq!(object(format!(r#"{{"n":{}}}"#, "9".repeat(1_000_000)).as_bytes()), Err(JsonError::TooLong));
    assert_eq!(
        object(format!(r#"{{"aud":[{}""]}}"#, r#""a","#.repeat(100_000)).as_bytes()),
        Err(JsonError::TooLong)
    );
    let wide = members(25_000);
    assert!(wide.len() < MAX_LEN);
    assert_eq!(object(format!("{{{wide}\"x\":0}}").as_bytes()).map(|map| map.len()), Ok(25_001));
    assert_eq!(object(format!("{{{wide}\"24999\":0}}").as_bytes()), Err(JsonError::Duplicate));
}

#[test]
fn duplicates_at_any_depth_and_in_any_spelling() {
    for text in [
        r#"{"a":1,"a":1}"#,
        r#"{"a":1,"b":2,"a":3}"#,
        r#"{"a":1,"\u0061":2}"#,
        r#"{"\u0061":1,"a":2}"#,
        r#"{"x":{"a":1,"a":2}}"#,
        r#"{"x":[[{"a":1,"a":2}]]}"#,
        r#"{"":1,"":2}"#,
    ] {
        assert_eq!(object(text.as_bytes()), Err(JsonError::Duplicate), "{text}");
        assert_eq!(strict::<Value>(text.as_bytes()), Err(JsonError::Duplicate), "{text}");
    }
    assert!(object(r#"{"a":{"a":{"a":1}},"A":1,"á":1}"#.as_bytes()).is_ok());
}

#[test]
fn malformed_texts() {
    for text in [
        "",
        " ",
        "{",
        "}",
        "{}}",
        "{}{}",
        "{} x",
        r"{a:1}",
        r"{'a':1}",
        r#"{"a":1,}"#,
        r#"{"a":01}"#,
        r#"{"a":.5}"#,
        r#"{"a":+1}"#,
        r#"{"a":NaN}"#,
        r#"{"a":Infinity}"#,
        r#"{"a":0x1}"#,
        r#"{"a":"\x41"}"#,
        r#"{"a":"\ud800"}"#,
        "{\"a\":\"\n\"}",
        "{\"a\":\"\u{0}\"}",
        "\u{feff}{}",
        r#"{"a":1e400}"#,
        "{\"a\":1}\u{0}",
        "/**/{}",
    ] {
        assert_eq!(object(text.as_bytes()), Err(JsonError::Malformed), "{text:?}");
    }
    assert_eq!(object(b"{\"a\":\"\xff\"}"), Err(JsonError::Malformed));
    assert_eq!(object(b"{\"a\":\"\xed\xa0\x80\"}"), Err(JsonError::Malformed));
    for text in ["[]", "1", "null", r#""{}""#, "true", "[{}]"] {
        assert_eq!(object(text.as_bytes()), Err(JsonError::NotAnObject), "{text}");
    }
    assert_eq!(object(b" \t\r\n{ } \n").map(|map| map.len()), Ok(0));
}

#[derive(Debug, PartialEq, Deserialize)]
struct Times {
    exp: u64,
    #[serde(default)]
    sub: Option<String>,
}

#[test]
fn numbers_are_exact() {
    for text in ["9007199254740992.0", "18446744073709551616", "-9223372036854775809", "1e16", "-1e300"] {
        assert_eq!(object(format!(r#"{{"n":{text}}}"#).as_bytes()), Err(JsonError::InexactNumber), "{text}");
    }
    for text in ["18446744073709551615", "-9223372036854775808", "0.5", "-0", "1e3", "9007199254740991.0"] {
        assert!(object(format!(r#"{{"n":{text}}}"#).as_bytes()).is_ok(), "{text}");
    }
    assert_eq!(strict(br#"{"exp":1700000000}"#), Ok(Times { exp: 1_700_000_000, sub: None }));
    for text in ["1700000000.0", "1.7e9", "-1", r#""1700000000""#, "null", "true", "[1]"] {
        let text = format!(r#"{{"exp":{text}}}"#);
        assert_eq!(strict::<Times>(text.as_bytes()), Err(JsonError::WrongType), "{text}");
    }
    assert_eq!(strict::<Times>(br#"{"exp":1,"sub":7}"#), Err(JsonError::WrongType));
    assert_eq!(strict::<Times>(b"{}"), Err(JsonError::WrongType));
}

fn named(kid: &str) -> Value {
    let mut jwk = serde_json::to_value(SigningKey::generate(Algorithm::EdDsa).unwrap().public_jwk()).unwrap();
    jwk["kid"] = json!(kid);
    jwk
}

fn set(keys: &[Value]) -> Result<JwkSet, JwkError> {
    JwkSet::parse(json!({ "keys": keys }).to_string().as_bytes())
}

#[test]
fn sets_round_trip() {
    let algorithms =
        [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ed25519, Algorithm::Rs256, Algorithm::Ps256];
    let keys: Vec<_> = algorithms.into_iter().map(|alg| SigningKey::generate(alg).unwrap()).collect();
    let published = JwkSet::new(keys.iter().filter_map(SigningKey::public_jwk).collect());
    let parsed = JwkSet::parse(&serde_json::to_vec(&published).unwrap()).unwrap();
    assert_eq!(parsed, published);
    for (jwk, key) in parsed.keys.iter().zip(&keys) {
        assert_eq!((jwk.kid(), jwk.alg()), (Some(key.kid()), Some(key.algorithm())));
        let token = key.sign("at+jwt", b"{}").unwrap();
        let token = tessera_jose::Unverified::parse(&token).unwrap();
        assert!(token.verify(&VerifyingKey::from_jwk(jwk).unwrap()).is_ok());
    }
    let other = json!({"use": "enc", "key_ops": ["deriveKey"], "x5c": ["MIIB"], "future": {"x": 1}});
    let mut jwk = named("k");
    jwk.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
    let parsed = set(&[jwk.clone()]).unwrap();
    jwk.as_object_mut().unwrap().retain(|name, _| name != "x5c" && name != "future");
    assert_eq!(serde_json::to_value(&parsed).unwrap(), json!({ "keys": [jwk] }));
}

#[test]
fn sets_leave_out_what_is_unknown_and_refuse_what_is_wrong() {
    let unknown = [
        json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA"}),
        json!({"kty": "OKP", "crv": "X25519", "x": "AAAA"}),
        json!({"kty": "EC", "crv": "secp256k1", "x": "AAAA", "y": "AAAA"}),
        json!({"kty": "RSA", "alg": "RSA-OAEP", "n": "AQAB", "e": "AQAB"}),
    ];
    let mixed: Vec<Value> = unknown.into_iter().chain([named("k")]).collect();
    assert_eq!(set(&mixed).unwrap().keys.len(), 1);
    for (wrong, member) in [
        (json!({}), "kty"),
        (json!({"kty": 7}), "kty"),
        (json!({"kty": "OKP"}), "crv"),
        (json!({"kty": "OKP", "crv": "Ed25519"}), "x"),
        (json!({"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}), "x"),
        (json!({"kty": "RSA", "n": "AQAB"}), "e"),
        (json!({"kty": "RSA", "n": "AAEAAQ", "e": "AQAB"}), "n"),
        (json!({"kty": "RSA", "n": "AQAB", "e": "AAEAAQ"}), "e"),
        (json!({"kty": "RSA", "n": "AQAB=", "e": "AQAB"}), "n"),
        (json!({"kty": "RSA", "n": "", "e": "AQAB"}), "n"),
        (named(""), "kid"),
        (named(&"k".repeat(257)), "kid"),
    ] {
        assert_eq!(set(&[named("k"), wrong.clone()]), Err(JwkError::Member(member)), "{wrong}");
    }
    assert_eq!(set(&[json!("key")]), Err(JwkError::Member("keys")));
    assert_eq!(JwkSet::parse(b"{}"), Err(JwkError::Member("keys")));
    assert_eq!(JwkSet::parse(br#"{"keys":{}}"#), Err(JwkError::Member("keys")));
    assert_eq!(JwkSet::parse(br#"{"keys":[],"keys":[]}"#), Err(JwkError::Json(JsonError::Duplicate)));
    assert_eq!(JwkSet::parse(b"[]"), Err(JwkError::Json(JsonError::NotAnObject)));
}

#[test]
fn j31_what_a_key_is_for_is_said_whole_or_not_at_all() {
    const PURPOSE: &str = "tessera_purpose";
    const FROM: &str = "tessera_signs_from";
    let key = SigningKey::generate(Algorithm::EdDsa).unwrap().public_jwk().unwrap();
    assert_eq!(key.role(), None);
    for purpose in [Purpose::AccessToken, Purpose::IdToken, Purpose::RevocationRules] {
        let role = Role { purpose, signs_from: 1_800_000_000 };
        let key = key.clone().with_role(role);
        let text = serde_json::to_string(&key).unwrap();
        assert!(text.contains(purpose.as_str()) && text.contains("1800000000"), "{text}");
        assert_eq!(Jwk::parse(text.as_bytes()).unwrap().role(), Some(role));
    }
    let parsed = |members: Value| {
        let mut jwk = named("k");
        jwk.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        Jwk::parse(jwk.to_string().as_bytes()).map(|jwk| jwk.role())
    };
    assert_eq!(parsed(json!({PURPOSE: "access_token"})), Err(JwkError::Member(FROM)));
    assert_eq!(parsed(json!({PURPOSE: "access_token", FROM: "1"})), Err(JwkError::Member(FROM)));
    assert_eq!(parsed(json!({PURPOSE: "access_token", FROM: 1.5})), Err(JwkError::Member(FROM)));
    assert_eq!(parsed(json!({FROM: 1})), Err(JwkError::Member(PURPOSE)));
    assert_eq!(parsed(json!({PURPOSE: null, FROM: 1})), Err(JwkError::Member(PURPOSE)));
    assert_eq!(parsed(json!({PURPOSE: "cookies", FROM: 1})), Err(JwkError::Unknown(PURPOSE)));
}

#[test]
fn sets_have_limits() {
    let many: Vec<Value> = (0..65).map(|i| named(&i.to_string())).collect();
    assert_eq!(set(&many[..64]).unwrap().keys.len(), 64);
    assert_eq!(set(&many), Err(JwkError::TooManyKeys));
    assert_eq!(set(&[named("same"), named("same")]), Err(JwkError::DuplicateKid));
    let padded = format!("{}{}", json!({"keys": []}), " ".repeat(MAX_LEN));
    assert_eq!(JwkSet::parse(padded.as_bytes()), Err(JwkError::Json(JsonError::TooLong)));
}
