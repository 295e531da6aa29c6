//! The one reader of the claims of a token that somebody presents: access tokens (RFC 9068 section 2.2) and ID tokens (OIDC core
//! section 2). Verifier, `/userinfo`, `/revoke` and `id_token_hint` all read through it.
//!
//! It reads in one pass, with one reading only (see [`tessera_jose::json`]): every claim that must be there is, and every claim it
//! knows is of its type. It may run before the signature is checked: its work is bounded by the 8 KiB of a token. Strings are
//! borrowed from the payload. Who may have issued the token, for whom, and what it allows is for the caller to judge.

use std::borrow::Cow;

use tessera_jose::json::{JsonError, Reader};

use crate::claims::MAX_AUDIENCES;
use crate::scope::{MAX_SCOPES, Scope};

/// Longest `sub`, `client_id`, `jti` and `sid`, in bytes (OIDC core section 2 allows 255).
const MAX_ID_LEN: usize = 255;

/// Why the claims of a token are not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// Not JSON with one reading, a claim of another type, or an end before the beginning.
    #[error("the claims are malformed")]
    Malformed,
    /// A required claim is missing or empty.
    #[error("the claim {0} is missing")]
    MissingClaim(&'static str),
    /// `cnf` is there: only who holds a key may use the token (RFC 7800), and nobody here checks that.
    #[error("the token is bound to a key")]
    BindingUnsupported,
    /// `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// `nbf` or `iat` lies in the future.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// `exp` is further from `iat` than allowed.
    #[error("the token lives too long")]
    LifetimeTooLong,
}

/// The claims of an access token.
#[derive(Debug)]
pub struct AccessTokenPayload<'a> {
    /// The issuer: compare it.
    pub iss: Cow<'a, str>,
    /// The person, or the client itself; 1 to 255 bytes.
    pub sub: Cow<'a, str>,
    /// The APIs it is for.
    pub aud: Audiences<'a>,
    /// To whom it was issued; 1 to 255 bytes.
    pub client_id: Cow<'a, str>,
    /// Its name; 1 to 255 bytes.
    pub jti: Cow<'a, str>,
    /// From when to when it counts.
    pub times: Times,
    /// Legal words one space apart; empty without scope.
    pub scope: Cow<'a, str>,
    /// The login session it came from.
    pub sid: Option<Cow<'a, str>>,
}

/// The claims of an ID token, as far as somebody looks at them when it comes back.
#[derive(Debug)]
pub struct IdTokenPayload<'a> {
    /// The issuer: compare it.
    pub iss: Cow<'a, str>,
    /// The person; 1 to 255 bytes.
    pub sub: Cow<'a, str>,
    /// The client.
    pub aud: Audiences<'a>,
    /// From when to when it counts.
    pub times: Times,
    /// The login session it came from.
    pub sid: Option<Cow<'a, str>>,
}

/// `aud`: one, or a list of 1 to [`MAX_AUDIENCES`]; none of them empty.
#[derive(Debug)]
pub enum Audiences<'a> {
    /// Written as a string.
    One(Cow<'a, str>),
    /// Written as a list.
    Many(Vec<Cow<'a, str>>),
}

impl<'a> Audiences<'a> {
    /// Whether exactly this audience is named, byte for byte.
    #[inline]
    pub fn contains(&self, audience: &str) -> bool {
        self.as_slice().iter().any(|name| name == audience)
    }

    /// The audiences in order.
    #[inline]
    pub const fn as_slice(&self) -> &[Cow<'a, str>] {
        match self {
            Self::One(only) => std::slice::from_ref(only),
            Self::Many(many) => many.as_slice(),
        }
    }
}

/// `iat`, `exp` and `nbf`, in seconds since 1970. Every check takes the time and how far clocks may be apart (policy P6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// When it was issued.
    pub iat: i64,
    /// When it ends.
    pub exp: i64,
    /// Before when it does not count, if it says so.
    pub nbf: Option<i64>,
}

impl Times {
    /// That the token counts at `now`.
    ///
    /// # Errors
    /// `Expired`, `NotYetValid`, `Malformed`.
    #[inline]
    pub const fn check(self, now: i64, leeway: i64) -> Result<(), PayloadError> {
        if now.saturating_sub(leeway) > self.exp {
            return Err(PayloadError::Expired);
        }
        self.check_begun(now, leeway)
    }

