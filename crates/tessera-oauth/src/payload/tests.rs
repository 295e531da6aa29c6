use std::borrow::Cow;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::claims::MAX_AUDIENCES;

const GOOD: &str =
    r#"{"iss":"i","sub":"s","aud":"a","client_id":"c","jti":"j","iat":1,"exp":2,"scope":"x y","sid":"z"}"#;

fn with(member: &str) -> String {
    GOOD.replacen('{', &format!("{{{member},"), 1)
}

fn changed(name: &str, value: Value) -> String {
    let mut claims: Value = serde_json::from_str(GOOD).unwrap();
    claims[name] = value;
    claims.to_string()
}

/// How both kinds of token refuse it. They agree on the claims that both have.
fn refusals(json: &str) -> [Option<PayloadError>; 2] {
    [AccessTokenPayload::parse(json.as_bytes()).err(), IdTokenPayload::parse(json.as_bytes()).err()]
}

#[test]
fn claims_are_borrowed_and_escapes_are_read() {
    let payload = AccessTokenPayload::parse(GOOD.as_bytes()).unwrap();
    assert!(matches!(payload.sub, Cow::Borrowed("s")));
    assert!(matches!(payload.aud, Audiences::One(Cow::Borrowed("a"))));
    let escaped = GOOD.replace(r#""sub":"s""#, r#""s\u0075b":"\u0073\n""#);
    assert_eq!(AccessTokenPayload::parse(escaped.as_bytes()).unwrap().sub, "s\n");
    assert_eq!(IdTokenPayload::parse(escaped.as_bytes()).unwrap().sub, "s\n");
}

#[test]
fn j14_no_name_comes_twice_however_it_is_written() {
    for member in [
        r#""sub":"t""#,
        r#""\u0073ub":"t""#,
        r#""exp":9"#,
        r#""x":1,"x":1"#,
        r#""x":1,"\u0078":1"#,
        r#""x":[{"a":1,"a":1}]"#,
    ] {
        assert_eq!(refusals(&with(member)), [Some(PayloadError::Malformed); 2], "{member}");
    }
}

#[test]
fn depth_and_numbers_are_bounded() {
    let nested = |n: usize| format!(r#""x":{}{}"#, "[".repeat(n), "]".repeat(n));
    for (good, bad) in [(nested(15), nested(16)), (r#""x":1.5"#.to_owned(), r#""x":1e300"#.to_owned())] {
        assert_eq!(refusals(&with(&good)), [None; 2], "{good}");
        assert_eq!(refusals(&with(&bad)), [Some(PayloadError::Malformed); 2], "{bad}");
    }
}

#[test]
fn j28_j29_known_claims_are_never_null_and_always_of_their_type() {
    for name in
        ["iss", "sub", "iat", "exp", "sid", "nbf", "auth_time", "acr", "azp", "nonce", "at_hash", "amr"]
    {
        for wrong in [json!(null), json!({}), json!([1]), json!(true), json!(1.5)] {
            let json = changed(name, wrong);
            assert_eq!(refusals(&json), [Some(PayloadError::Malformed); 2], "{json}");
        }
    }
    for (name, wrong) in [
        ("client_id", json!(["c"])),
        ("jti", json!(1)),
        ("scope", json!(["x", "y"])),
        ("scope", json!("x  y")),
        ("exp", json!("2")),
        ("iat", json!("1")),
        ("nbf", json!("1")),
        ("sub", json!("s".repeat(256))),
    ] {
        let json = changed(name, wrong);
        assert_eq!(AccessTokenPayload::parse(json.as_bytes()).err(), Some(PayloadError::Malformed), "{json}");
    }
    for (name, right) in [("auth_time", json!(1)), ("amr", json!(["pwd"])), ("nonce", json!("n"))] {
        assert_eq!(refusals(&changed(name, right)), [None; 2], "{name}");
    }
}

#[test]
fn j26_an_audience_is_a_string_or_a_short_list_of_strings() {
    let audiences = |count: usize| json!(vec!["a"; count]);
    for good in [json!("a"), json!(["a", "https://api"]), audiences(MAX_AUDIENCES)] {
        assert_eq!(refusals(&changed("aud", good.clone())), [None; 2], "{good}");
    }
    let list = changed("aud", json!(["https://api", "other"]));
    let list = AccessTokenPayload::parse(list.as_bytes()).unwrap();
    assert!(list.aud.contains("https://api") && !list.aud.contains("https://ap"), "{:?}", list.aud);
    for bad in [
        json!([]),
        json!([""]),
        json!(""),
        json!([null]),
        json!([["a"]]),
        json!(null),
        json!(1),
        json!({}),
        audiences(MAX_AUDIENCES + 1),
    ] {
        assert_eq!(refusals(&changed("aud", bad.clone())), [Some(PayloadError::Malformed); 2], "{bad}");
    }
}

#[test]
fn j28_what_is_missing_is_named() {
    for (name, of_id_tokens) in [
        ("iss", true),
        ("sub", true),
        ("aud", true),
        ("iat", true),
        ("exp", true),
        ("client_id", false),
        ("jti", false),
    ] {
        let mut claims: Value = serde_json::from_str(GOOD).unwrap();
        claims.as_object_mut().unwrap().remove(name);
        let missing = Some(PayloadError::MissingClaim(name));
        assert_eq!(refusals(&claims.to_string()), [missing, missing.filter(|_| of_id_tokens)], "{name}");
    }
    for name in ["sub", "sid"] {
        assert_eq!(
            refusals(&changed(name, json!(""))),
            [Some(PayloadError::MissingClaim(name)); 2],
            "{name}"
        );
    }
}

#[test]
fn o42_a_token_that_is_bound_to_a_key_is_refused_whatever_the_binding() {
    for cnf in [json!({"jkt": "x"}), json!({"x5t#S256": "x"}), json!({}), json!(null), json!("x"), json!([1])]
    {
        assert_eq!(
            refusals(&changed("cnf", cnf.clone())),
            [Some(PayloadError::BindingUnsupported); 2],
            "{cnf}"
        );
    }
}

proptest! {
    /// A reader of maps sees the same.
    #[test]
    fn what_is_read_is_what_is_written(
        (iss, sub, client_id, jti) in (".{0,20}", ".{1,20}", ".{1,20}", ".{1,20}"),
        aud in prop::collection::vec(".{1,10}", 1..=MAX_AUDIENCES),
        (iat, exp, nbf) in any::<(i64, i64, Option<i64>)>(),
    ) {
        let mut claims = json!({"iss": iss, "sub": sub, "client_id": client_id, "jti": jti, "aud": aud, "iat": iat, "exp": exp});
        if let Some(nbf) = nbf {
            claims["nbf"] = nbf.into();
        }
        let text = claims.to_string();
        let read = AccessTokenPayload::parse(text.as_bytes()).unwrap();
        prop_assert_eq!((&*read.iss, &*read.sub, &*read.client_id, &*read.jti), (&*iss, &*sub, &*client_id, &*jti));
        prop_assert!(read.aud.as_slice().iter().eq(&aud));
        prop_assert_eq!(read.times, Times { iat, exp, nbf });
        prop_assert!(read.scope.is_empty() && read.sid.is_none());
    }

    #[test]
    fn anything_is_answered_without_panic(text in any::<String>(), at in 0..GOOD.len(), piece in "[\\[\\]{}\",:0-9a-z\\\\ -]{0,4}") {
        let _ = refusals(&text);
        let _ = refusals(&format!("{}{piece}{}", &GOOD[..at], &GOOD[at..]));
    }
}
