//! The claims of a verified access token (RFC 9068 section 2.2).

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use serde_json::Value;
use tessera_jose::json;
use tessera_oauth::scope::ScopeSet;

use crate::error::VerifyError;
use crate::payload::{Audiences, Payload, Times};
use crate::revocation::Digests;

/// The claims of a token that passed every check. Cheap to clone; there is no other way to get one than
/// [`Verifier::verify`](crate::Verifier::verify).
#[derive(Clone)]
pub struct Claims(Arc<Inner>);

struct Inner {
    /// The token, its payload as signed, then the values that are written with escapes in it: one piece of memory.
    text: Box<str>,
    token: Range<usize>,
    json: Range<usize>,
    iss: Range<usize>,
    sub: Range<usize>,
    client_id: Range<usize>,
    jti: Range<usize>,
    scope: Range<usize>,
    sid: Option<Range<usize>>,
    aud: Places,
    times: Times,
    scopes: OnceLock<ScopeSet>,
    digests: OnceLock<Box<Digests>>,
}

impl Claims {
    /// For the verifier alone: `payload` was read from `json`, the payload of `token`, which a key vouched for.
    pub(crate) fn new(payload: &Payload<'_>, json: &str, token: &str) -> Self {
        let mut text = String::with_capacity(token.len() + json.len());
        text.extend([token, json]);
        let mut place = |value: &str| place(value, json, token.len(), &mut text);
        let (iss, sub, client_id) = (place(&payload.iss), place(&payload.sub), place(&payload.client_id));
        let (jti, scope, sid) =
            (place(&payload.jti), place(&payload.scope), payload.sid.as_deref().map(&mut place));
        let aud = match &payload.aud {
            Audiences::One(only) => Places::One(place(only)),
            Audiences::Many(many) => Places::Many(many.iter().map(|name| place(name)).collect()),
        };
        Self(Arc::new(Inner {
            text: text.into_boxed_str(),
            token: 0..token.len(),
            json: token.len()..token.len() + json.len(),
            iss,
            sub,
            client_id,
            jti,
            scope,
            sid,
            aud,
            times: payload.times,
            scopes: OnceLock::new(),
            digests: OnceLock::new(),
        }))
    }

    pub(crate) fn token(&self) -> &str {
        self.text(&self.0.token)
    }

    pub(crate) fn text_len(&self) -> usize {
        self.0.text.len()
    }

    pub(crate) fn times(&self) -> Times {
        self.0.times
    }

    /// The hashes that revocation rules name, computed when the first rule asks.
    pub(crate) fn digests(&self) -> &Digests {
        self.0.digests.get_or_init(|| Box::new(Digests::of(self)))
    }

    fn text(&self, range: &Range<usize>) -> &str {
        &self.0.text[range.clone()]
    }

    /// `iss`.
    pub fn issuer(&self) -> &str {
        self.text(&self.0.iss)
    }

    /// `sub`: the person, or the client itself where no person is involved. Unique within the issuer.
    pub fn subject(&self) -> &str {
        self.text(&self.0.sub)
    }

    /// `aud`: one or more, the verifier's among them.
    pub fn audiences(&self) -> impl Iterator<Item = &str> {
        let places = match &self.0.aud {
            Places::One(only) => std::slice::from_ref(only),
            Places::Many(many) => many,
        };
        places.iter().map(|place| self.text(place))
    }

    /// `client_id`: to whom the token was issued.
    pub fn client_id(&self) -> &str {
        self.text(&self.0.client_id)
    }

    /// `jti`: names the token.
    pub fn jti(&self) -> &str {
        self.text(&self.0.jti)
    }

    /// `iat`, in seconds since 1970.
    pub fn issued_at(&self) -> i64 {
        self.0.times.iat
    }

    /// `exp`, in seconds since 1970.
    pub fn expires_at(&self) -> i64 {
        self.0.times.exp
    }

    /// `scope`; empty if the token has none.
    pub fn scopes(&self) -> &ScopeSet {
        self.0.scopes.get_or_init(|| self.text(&self.0.scope).parse().unwrap_or_default())
    }

    /// Whether the token has this scope, compared byte for byte.
    pub fn has_scope(&self, scope: &str) -> bool {
        has_word(self.text(&self.0.scope), scope)
    }

    /// The claims, if the token has every one of these scopes.
    ///
    /// # Errors
    /// [`VerifyError::InsufficientScope`] with all of `scopes`: 403.
    pub fn require_scopes(&self, scopes: &ScopeSet) -> Result<&Self, VerifyError> {
        if scopes.iter().all(|scope| self.has_scope(scope.as_str())) {
            Ok(self)
        } else {
            Err(VerifyError::InsufficientScope(scopes.clone()))
        }
    }

    /// `sid`: the login session the token came from.
    pub fn session(&self) -> Option<&str> {
        self.0.sid.as_ref().map(|sid| self.text(sid))
    }

    /// The payload as signed: one JSON object.
    pub fn raw_json(&self) -> &str {
        self.text(&self.0.json)
    }

    /// Any claim by name, for example `acr`, `auth_time` or one of your own. Parses the payload again.
    pub fn claim(&self, name: &str) -> Option<Value> {
        json::object(self.raw_json().as_bytes()).ok()?.remove(name)
    }
}

/// Where the audiences stand.
enum Places {
    One(Range<usize>),
    Many(Box<[Range<usize>]>),
}

/// Where `value` stands in `text`, which holds `json` from `start` on; a value that is not a piece of `json` is added at the end.
fn place(value: &str, json: &str, start: usize, text: &mut String) -> Range<usize> {
    let at = (value.as_ptr() as usize).wrapping_sub(json.as_ptr() as usize);
    let range = at..at.wrapping_add(value.len());
    if json.get(range.clone()) == Some(value) {
        return start + range.start..start + range.end;
    }
    let at = text.len();
    text.push_str(value);
    at..text.len()
}

/// Whether `word` is one of the words of `list`; the empty word never is.
pub(crate) fn has_word(list: &str, word: &str) -> bool {
    !word.is_empty() && list.split(' ').any(|other| other == word)
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claims")
            .field("sub", &self.subject())
            .field("client_id", &self.client_id())
            .field("jti", &self.jti())
            .finish_non_exhaustive()
    }
}