    /// That the token counts at `now` or did before: all that is asked of a hint.
    ///
    /// # Errors
    /// `NotYetValid`; `Malformed` if it ends before it begins.
    #[inline]
    pub const fn check_begun(self, now: i64, leeway: i64) -> Result<(), PayloadError> {
        let latest = now.saturating_add(leeway);
        let not_before = match self.nbf {
            Some(nbf) if nbf > self.iat => nbf,
            Some(_) | None => self.iat,
        };
        if not_before > latest {
            return Err(PayloadError::NotYetValid);
        }
        if self.exp < self.iat { Err(PayloadError::Malformed) } else { Ok(()) }
    }

    /// That the token lives no longer than `longest` seconds.
    ///
    /// # Errors
    /// `LifetimeTooLong`.
    #[inline]
    pub const fn check_lifetime(self, longest: i64) -> Result<(), PayloadError> {
        if self.exp.saturating_sub(self.iat) > longest { Err(PayloadError::LifetimeTooLong) } else { Ok(()) }
    }
}

impl<'a> AccessTokenPayload<'a> {
    /// Reads the claims of an access token.
    ///
    /// # Errors
    /// `Malformed`, `MissingClaim`, `BindingUnsupported`.
    pub fn parse(json: &'a str) -> Result<Self, PayloadError> {
        let found = Found::read(json)?;
        let missing = PayloadError::MissingClaim;
        let scope = found.scope.unwrap_or_default();
        let sid = found.sid.map(|sid| id(Some(sid), "sid")).transpose()?;
        if !is_scope_list(&scope) {
            return Err(PayloadError::Malformed);
        }
        Ok(Self {
            iss: found.iss.ok_or(missing("iss"))?,
            sub: id(found.sub, "sub")?,
            aud: found.aud.ok_or(missing("aud"))?,
            client_id: id(found.client_id, "client_id")?,
            jti: id(found.jti, "jti")?,
            times: times(found.iat, found.exp, found.nbf)?,
            scope,
            sid,
        })
    }
}

impl<'a> IdTokenPayload<'a> {
    /// Reads the claims of an ID token.
    ///
    /// # Errors
    /// `Malformed`, `MissingClaim`, `BindingUnsupported`.
    pub fn parse(json: &'a str) -> Result<Self, PayloadError> {
        let found = Found::read(json)?;
        let missing = PayloadError::MissingClaim;
        Ok(Self {
            iss: found.iss.ok_or(missing("iss"))?,
            sub: id(found.sub, "sub")?,
            aud: found.aud.ok_or(missing("aud"))?,
            times: times(found.iat, found.exp, found.nbf)?,
            sid: found.sid.map(|sid| id(Some(sid), "sid")).transpose()?,
        })
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
    bound: bool,
}

impl<'a> Found<'a> {
    fn read(json: &'a str) -> Result<Self, PayloadError> {
        let found = Self::members(json).map_err(|_| PayloadError::Malformed)?;
        if found.bound { Err(PayloadError::BindingUnsupported) } else { Ok(found) }
    }

    fn members(json: &'a str) -> Result<Self, JsonError> {
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
                // Kept by nobody, and of their types all the same.
                "auth_time" => drop(value.integer()?),
                "acr" | "azp" | "nonce" | "at_hash" => drop(value.string()?),
                "amr" => value.array(|method| method.string().map(drop))?,
                // Whatever it says: what is not understood must not be passed over (RFC 7800 section 3.1).
                "cnf" => {
                    found.bound = true;
                    value.skip()?;
                }
                _ => value.skip()?,
            }
            Ok(())
        })?;
        reader.end()?;
        Ok(found)
    }
}

fn times(iat: Option<i64>, exp: Option<i64>, nbf: Option<i64>) -> Result<Times, PayloadError> {
    let missing = PayloadError::MissingClaim;
    Ok(Times { iat: iat.ok_or(missing("iat"))?, exp: exp.ok_or(missing("exp"))?, nbf })
}

