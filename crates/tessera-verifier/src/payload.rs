//! Reads the payload of an access token in one pass, with one reading only: no name twice at any depth, bounded nesting, no
//! inexact number, every claim of RFC 9068 present and of its type. Runs before the signature is checked, so its work is
//! bounded by the 8 KiB of a token. Strings are borrowed from the payload.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use tessera_oauth::claims::MAX_AUDIENCES;
use tessera_oauth::scope::{MAX_SCOPES, Scope};

use crate::error::VerifyError;

/// Longest `sub`, `client_id`, `jti` and `sid`, in bytes (OIDC core section 2 allows 255).
const MAX_ID_LEN: usize = 255;
/// Most members of one object.
const MAX_MEMBERS: usize = 64;
/// Deepest nesting inside a claim.
const MAX_DEPTH: usize = 15;
/// Integers beyond this lose digits in a double.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// The claims that the checks look at.
pub(crate) struct Payload<'a> {
    pub(crate) iss: Cow<'a, str>,
    pub(crate) sub: Cow<'a, str>,
    pub(crate) aud: Audiences<'a>,
    pub(crate) client_id: Cow<'a, str>,
    pub(crate) jti: Cow<'a, str>,
    pub(crate) times: Times,
    /// Legal words one space apart; empty without scope.
    pub(crate) scope: Cow<'a, str>,
    pub(crate) sid: Option<Cow<'a, str>>,
}

/// `aud`: one, or a list of 1 to [`MAX_AUDIENCES`]; none of them empty.
pub(crate) enum Audiences<'a> {
    One(Cow<'a, str>),
    Many(Vec<Cow<'a, str>>),
}

impl Audiences<'_> {
    pub(crate) fn contains(&self, audience: &str) -> bool {
        match self {
            Self::One(only) => only == audience,
            Self::Many(many) => many.iter().any(|name| name == audience),
        }
    }
}

/// `iat`, `exp` and `nbf`, in seconds since 1970.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    pub(crate) iat: i64,
    pub(crate) exp: i64,
    pub(crate) nbf: Option<i64>,
}

impl<'a> Payload<'a> {
    pub(crate) fn parse(json: &'a str) -> Result<Self, VerifyError> {
        let mut parser = serde_json::Deserializer::from_str(json);
        let found = parser.deserialize_map(Found::default()).map_err(|_| VerifyError::Malformed)?;
        parser.end().map_err(|_| VerifyError::Malformed)?;
        found.complete()
    }
}

#[derive(Default)]
struct Found<'a> {
    iss: Option<Cow<'a, str>>,
    sub: Option<Cow<'a, str>>,
    aud: Option<Audiences<'a>>,
    client_id: Option<Cow<'a, str>>,
    jti: Option<Cow<'a, str>>,
    iat: Option<i64>,
    exp: Option<i64>,
    nbf: Option<i64>,
    scope: Option<Cow<'a, str>>,
    sid: Option<Cow<'a, str>>,
}

impl<'a> Found<'a> {
    fn complete(self) -> Result<Payload<'a>, VerifyError> {
        let missing = VerifyError::MissingClaim;
        let scope = self.scope.unwrap_or_default();
        let sid = self.sid.map(|sid| id(Some(sid), "sid")).transpose()?;
        if !is_scope_list(&scope) {
            return Err(VerifyError::Malformed);
        }
        Ok(Payload {
            iss: self.iss.ok_or(missing("iss"))?,
            sub: id(self.sub, "sub")?,
            aud: self.aud.ok_or(missing("aud"))?,
            client_id: id(self.client_id, "client_id")?,
            jti: id(self.jti, "jti")?,
            times: Times {
                iat: self.iat.ok_or(missing("iat"))?,
                exp: self.exp.ok_or(missing("exp"))?,
                nbf: self.nbf,
            },
            scope,
            sid,
        })
    }
}

fn id<'a>(value: Option<Cow<'a, str>>, name: &'static str) -> Result<Cow<'a, str>, VerifyError> {
    match value {
        Some(id) if id.len() > MAX_ID_LEN => Err(VerifyError::Malformed),
        Some(id) if !id.is_empty() => Ok(id),
        _ => Err(VerifyError::MissingClaim(name)),
    }
}

/// At most [`MAX_SCOPES`] legal words one space apart, or nothing.
fn is_scope_list(text: &str) -> bool {
    text.is_empty()
        || text
            .split(' ')
            .take(MAX_SCOPES + 1)
            .enumerate()
            .all(|(n, word)| n < MAX_SCOPES && Scope::is_valid(word))
}

impl<'de> Visitor<'de> for Found<'de> {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the claims of an access token")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self, A::Error> {
        let mut others = Names::default();
        while let Some(name) = map.next_key_seed(Text)? {
            match &*name {
                "iss" => once(&mut self.iss, map.next_value_seed(Text)?)?,
                "sub" => once(&mut self.sub, map.next_value_seed(Text)?)?,
                "aud" => once(&mut self.aud, map.next_value_seed(OneOrMany)?)?,
                "client_id" => once(&mut self.client_id, map.next_value_seed(Text)?)?,
                "jti" => once(&mut self.jti, map.next_value_seed(Text)?)?,
                "iat" => once(&mut self.iat, map.next_value()?)?,
                "exp" => once(&mut self.exp, map.next_value()?)?,
                "nbf" => once(&mut self.nbf, map.next_value()?)?,
                "scope" => once(&mut self.scope, map.next_value_seed(Text)?)?,
                "sid" => once(&mut self.sid, map.next_value_seed(Text)?)?,
                _ => {
                    others.add(name)?;
                    map.next_value_seed(Other { depth: 0 })?;
                }
            }
        }
        Ok(self)
    }
}

