//! A grant is one row: what one client may do and for whom, from the code to the last refresh.

use std::net::IpAddr;
use std::time::Duration;

use tessera_oauth::scope::ScopeSet;

use crate::{
    AuthenticationContext, ClientId, GrantId, Refresh, SecurityVersion, SessionId, Timestamp, UserId,
};

/// An authorization and the stage it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Part of the `jti` of its access tokens, and of its codes and refresh tokens.
    pub id: GrantId,
    /// To whom.
    pub client_id: ClientId,
    /// For whom the client acts.
    pub holder: Holder,
    /// What was granted; a refresh may narrow a token but never this.
    pub scope: ScopeSet,
    /// Audiences of the APIs it is good for.
    pub audiences: Vec<String>,
    /// `nonce` of the authorization request, for the ID token.
    pub nonce: Option<String>,
    /// Where it stands.
    pub stage: GrantStage,
    /// The address that last redeemed its code or rotated its refresh token. The alarm of a replay names it.
    pub last_used_ip: Option<IpAddr>,
    /// When it was granted.
    pub created_at: Timestamp,
    /// When it ends in any case; never extended.
    pub expires_at: Timestamp,
    /// The generation of the person's credentials when it was granted. `None` without a person, and in grants that servers before
    /// version 7 of the database made.
    pub security_version: Option<SecurityVersion>,
}

impl Grant {
    /// Whether the person's credentials are still those of the grant.
    pub fn is_of_generation(&self, current: SecurityVersion) -> bool {
        self.security_version.is_none_or(|version| version == current)
    }

    /// When a refresh token that is issued at `now` dies unused. Only an offline grant idles.
    pub fn idle_limit(&self, now: Timestamp, idle: Duration) -> Timestamp {
        if self.holder.is_offline() { now.after(idle) } else { self.expires_at }
    }
}

/// For whom a client acts with a grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A person. The grant ends with their session.
    Session {
        /// Who.
        user_id: UserId,
        /// The session that it came from.
        session_id: SessionId,
        /// How the person had proven themselves.
        authentication: AuthenticationContext,
    },
    /// A person, also while they are away: `offline_access` was granted (OIDC core section 11). Once its code was exchanged, the
    /// grant outlives its session.
    Offline {
        /// Who.
        user_id: UserId,
        /// The session that it came from, if there was one.
        session_id: Option<SessionId>,
        /// How the person had proven themselves.
        authentication: AuthenticationContext,
    },
    /// The client itself.
    Machine,
}

impl Holder {
    /// The person, if there is one.
    pub const fn user_id(&self) -> Option<UserId> {
        match self {
            Self::Session { user_id, .. } | Self::Offline { user_id, .. } => Some(*user_id),
            Self::Machine => None,
        }
    }

    /// The session that it came from, if there was one.
    pub const fn session_id(&self) -> Option<SessionId> {
        match self {
            Self::Session { session_id, .. } => Some(*session_id),
            Self::Offline { session_id, .. } => *session_id,
            Self::Machine => None,
        }
    }

    /// How the person had proven themselves, if there is one.
    pub const fn authentication(&self) -> Option<&AuthenticationContext> {
        match self {
            Self::Session { authentication, .. } | Self::Offline { authentication, .. } => {
                Some(authentication)
            }
            Self::Machine => None,
        }
    }

    /// Whether the grant lasts while the person is away.
    pub const fn is_offline(&self) -> bool {
        matches!(self, Self::Offline { .. })
    }
}

/// The life of a grant. It only ever moves down this list (invariant I4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GrantStage {
    /// The code is out and waits to be exchanged.
    Code(PendingCode),
    /// The code was exchanged; `None` where the client gets no refresh tokens.
    Active(Option<Refresh>),
    /// Over.
    Revoked {
        /// Since when.
        at: Timestamp,
        /// Why.
        reason: RevokeReason,
    },
}

/// What a code is bound to (policy P2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingCode {
    /// At most 60 s after the code was issued.
    pub expires_at: Timestamp,
    /// Exactly the `redirect_uri` of the authorization request.
    pub redirect_uri: String,
    /// S256 challenge (RFC 7636); `None` only for clients registered without PKCE.
    pub code_challenge: Option<String>,
    /// Failed exchanges so far; the third burns the code.
    pub failures: i64,
}

/// Most codes of one session and client that wait to be exchanged. A further one takes the place of the oldest.
pub const MAX_PENDING_CODES: usize = 16;

/// Failed exchanges after which a code is burnt.
pub const MAX_CODE_FAILURES: i64 = 3;

/// Why a grant ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokeReason {
    /// The client asked (RFC 7009).
    Client,
    /// A used code or refresh token came back.
    Replay,
    /// Its refresh tokens were used from two places again and again.
    Shadowed,
    /// The code was guessed at too often.
    CodeBurnt,
    /// The person logged out, or their session was ended. Only older versions wrote it: today the row of the session says so.
    SessionEnded,
    /// The account was closed. Only older versions wrote it: today the row of the person says so.
    UserDisabled,
    /// The client was turned off. Only older versions wrote it: today the row of the client says so.
    ClientDisabled,
    /// An administrator.
    Administrator,
}

impl RevokeReason {
    /// Every reason, for the store's tables and for tests.
    pub const ALL: [Self; 8] = [
        Self::Client,
        Self::Replay,
        Self::Shadowed,
        Self::CodeBurnt,
        Self::SessionEnded,
        Self::UserDisabled,
        Self::ClientDisabled,
        Self::Administrator,
    ];

    /// Stable code, as stored and audited.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Replay => "replay",
            Self::Shadowed => "shadowed",
            Self::CodeBurnt => "code_burnt",
            Self::SessionEnded => "session_ended",
            Self::UserDisabled => "user_disabled",
            Self::ClientDisabled => "client_disabled",
            Self::Administrator => "administrator",
        }
    }
}
