//! Our own access tokens, presented to us.

use tessera_jose::jws::Unverified;
use tessera_model::policy::{CLOCK_LEEWAY_SECONDS, MAX_ACCESS_TOKEN_SECONDS};
use tessera_model::{GrantId, KeyPurpose};
use tessera_oauth::claims::{ACCESS_TOKEN_TYP, JWT_TYP};
use tessera_oauth::payload::AccessTokenPayload;
use tessera_oauth::scope::ScopeSet;

use crate::Cx;
use crate::keys::KeyRing;

/// What an access token of ours says.
pub(crate) struct AccessToken {
    pub(crate) sub: String,
    pub(crate) client_id: String,
    pub(crate) jti: String,
    pub(crate) iat: i64,
    pub(crate) exp: i64,
    pub(crate) scope: ScopeSet,
    /// Whether it is for the issuer's own endpoints too.
    pub(crate) for_issuer: bool,
}

impl AccessToken {
    /// The grant that an access token of a person came from.
    pub(crate) fn grant(&self) -> Option<GrantId> {
        self.jti.split_once('.')?.0.parse().ok()
    }
}

/// An access token that we issued and that has not expired. Whether it was taken back is not looked at here.
///
/// Both types that an API may ask for are ours: only keys for access tokens sign them, which an ID token never is.
pub(super) fn read(cx: &Cx, keys: &KeyRing, token: &str) -> Option<AccessToken> {
    let unverified = Unverified::parse(token).ok()?;
    if !unverified.has_typ(ACCESS_TOKEN_TYP) && !unverified.has_typ(JWT_TYP) {
        return None;
    }
    let (purpose, key) = keys.verifying(unverified.kid()?)?;
    let KeyPurpose::Access(_) = purpose else { return None };
    let payload = AccessTokenPayload::parse(unverified.verify(key).ok()?).ok()?;
    payload.times.check_lifetime(MAX_ACCESS_TOKEN_SECONDS.into()).ok()?;
    payload.times.check(cx.now.seconds(), CLOCK_LEEWAY_SECONDS).ok()?;
    let issuer = &cx.app.config.issuer;
    let for_issuer = payload.aud.contains(issuer);
    (*payload.iss == **issuer).then_some(AccessToken {
        sub: payload.sub.into_owned(),
        client_id: payload.client_id.into_owned(),
        jti: payload.jti.into_owned(),
        iat: payload.times.iat,
        exp: payload.times.exp,
        scope: payload.scope.parse().ok()?,
        for_issuer,
    })
}