fn once<T, E: serde::de::Error>(slot: &mut Option<T>, value: T) -> Result<(), E> {
    if slot.replace(value).is_some() { Err(E::custom("a claim comes twice")) } else { Ok(()) }
}

/// The member names of one object.
#[derive(Default)]
struct Names<'de>(Vec<Cow<'de, str>>);

impl<'de> Names<'de> {
    fn add<E: serde::de::Error>(&mut self, name: Cow<'de, str>) -> Result<(), E> {
        if self.0.len() == MAX_MEMBERS || self.0.contains(&name) {
            return Err(E::custom("a name comes twice, or too many names"));
        }
        self.0.push(name);
        Ok(())
    }
}

/// A string, borrowed unless it was written with escapes.
struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cow<'de, str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

/// The value of `aud`.
struct OneOrMany;

impl<'de> DeserializeSeed<'de> for OneOrMany {
    type Value = Audiences<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Audiences<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for OneOrMany {
    type Value = Audiences<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an audience or a list of audiences")
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, name: &'de str) -> Result<Audiences<'de>, E> {
        named(Cow::Borrowed(name)).map(Audiences::One)
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Audiences<'de>, E> {
        named(Cow::Owned(name.to_owned())).map(Audiences::One)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Audiences<'de>, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = seq.next_element_seed(Text)? {
            if names.len() == MAX_AUDIENCES {
                return Err(A::Error::custom("too many audiences"));
            }
            names.push(named(name)?);
        }
        if names.is_empty() { Err(A::Error::custom("no audience")) } else { Ok(Audiences::Many(names)) }
    }
}

fn named<E: serde::de::Error>(name: Cow<'_, str>) -> Result<Cow<'_, str>, E> {
    if name.is_empty() { Err(E::custom("an empty audience")) } else { Ok(name) }
}

/// The value of a claim that no check looks at: walked over, kept nowhere.
#[derive(Clone, Copy)]
struct Other {
    depth: usize,
}

impl Other {
    fn inside<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH { Err(E::custom("too deep")) } else { Ok(Self { depth: self.depth + 1 }) }
    }
}

impl<'de> DeserializeSeed<'de> for Other {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Other {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<(), E> {
        if number.abs() < MAX_EXACT { Ok(()) } else { Err(E::custom("inexact number")) }
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let inside = self.inside()?;
        while seq.next_element_seed(inside)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let inside = self.inside()?;
        let mut names = Names::default();
        while let Some(name) = map.next_key_seed(Text)? {
            names.add(name)?;
            map.next_value_seed(inside)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"iss":"i","sub":"s","aud":"a","client_id":"c","jti":"j","iat":1,"exp":2,"scope":"x y","sid":"z"}"#;

    fn with(member: &str) -> String {
        GOOD.replacen('{', &format!("{{{member},"), 1)
    }

    #[test]
    fn claims_are_borrowed_and_escapes_are_read() {
        let payload = Payload::parse(GOOD).unwrap();
        assert!(matches!(payload.sub, Cow::Borrowed("s")));
        assert!(matches!(payload.aud, Audiences::One(Cow::Borrowed("a"))));
        let escaped = GOOD.replace(r#""sub":"s""#, r#""s\u0075b":"\u0073\n""#);
        assert_eq!(Payload::parse(&escaped).unwrap().sub, "s\n");
    }

    #[test]
    fn no_name_comes_twice_however_it_is_written() {
        for member in [
            r#""sub":"t""#,
            r#""\u0073ub":"t""#,
            r#""exp":9"#,
            r#""x":1,"x":1"#,
            r#""x":1,"\u0078":1"#,
            r#""x":[{"a":1,"a":1}]"#,
        ] {
            assert_eq!(Payload::parse(&with(member)).err(), Some(VerifyError::Malformed), "{member}");
        }
    }

    #[test]
    fn depth_members_and_numbers_are_bounded() {
        let nested = |n: usize| format!(r#""x":{}{}"#, "[".repeat(n), "]".repeat(n));
        let members = |n: usize| {
            format!(r#""x":{{{}}}"#, (0..n).map(|n| format!(r#""{n}":0"#)).collect::<Vec<_>>().join(","))
        };
        for (good, bad) in [
            (nested(MAX_DEPTH), nested(MAX_DEPTH + 1)),
            (members(MAX_MEMBERS), members(MAX_MEMBERS + 1)),
            (r#""x":1.5"#.to_owned(), r#""x":1e300"#.to_owned()),
        ] {
            assert!(Payload::parse(&with(&good)).is_ok(), "{good}");
            assert!(Payload::parse(&with(&bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn known_claims_are_never_null() {
        for name in ["iss", "sub", "aud", "client_id", "jti", "iat", "exp", "scope", "sid"] {
            let mut claims: serde_json::Value = serde_json::from_str(GOOD).unwrap();
            claims[name] = serde_json::Value::Null;
            assert_eq!(Payload::parse(&claims.to_string()).err(), Some(VerifyError::Malformed), "{name}");
        }
    }
}
