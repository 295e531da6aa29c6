//! The JSON reader beside `serde_json`: it accepts nothing that the other refuses, refuses what the other accepts for a stated
//! reason only, and reads the same values.

use proptest::prelude::*;
use serde_json::{Map, Value};
use tessera_jose::json::{JsonError, Reader};

/// A value as the reader reads it; floats are as `serde_json` has them.
fn read(reader: &mut Reader<'_>) -> Result<Value, JsonError> {
    if reader.at_object() {
        let mut map = Map::new();
        reader.object(|value, name| {
            map.insert(name.to_owned(), read(value)?);
            Ok(())
        })?;
        return Ok(Value::Object(map));
    }
    if reader.at_array() {
        let mut list = Vec::new();
        reader.array(|value| {
            list.push(read(value)?);
            Ok(())
        })?;
        return Ok(Value::Array(list));
    }
    match reader.string() {
        Err(JsonError::WrongType) => {}
        text => return text.map(|text| Value::String(text.into_owned())),
    }
    match reader.integer() {
        Err(JsonError::WrongType) => reader.skip().map(|()| Value::Null),
        number => number.map(Value::from),
    }
}

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

/// Literals are walked over.
fn without_literals(value: &Value) -> Value {
    match value {
        Value::Bool(_) | Value::Null => Value::Null,
        Value::Array(list) => list.iter().map(without_literals).collect(),
        Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), without_literals(v))).collect(),
        Value::Number(_) | Value::String(_) => value.clone(),
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
        prop_assert_eq!(read(&mut reader).unwrap(), without_literals(&value));
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
        assert!(integer.is_err() || theirs.is_ok() || number == "-0", "{number}");
        assert!(theirs.is_err() || integer == Ok(theirs.unwrap()), "{number}");
    }
}
