//! Settings documents of every version. Clients and APIs keep what an administrator chooses as one JSON document.
//!
//! During a rolling upgrade an older instance meets documents of a newer one. It must not turn the client off, must not lose what
//! it does not know, and must not grant more than the newer one would. So a document carries `"version"` (none: 1), and these
//! rules hold:
//!
//! - A *field* that an instance does not know is kept and has no effect.
//! - A *value* that it does not know (a word, or an object with a field that it does not know) is kept, grants nothing, and fails
//!   closed for exactly what needs it.
//! - A change writes the fields that it changes ([`rewritten`]). Everything else stays as it is stored.
//! - The version never goes down.
//! - A missing optional field has its default. A wrong type, or a required field that is missing, breaks the document: the store
//!   does not read it, and that one client or API is turned off.
//!
//! Who adds a setting follows from this: a new field may only add a possibility. What narrows a client becomes a new value of a
//! field that every version knows, or a field inside a value.
//!
//! | Document | Field | What an instance does that does not know the value |
//! |---|---|---|
//! | client | `redirect_uris`, `post_logout_redirect_uris` | A URI that this version would not register breaks the document. URIs of a new form get a field of their own. |
//! | client | `grant_types` | The client may use the other ones. |
//! | client | `auth_method` | The client cannot authenticate. Authorization requests and their error answers work. |
//! | client | `pkce` | Every request needs a challenge. |
//! | client | `id_token_signed_response_alg` | Requests for `openid` are refused; others work. |
//! | client | `refresh_tokens` | It issues no refresh token and takes none. The grants stay. |
//! | client | `scopes`, `audiences` | Every word is a name; there are no unknown ones. What no API has is not granted. |
//! | client | `require_consent`, `id_token_claims`, `confirm_logout`, `access_token_seconds` | Another type breaks the document. |
//! | client | an entry of `secrets` with an unknown field | This secret opens nothing; the others do. A rotation ends it as it ends the others. |
//! | client | an entry of `secrets` that is no digest | It is kept and opens nothing. |
//! | API | `scopes`: an entry with an unknown field | No token gets this scope. |
//! | API | `token_form`, or a field of it | No token is issued for this API. |
//! | API | `access_token_seconds` | Another type breaks the document. |
//! | person | `claims` (no version) | They are kept and not told. |
//!
//! The columns beside the documents (`kind`, `status`) have fixed codes: a code that is not known turns the one row off.

use serde::Deserialize;
use serde::de::value::Error as WordError;
use serde::de::{DeserializeOwned, IntoDeserializer};
use serde_json::{Map, Value};

/// The version that this program writes.
pub const VERSION: u32 = 1;

/// The version of a stored document, at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "u32")]
pub struct Version(u32);

/// Versions begin with 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("versions begin with 1")]
pub struct InvalidVersion;

impl TryFrom<u32> for Version {
    type Error = InvalidVersion;

    fn try_from(version: u32) -> Result<Self, InvalidVersion> {
        if version == 0 { Err(InvalidVersion) } else { Ok(Self(version)) }
    }
}

/// A document without a version is of the first.
impl Default for Version {
    fn default() -> Self {
        Self(1)
    }
}

/// The value of this word, if this version knows it.
pub(crate) fn known_word<T: DeserializeOwned>(word: &str) -> Option<T> {
    T::deserialize(IntoDeserializer::<WordError>::into_deserializer(word.to_owned())).ok()
}

/// The values of the words that this version knows.
pub(crate) fn known_words<T: DeserializeOwned>(words: &[String]) -> Vec<T> {
    words.iter().filter_map(|word| known_word(word)).collect()
}

/// A new document with the version of this program.
pub fn versioned(mut document: Value) -> Value {
    if let Value::Object(fields) = &mut document {
        let stored = fields.get("version").cloned().and_then(|version| Version::deserialize(version).ok());
        let version = stored.unwrap_or_default().0.max(VERSION);
        fields.insert("version".to_owned(), version.into());
    }
    document
}

/// The stored document after a change. `before` and `after` are what this version knows of it before and after the change. What
/// does not differ stays as it is stored.
///
/// A member of a list is the same member if its `name`, its `digest`, or the member itself is the same. Stored members that this
/// version does not know stay, behind the others.
pub fn rewritten(stored: &Value, before: &Value, after: &Value) -> Value {
    match (stored, after) {
        _ if before == after => stored.clone(),
        (Value::Object(stored), Value::Object(after)) => rewritten_object(stored, before, after).into(),
        (Value::Array(stored), Value::Array(after)) => rewritten_list(stored, before, after).into(),
        _ => after.clone(),
    }
}

fn rewritten_object(
    stored: &Map<String, Value>,
    before: &Value,
    after: &Map<String, Value>,
) -> Map<String, Value> {
    let mut fields = stored.clone();
    if let Value::Object(before) = before {
        fields.retain(|name, _| after.contains_key(name) || !before.contains_key(name));
    }
    for (name, after) in after {
        let before = before.get(name);
        match (fields.get(name), before) {
            // A default that is not stored stays so.
            (None, Some(before)) if before == after => {}
            (None, _) => drop(fields.insert(name.clone(), after.clone())),
            (Some(stored), before) => {
                let value = rewritten(stored, before.unwrap_or(&Value::Null), after);
                fields.insert(name.clone(), value);
            }
        }
    }
    fields
}

fn rewritten_list(stored: &[Value], before: &Value, after: &[Value]) -> Vec<Value> {
    let before = before.as_array().map_or(&[][..], Vec::as_slice);
    let find = |list: &[Value], one: &Value| list.iter().find(|other| name(other) == name(one)).cloned();
    let known = after.iter().map(|after| match find(stored, after) {
        Some(stored) => rewritten(&stored, &find(before, after).unwrap_or_default(), after),
        None => after.clone(),
    });
    let unknown = stored.iter().filter(|one| find(before, one).or_else(|| find(after, one)).is_none());
    known.chain(unknown.cloned()).collect()
}

