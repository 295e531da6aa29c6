//! Our ID tokens as `id_token_hint` (OIDC core section 3.1.2.1, RP-Initiated Logout 1.0 section 2).

use std::borrow::Cow;

use tessera_jose::jws::Unverified;
use tessera_model::KeyPurpose;
use tessera_model::policy::{CLOCK_LEEWAY_SECONDS, MAX_ID_TOKEN_SECONDS};
use tessera_oauth::claims::ID_TOKEN_TYP;
use tessera_oauth::payload::IdTokenPayload;

use crate::Cx;

/// The claims of a hint.
pub(super) struct Hint {
    /// The person.
    pub(super) sub: String,
    /// The client.
    pub(super) client_id: String,
    /// What the client calls the session.
    pub(super) sid: Option<String>,
}

/// Reads an ID token that this issuer signed. It may have expired. Every other check applies.
pub(super) fn read(cx: &Cx, token: &str) -> Option<Hint> {
    let unverified = Unverified::parse(token).ok()?;
    if !unverified.has_typ(ID_TOKEN_TYP) {
        return None;
    }
    let catalog = cx.app.catalog.load();
    let (purpose, key) = catalog.keys.verifying(unverified.kid()?)?;
    let KeyPurpose::IdToken(_) = purpose else { return None };
    let payload = IdTokenPayload::parse(unverified.verify(key).ok()?).ok()?;
    payload.times.check_lifetime(MAX_ID_TOKEN_SECONDS.into()).ok()?;
    payload.times.check_begun(cx.now.seconds(), CLOCK_LEEWAY_SECONDS).ok()?;
    let client_id = payload.aud.as_slice().first()?.clone().into_owned();
    let sid = payload.sid.map(Cow::into_owned);
    (*payload.iss == *cx.app.config.issuer).then_some(Hint { sub: payload.sub.into_owned(), client_id, sid })
}

/// The person that a hint is about.
pub(super) fn subject(cx: &Cx, token: &str) -> Option<String> {
    read(cx, token).map(|claims| claims.sub)
}
