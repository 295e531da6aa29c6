//! The claims of a verified access token (RFC 9068 section 2.2).

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde_json::Value;
use tessera_jose::{base64url, json};
use tessera_oauth::payload::{AccessTokenPayload, Audiences, KnownRules, Times};
use tessera_oauth::scope::ScopeSet;

use crate::error::VerifyError;
use crate::revocation::{Digests, RuleKind};

/// The claims of a token that passed every check. Cheap to clone. Only [`Verifier::verify`](crate::Verifier::verify) makes one.
#[derive(Clone)]
pub struct Claims(Arc<Inner>);

struct Inner {
    /// The token, then the values of its claims, in one allocation.
    text: Box<str>,
    token: Span,
    iss: Span,
    sub: Span,
    client_id: Span,
    jti: Span,
    scope: Span,
    sid: Option<Span>,
    kid: Span,
    known_rules: KnownRules,
    aud: Spans,
    times: Times,
    json: OnceLock<Box<str>>,
    scopes: OnceLock<ScopeSet>,
    digests: OnceLock<Box<Digests>>,
}

/// A range of the text. A token and its claims have less than 16 KiB.
#[derive(Clone, Copy)]
struct Span {
    start: u16,
    end: u16,
}

/// The ranges of the audiences.
enum Spans {
    One(Span),
    Many(Box<[Span]>),
}

impl Claims {
    /// Only for the verifier. `payload` is the payload of `token`, and the key `kid` has verified `token`.
    pub(crate) fn new(payload: &AccessTokenPayload<'_>, token: &str, kid: &str) -> Self {
        let mut text = String::with_capacity(token.len() + text_len(payload) + kid.len());
        let mut add = |value: &str| {
            let start = offset(text.len());
            text.push_str(value);
            Span { start, end: offset(text.len()) }
        };
        let mut inner = Inner {
            token: add(token),
            iss: add(&payload.iss),
            sub: add(&payload.sub),
            client_id: add(&payload.client_id),
            jti: add(&payload.jti),
            scope: add(&payload.scope),
            sid: payload.sid.as_deref().map(&mut add),
            kid: add(kid),
            known_rules: payload.known_rules,
            aud: match &payload.aud {
                Audiences::One(only) => Spans::One(add(only)),
                Audiences::Many(many) => Spans::Many(many.iter().map(|name| add(name)).collect()),
            },
            times: payload.times,
            text: Box::default(),
            json: OnceLock::new(),
            scopes: OnceLock::new(),
            digests: OnceLock::new(),
        };
        inner.text = text.into_boxed_str();
        Self(Arc::new(inner))
    }

    pub(crate) fn token(&self) -> &str {
        self.text(self.0.token)
    }

    /// Most bytes of text that this may hold in the end. The payload is decoded when somebody asks for it.
    pub(crate) fn max_text_len(&self) -> usize {
        self.0.text.len() + self.token().len()
    }

    pub(crate) fn times(&self) -> Times {
        self.0.times
    }

    /// The hashes that revocation rules name. Computed when there is a first rule.
    pub(crate) fn digests(&self) -> &Digests {
        self.0.digests.get_or_init(|| Box::new(Digests::of(self.names())))
    }

    /// What each kind of rule calls the token.
    fn names(&self) -> impl Iterator<Item = (RuleKind, &str)> {
        let grant = self.jti().split_once('.').map(|(grant, _)| (RuleKind::Grant, grant));
        let session = self.session().map(|session| (RuleKind::Session, session));
        let always = [
            (RuleKind::Token, self.jti()),
            (RuleKind::Subject, self.subject()),
            (RuleKind::Client, self.client_id()),
            (RuleKind::Key, self.key_id()),
        ];
        let audiences = self.audiences().map(|audience| (RuleKind::Audience, audience));
        always.into_iter().chain(grant).chain(session).chain(audiences)
    }