fn id<'a>(value: Option<Cow<'a, str>>, name: &'static str) -> Result<Cow<'a, str>, PayloadError> {
    match value {
        Some(id) if id.len() > MAX_ID_LEN => Err(PayloadError::Malformed),
        Some(id) if !id.is_empty() => Ok(id),
        Some(_) | None => Err(PayloadError::MissingClaim(name)),
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
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    const GOOD: &str = r#"{"iss":"i","sub":"s","aud":"a","client_id":"c","jti":"j","iat":1,"exp":2,"scope":"x y","sid":"z"}"#;

    fn with(member: &str) -> String {
        GOOD.replacen('{', &format!("{{{member},"), 1)
    }

    fn changed(name: &str, value: Value) -> String {
        let mut claims: Value = serde_json::from_str(GOOD).unwrap();
        claims[name] = value;
        claims.to_string()
    }

    /// What both kinds of token say to it; they agree on whatever both have.
    fn refusals(json: &str) -> [Option<PayloadError>; 2] {
        [AccessTokenPayload::parse(json).err(), IdTokenPayload::parse(json).err()]
    }

    #[test]
    fn claims_are_borrowed_and_escapes_are_read() {
        let payload = AccessTokenPayload::parse(GOOD).unwrap();
        assert!(matches!(payload.sub, Cow::Borrowed("s")));
        assert!(matches!(payload.aud, Audiences::One(Cow::Borrowed("a"))));
        let escaped = GOOD.replace(r#""sub":"s""#, r#""s\u0075b":"\u0073\n""#);
        assert_eq!(AccessTokenPayload::parse(&escaped).unwrap().sub, "s\n");
        assert_eq!(IdTokenPayload::parse(&escaped).unwrap().sub, "s\n");
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
            ("aud", json!([])),
            ("aud", json!([["a"]])),
            ("exp", json!("2")),
            ("iat", json!("1")),
            ("nbf", json!("1")),
            ("sub", json!("s".repeat(256))),
        ] {
            let json = changed(name, wrong);
            assert_eq!(AccessTokenPayload::parse(&json).err(), Some(PayloadError::Malformed), "{json}");
        }
        for (name, right) in [("auth_time", json!(1)), ("amr", json!(["pwd"])), ("nonce", json!("n"))] {
            assert_eq!(refusals(&changed(name, right)), [None; 2], "{name}");
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
        for cnf in
            [json!({"jkt": "x"}), json!({"x5t#S256": "x"}), json!({}), json!(null), json!("x"), json!([1])]
        {
            assert_eq!(
                refusals(&changed("cnf", cnf.clone())),
                [Some(PayloadError::BindingUnsupported); 2],
                "{cnf}"
            );
        }
    }

    #[test]
    fn j24_times_are_judged_to_the_second() {
        let times = |iat, exp, nbf| Times { iat, exp, nbf };
        let table = [
            (times(100, 700, None), Ok(()), Ok(())),
            (times(110, 700, Some(110)), Ok(()), Ok(())),
            (times(111, 700, None), Err(PayloadError::NotYetValid), Err(PayloadError::NotYetValid)),
            (times(0, 700, Some(111)), Err(PayloadError::NotYetValid), Err(PayloadError::NotYetValid)),
            (times(0, 90, None), Ok(()), Ok(())),
            (times(0, 89, None), Err(PayloadError::Expired), Ok(())),
            (times(0, i64::MIN, None), Err(PayloadError::Expired), Err(PayloadError::Malformed)),
            (times(95, 94, None), Err(PayloadError::Malformed), Err(PayloadError::Malformed)),
            (times(i64::MIN, i64::MAX, Some(i64::MIN)), Ok(()), Ok(())),
        ];
        for (times, now, ever) in table {
            assert_eq!((times.check(100, 10), times.check_begun(100, 10)), (now, ever), "{times:?}");
        }
        assert_eq!(times(0, 600, None).check_lifetime(600), Ok(()));
        for (iat, exp) in [(0, 601), (i64::MIN, i64::MAX), (-1, 600)] {
            assert_eq!(
                times(iat, exp, None).check_lifetime(600),
                Err(PayloadError::LifetimeTooLong),
                "{iat} {exp}"
            );
        }
    }

    proptest! {
        /// Whoever reads with a reader of maps sees the same, or the token is refused.
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
            let read = AccessTokenPayload::parse(&text).unwrap();
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

        #[test]
        fn no_time_overflows(iat in any::<i64>(), exp in any::<i64>(), nbf in any::<Option<i64>>(), now in any::<i64>()) {
            let times = Times { iat, exp, nbf };
            prop_assert!(times.check(now, 10).is_err() || times.check_begun(now, 10).is_ok());
            let _ = times.check_lifetime(86_400);
        }
    }
}