/// What a member of a list is recognised by.
fn name(member: &Value) -> &Value {
    member.get("name").or_else(|| member.get("digest")).unwrap_or(member)
}

#[cfg(test)]
mod tests {
    use proptest::collection::{btree_map, vec};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::client::ClientSettings;

    const KNOWN: [&str; 14] = [
        "version",
        "redirect_uris",
        "post_logout_redirect_uris",
        "grant_types",
        "auth_method",
        "scopes",
        "audiences",
        "pkce",
        "id_token_signed_response_alg",
        "require_consent",
        "id_token_claims",
        "confirm_logout",
        "access_token_seconds",
        "refresh_tokens",
    ];

    /// Any JSON.
    fn anything() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[ -~]{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                vec(inner.clone(), 0..4).prop_map(Value::from),
                btree_map("[a-z]{1,4}", inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    fn word(known: &'static [&'static str]) -> impl Strategy<Value = String> {
        prop_oneof![proptest::sample::select(known).prop_map(str::to_owned), "x_[a-z]{1,6}"]
    }

    /// Settings of a client as some newer version may write them.
    fn document() -> impl Strategy<Value = Value> {
        let grant_types = vec(word(&["authorization_code", "refresh_token", "client_credentials"]), 0..5);
        let words = (
            grant_types,
            word(&["none", "client_secret", "client_secret_post"]),
            word(&["auto", "required", "off"]),
            word(&["RS256", "ES256"]),
            proptest::option::of(word(&["always", "offline_access"])),
        );
        let unknown = btree_map("x_[a-z]{1,6}", anything(), 0..4);
        (words, any::<bool>(), proptest::option::of(1..9_u32), unknown).prop_map(
            |((mut grant_types, method, pkce, alg, refresh), consent, version, unknown)| {
                grant_types.dedup();
                let mut document = json!({
                    "redirect_uris": ["https://app.example/cb"], "post_logout_redirect_uris": [],
                    "grant_types": grant_types, "auth_method": method, "scopes": "openid", "audiences": [],
                    "pkce": pkce, "id_token_signed_response_alg": alg, "require_consent": consent,
                });
                let fields = document.as_object_mut().unwrap();
                fields.extend(refresh.map(|word| ("refresh_tokens".to_owned(), word.into())));
                fields.extend(version.map(|number| ("version".to_owned(), number.into())));
                fields.extend(unknown);
                document
            },
        )
    }

    /// What an administrator may do with an older version.
    fn change(settings: &ClientSettings, dice: u16) -> ClientSettings {
        let mut changed = settings.clone();
        let takes = |bit: u16| dice & (1 << bit) != 0;
        if takes(0) {
            changed.require_consent = !changed.require_consent;
        }
        if takes(1) {
            changed.redirect_uris.push("https://more.example/cb".parse().unwrap());
        }
        if takes(2) {
            changed.grant_types = vec![tessera_oauth::token::GrantType::RefreshToken];
        }
        if takes(3) {
            changed.auth_method = crate::ClientAuthMethod::ClientSecretBasic;
        }
        if takes(4) {
            changed.access_token_seconds = Some(u32::from(dice) + 10);
        }
        if takes(5) {
            changed.refresh_tokens = crate::RefreshTokens::OfflineAccess;
        }
        if takes(6) {
            changed.id_token_claims = !changed.id_token_claims;
        }
        changed
    }

    proptest! {
        #[test]
        fn a_change_by_an_older_instance_loses_nothing_it_does_not_know(stored in document(), dice: u16) {
            let before = ClientSettings::deserialize(&stored).unwrap();
            let after = change(&before, dice);
            let [known_before, known_after] = [&before, &after].map(|it| serde_json::to_value(it).unwrap());
            let written = versioned(rewritten(&stored, &known_before, &known_after));
            let read = ClientSettings::deserialize(&written).unwrap();
            prop_assert_eq!(serde_json::to_value(&read).unwrap(), known_after.clone(), "reads as it was meant");
            for (field, value) in stored.as_object().unwrap() {
                let kept = &written[field];
                if !KNOWN.contains(&field.as_str()) {
                    prop_assert_eq!(kept, value, "{} is not known", field);
                } else if field == "grant_types" {
                    for word in value.as_array().unwrap().iter().filter(|word| word.as_str().unwrap().starts_with("x_")) {
                        prop_assert!(kept.as_array().unwrap().contains(word), "{} in {}", word, kept);
                    }
                } else if field == "version" {
                    prop_assert!(kept.as_u64() >= value.as_u64(), "{} after {}", kept, value);
                } else if known_before.get(field) == known_after.get(field) {
                    prop_assert_eq!(kept, value, "{} did not change", field);
                }
            }
            if before == after {
                prop_assert_eq!(written, versioned(stored));
            }
        }

        #[test]
        fn what_does_not_change_is_written_as_it_is_stored(stored in anything(), known in anything()) {
            prop_assert_eq!(rewritten(&stored, &known, &known), stored);
        }

        #[test]
        fn the_version_never_goes_down(version in 1..u32::MAX) {
            let written = versioned(json!({"version": version}));
            prop_assert_eq!(written["version"].as_u64(), Some(u64::from(version.max(VERSION))));
        }
    }

    #[test]
    fn a_document_without_a_version_gets_one() {
        assert_eq!(versioned(json!({})), json!({"version": VERSION}));
    }
}
