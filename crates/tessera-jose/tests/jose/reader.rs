//! The JSON reader compared with `serde_json`. It accepts nothing that `serde_json` refuses. It refuses what `serde_json` accepts
//! only for a stated reason. Both read the same values.

use proptest::prelude::*;
use serde_json::Value;
use tessera_jose::json::{JsonError, Reader};

fn ours(text: &str) -> Result<(), JsonError> {
    let mut reader = Reader::new(text);
    reader.skip()?;
    reader.end()
}

/// What both agree on.
fn check(text: &str) {
    let theirs = serde_json::from_str::<Value>(text);
    match ours(text) {
        Ok(()) => assert!(theirs.is_ok(), "accepted here alone: {text}"),
        Err(JsonError::Malformed) => assert!(theirs.is_err(), "malformed here alone: {text}"),
        Err(error) => {
            let stated = [JsonError::Duplicate, JsonError::TooDeep, JsonError::InexactNumber];
            assert!(stated.contains(&error), "{error:?}: {text}");
        }
    }
}

fn value() -> impl Strategy<Value = Value> {
    let text = "[ -~]{0,12}|\\PC{0,12}|[\\x00-\\x7f]{0,20}";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        let members = proptest::collection::btree_map(text, inner.clone(), 0..20);
        prop_oneof![
            proptest::collection::vec(inner, 0..6).prop_map(Value::from),
            members.prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(value in value(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let text = text.unwrap();
        ours(&text).unwrap();
        let mut reader = Reader::new(&text);
        prop_assert_eq!(reader.value().unwrap(), value);
        reader.end().unwrap();
    }

    #[test]
    fn edited_texts_are_judged_alike(value in value(), at in any::<proptest::sample::Index>(), new in "[\\x00-\\x7f\u{e9}]{0,2}") {
        let mut text = serde_json::to_string(&value).unwrap();
        let mut at = at.index(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let rest = text.split_off(at);
        let mut others = rest.chars();
        others.next();
        check(&format!("{text}{new}{}", others.as_str()));
        check(&format!("{text}{new}{rest}"));
    }

    #[test]
    fn any_text_is_judged_alike(text in "[\\[\\]{}:,\"\\\\a-u0-9+.eE \t\n\r-]{0,24}") {
        check(&text);
    }
}

#[test]
fn numbers_are_judged_alike() {
    for number in [
        "0",
        "-0",
        "-",
        "01",
        "-01",
        "00",
        "1.",
        ".1",
        "1.0",
        "1e",
        "1e5",
        "1E+5",
        "1e-5",
        "1e+",
        "+1",
        "1-1",
        "--1",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "1e400",
        "-1e400",
        "1e-400",
        "0.1e1",
    ] {
        check(number);
        check(&format!("[{number}]"));
        check(&format!("{{\"n\":{number}}}"));
        let integer = Reader::new(number).integer();
        let theirs = serde_json::from_str::<i64>(number);
        assert_eq!(integer.ok(), theirs.ok(), "{number}");
    }
}