    /// The revocation rules that do not mean this token.
    pub(crate) fn known_rules(&self) -> KnownRules {
        self.0.known_rules
    }

    fn text(&self, span: Span) -> &str {
        &self.0.text[usize::from(span.start)..usize::from(span.end)]
    }

    /// `iss`.
    pub fn issuer(&self) -> &str {
        self.text(self.0.iss)
    }

    /// `sub`: the person, or the client itself where no person is involved. Unique within the issuer.
    pub fn subject(&self) -> &str {
        self.text(self.0.sub)
    }

    /// `aud`: one or more audiences. One of them is the verifier's.
    pub fn audiences(&self) -> impl Iterator<Item = &str> {
        let spans = match &self.0.aud {
            Spans::One(only) => std::slice::from_ref(only),
            Spans::Many(many) => many,
        };
        spans.iter().map(|span| self.text(*span))
    }

    /// `client_id`: the client that the token was issued to.
    pub fn client_id(&self) -> &str {
        self.text(self.0.client_id)
    }

    /// `jti`: the name of the token.
    pub fn jti(&self) -> &str {
        self.text(self.0.jti)
    }

    /// `iat`, in seconds since 1970.
    pub fn issued_at(&self) -> i64 {
        self.0.times.iat
    }

    /// `exp`, in seconds since 1970.
    pub fn expires_at(&self) -> i64 {
        self.0.times.exp
    }

    /// `scope`. Empty if the token has none.
    pub fn scopes(&self) -> &ScopeSet {
        self.0.scopes.get_or_init(|| self.text(self.0.scope).parse().unwrap_or_default())
    }

    /// Whether the token has this scope, compared byte for byte.
    pub fn has_scope(&self, scope: &str) -> bool {
        has_word(self.text(self.0.scope), scope)
    }

    /// Checks that the token has every one of these scopes, and returns the claims.
    ///
    /// # Errors
    /// [`VerifyError::InsufficientScope`] with all of `scopes`. Answer with 403.
    pub fn require_scopes(&self, scopes: &ScopeSet) -> Result<&Self, VerifyError> {
        if scopes.iter().all(|scope| self.has_scope(scope.as_str())) {
            Ok(self)
        } else {
            Err(VerifyError::InsufficientScope(scopes.clone()))
        }
    }

    /// `sid`: the login session that the token came from.
    pub fn session(&self) -> Option<&str> {
        self.0.sid.map(|sid| self.text(sid))
    }

    /// `kid` of the header: the key that signed the token.
    pub fn key_id(&self) -> &str {
        self.text(self.0.kid)
    }

    /// The payload as signed: one JSON object. Decoded at the first call.
    pub fn raw_json(&self) -> &str {
        self.0.json.get_or_init(|| payload_of(self.token()).unwrap_or_default().into_boxed_str())
    }

    /// Any claim by name, for example `acr`, `auth_time` or one of your own. Each call parses the payload again.
    pub fn claim(&self, name: &str) -> Option<Value> {
        json::object(self.raw_json().as_bytes()).ok()?.remove(name)
    }
}

/// The length of all texts together, in bytes.
fn text_len(payload: &AccessTokenPayload<'_>) -> usize {
    let texts = [&payload.iss, &payload.sub, &payload.client_id, &payload.jti, &payload.scope];
    texts.into_iter().chain(&payload.sid).chain(payload.aud.as_slice()).map(|text| text.len()).sum()
}

/// The payload of a token that has been parsed before.
fn payload_of(token: &str) -> Option<String> {
    let payload = base64url::decode(token.split('.').nth(1)?).ok()?;
    String::from_utf8(payload).ok()
}

/// All texts together are much shorter than 64 KiB. A longer text would be cut off and never mixed up with another.
fn offset(len: usize) -> u16 {
    u16::try_from(len).unwrap_or(u16::MAX)
}

/// Whether `word` is one of the words of `list`. The empty word never is.
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
