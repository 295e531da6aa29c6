//! Our own access tokens, presented to us: read, and whether they count now.

use std::borrow::Cow;

use tessera_jose::jws::Unverified;
use tessera_model::policy::{CLOCK_LEEWAY_SECONDS, MAX_ACCESS_TOKEN_SECONDS};
use tessera_model::{GrantId, GrantStage, Holder, KeyPurpose, RevocableToken, Timestamp, User};
use tessera_oauth::claims::{ACCESS_TOKEN_TYP, JWT_TYP};
use tessera_oauth::payload::{AccessTokenPayload, KnownRules};
use tessera_oauth::scope::ScopeSet;
use tessera_store::{StoreError, Tx};

use crate::keys::KeyRing;
use crate::rules::id_digest;
use crate::{Cx, catalog};

/// What an access token of ours says.
pub(super) struct AccessToken {
    pub(super) sub: String,
    pub(super) client_id: String,
    pub(super) jti: String,
    pub(super) holder: TokenHolder,
    pub(super) iat: i64,
    pub(super) exp: i64,
    /// The session, unless the grant is offline.
    pub(super) sid: Option<String>,
    pub(super) known_rules: KnownRules,
    pub(super) scope: ScopeSet,
    /// Whether it is for the issuer's own endpoints too.
    pub(super) for_issuer: bool,
}

impl AccessToken {
    /// By what rules may name it.
    fn revocable(&self) -> RevocableToken {
        RevocableToken {
            token: id_digest(&self.jti),
            grant: match self.holder {
                TokenHolder::Person { grant } => Some(id_digest(&grant.to_string())),
                TokenHolder::Machine => None,
            },
            session: self.sid.as_deref().map(id_digest),
            subject: id_digest(&self.sub),
            client: id_digest(&self.client_id),
            issued_at: Timestamp::from_seconds(self.iat),
            known_subject_rule: self.known_rules.subject,
            known_client_rule: self.known_rules.client,
        }
    }
}

/// For whom an access token was issued. Its `jti` says that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenHolder {
    /// A person, by this grant.
    Person { grant: GrantId },
    /// The client itself.
    Machine,
}

impl TokenHolder {
    /// The `jti` of a new token: the grant of a person, and something random that holds no dot.
    pub(super) fn jti(self, random: &str) -> String {
        match self {
            Self::Person { grant } => format!("{grant}.{random}"),
            Self::Machine => random.to_owned(),
        }
    }

    /// `None` for a `jti` that we never issue.
    fn of_jti(jti: &str) -> Option<Self> {
        match jti.split_once('.') {
            Some((grant, _)) => Some(Self::Person { grant: grant.parse().ok()? }),
            None => Some(Self::Machine),
        }
    }
}

/// Whom a token that counts speaks for.
pub(super) enum LiveHolder {
    Person(Box<User>),
    Machine,
}

/// Whether a token that was [`read`] counts now, and for whom: no rule takes it back and its client is active. For a person's token,
/// the person, the grant and its session must be active too.
pub(super) async fn check_live(cx: &Cx, token: &AccessToken) -> Result<Option<LiveHolder>, StoreError> {
    let Ok(client) = token.client_id.parse() else { return Ok(None) };
    if !catalog::client(cx, &client).await.is_some_and(|client| client.is_active()) {
        return Ok(None);
    }
    cx.app
        .store
        .read(|tx| async move {
            // What every verifier is told counts here too, also after a locked person was unlocked (invariant I4).
            if tx.revocations().is_revoked(&token.revocable()).await? {
                return Ok(None);
            }
            match token.holder {
                TokenHolder::Machine => Ok(Some(LiveHolder::Machine)),
                TokenHolder::Person { grant } => Ok(live_person(cx, &tx, token, grant)
                    .await?
                    .map(|user| LiveHolder::Person(Box::new(user)))),
            }
        })
        .await
}

async fn live_person(
    cx: &Cx,
    tx: &Tx,
    token: &AccessToken,
    grant: GrantId,
) -> Result<Option<User>, StoreError> {
    let Some(grant) = tx.grants().find(grant).await? else { return Ok(None) };
    if !matches!(grant.stage, GrantStage::Active(_)) || cx.now >= grant.expires_at {
        return Ok(None);
    }
    let user_id = match &grant.holder {
        Holder::Session { user_id, session_id, .. } => {
            // The token expires no later than the session, so only an early end has to be looked for.
            let session = tx.sessions().find(*session_id).await?;
            if session.is_none_or(|session| session.ended_at.is_some()) {
                return Ok(None);
            }
            user_id
        }
        Holder::Offline { user_id, .. } => user_id,
        Holder::Machine => return Ok(None),
    };
    let user = tx.users().find(*user_id).await?;
    Ok(user.filter(|user| {
        let has_grant = grant.is_of_generation(user.security_version);
        has_grant && user.status.is_active() && user.id.to_string() == token.sub
    }))
}

/// An access token that we issued and that has not expired. [`check_live`] says whether it counts.
///
/// Both types that an API may ask for are ours. An ID token is none of them: only keys for access tokens are tried.
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
        holder: TokenHolder::of_jti(&payload.jti)?,
        jti: payload.jti.into_owned(),
        iat: payload.times.iat,
        exp: payload.times.exp,
        sid: payload.sid.map(Cow::into_owned),
        known_rules: payload.known_rules,
        scope: payload.scope.parse().ok()?,
        for_issuer,
    })
}
