//! Reads the payload of an access token in one pass, with one reading only (see [`tessera_jose::json`]), every claim of RFC 9068
//! present and of its type. Runs before the signature is checked, so its work is bounded by the 8 KiB of a token. Strings are
//! borrowed from the payload.

use std::borrow::Cow;

use tessera_jose::json::{JsonError, Reader};
use tessera_oauth::claims::MAX_AUDIENCES;
use tessera_oauth::scope::{MAX_SCOPES, Scope};

use crate::error::VerifyError;

/// Longest `sub`, `client_id`, `jti` and `sid`, in bytes (OIDC core section 2 allows 255).
const MAX_ID_LEN: usize = 255;

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
        Found::read(json).map_err(|_| VerifyError::Malformed)?.complete()
    }

    /// Bytes of all texts together.
    pub(crate) fn text_len(&self) -> usize {
        let texts =
            [&self.iss, &self.sub, &self.client_id, &self.jti, &self.scope].into_iter().chain(&self.sid);
        let audiences = match &self.aud {
            Audiences::One(only) => std::slice::from_ref(only),
            Audiences::Many(many) => many,
        };
        texts.chain(audiences).map(|text| text.len()).sum()
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
    fn read(json: &'a str) -> Result<Self, JsonError> {
        let mut found = Self::default();
        let mut reader = Reader::new(json);
        reader.object(|value, name| {
            match name {
                "iss" => found.iss = Some(value.string()?),
                "sub" => found.sub = Some(value.string()?),
                "aud" => found.aud = Some(audiences(value)?),
                "client_id" => found.client_id = Some(value.string()?),
                "jti" => found.jti = Some(value.string()?),
                "iat" => found.iat = Some(value.integer()?),
                "exp" => found.exp = Some(value.integer()?),
                "nbf" => found.nbf = Some(value.integer()?),
                "scope" => found.scope = Some(value.string()?),
                "sid" => found.sid = Some(value.string()?),
                _ => value.skip()?,
            }
            Ok(())
        })?;
        reader.end()?;
        Ok(found)
    }

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

fn audiences<'a>(value: &mut Reader<'a>) -> Result<Audiences<'a>, JsonError> {
    let not_empty = |name: Cow<'a, str>| if name.is_empty() { Err(JsonError::WrongType) } else { Ok(name) };
    if !value.at_array() {
        return value.string().and_then(not_empty).map(Audiences::One);
    }
    let mut names = Vec::new();
    value.array(|name| {
        if names.len() == MAX_AUDIENCES {
            return Err(JsonError::WrongType);
        }
        names.push(not_empty(name.string()?)?);
        Ok(())
    })?;
    if names.is_empty() { Err(JsonError::WrongType) } else { Ok(Audiences::Many(names)) }
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
    fn depth_and_numbers_are_bounded() {
        let nested = |n: usize| format!(r#""x":{}{}"#, "[".repeat(n), "]".repeat(n));
        for (good, bad) in [(nested(15), nested(16)), (r#""x":1.5"#.to_owned(), r#""x":1e300"#.to_owned())] {
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
