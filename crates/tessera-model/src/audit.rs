//! Audit events: one per security outcome (invariant I9), with stable codes and no secrets.

use crate::{AuditId, ClientId, GrantId, SessionId, Timestamp, UserId};

/// What happened. The text form is stable: operators alert on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventCode {
    /// Somebody logged in.
    LoginSucceeded,
    /// A login failed; the detail says why, the page did not.
    LoginFailed,
    /// A login came before its delay was over, or too many did.
    LoginThrottled,
    /// The same password came for many accounts.
    LoginSpraySuspected,
    /// A session ended.
    SessionEnded,
    /// A code was issued.
    CodeIssued,
    /// An authorization request named a redirect URI that is not registered.
    BadRedirect,
    /// A person refused the client.
    ConsentDenied,
    /// A code was exchanged.
    CodeRedeemed,
    /// A used code came back.
    CodeReuse,
    /// A code was guessed at until it burnt.
    CodeBruteforce,
    /// A refresh token was rotated.
    RefreshRotated,
    /// A refresh token came again in time, and got the same successor; the detail says who was first.
    RefreshRetried,
    /// Refresh tokens of a grant came from two addresses, rotation after rotation.
    RefreshShadowed,
    /// A used refresh token came back.
    RefreshReuse,
    /// Tokens were issued to a machine.
    ClientCredentials,
    /// The issuance gate refused; the detail says why.
    IssuanceRefused,
    /// A client failed to authenticate.
    ClientAuthFailed,
    /// A token or grant was revoked.
    TokenRevoked,
    /// A form came from another site.
    CsrfRejected,
    /// An account was made.
    UserCreated,
    /// What is told about a person was changed; the detail names the claims.
    UserUpdated,
    /// An account was locked.
    UserLocked,
    /// An account was unlocked.
    UserUnlocked,
    /// An account was closed.
    UserDisabled,
    /// An account was erased.
    UserDeleted,
    /// A password was set.
    PasswordSet,
    /// A client was registered.
    ClientCreated,
    /// What an administrator chooses for a client was changed; the detail names the settings.
    ClientUpdated,
    /// A client has proven a PKCE challenge and is held to it from now on.
    ClientPkceProven,
    /// A client got a new secret.
    ClientSecretRotated,
    /// A client was turned off.
    ClientDisabled,
    /// A client was removed.
    ClientDeleted,
    /// An API was registered.
    ApiCreated,
    /// Settings of an API were changed; the detail says which.
    ApiUpdated,
    /// A key was made, activated, retired or removed.
    KeyRotated,
}

impl EventCode {
    /// Every code, for the store's tables and for tests.
    pub const ALL: [Self; 36] = [
        Self::LoginSucceeded,
        Self::LoginFailed,
        Self::LoginThrottled,
        Self::LoginSpraySuspected,
        Self::SessionEnded,
        Self::CodeIssued,
        Self::BadRedirect,
        Self::ConsentDenied,
        Self::CodeRedeemed,
        Self::CodeReuse,
        Self::CodeBruteforce,
        Self::RefreshRotated,
        Self::RefreshRetried,
        Self::RefreshShadowed,
        Self::RefreshReuse,
        Self::ClientCredentials,
        Self::IssuanceRefused,
        Self::ClientAuthFailed,
        Self::TokenRevoked,
        Self::CsrfRejected,
        Self::UserCreated,
        Self::UserUpdated,
        Self::UserLocked,
        Self::UserUnlocked,
        Self::UserDisabled,
        Self::UserDeleted,
        Self::PasswordSet,
        Self::ClientCreated,
        Self::ClientUpdated,
        Self::ClientPkceProven,
        Self::ClientSecretRotated,
        Self::ClientDisabled,
        Self::ClientDeleted,
        Self::ApiCreated,
        Self::ApiUpdated,
        Self::KeyRotated,
    ];

    /// Stable code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LoginSucceeded => "login.succeeded",
            Self::LoginFailed => "login.failed",
            Self::LoginThrottled => "login.throttled",
            Self::LoginSpraySuspected => "login.spray_suspected",
            Self::SessionEnded => "session.ended",
            Self::CodeIssued => "code.issued",
            Self::BadRedirect => "authz.bad_redirect",
            Self::ConsentDenied => "consent.denied",
            Self::CodeRedeemed => "code.redeemed",
            Self::CodeReuse => "code.reuse",
            Self::CodeBruteforce => "code.bruteforce",
            Self::RefreshRotated => "refresh.rotated",
            Self::RefreshRetried => "refresh.retried",
            Self::RefreshShadowed => "refresh.shadowed",
            Self::RefreshReuse => "refresh.reuse_detected",
            Self::ClientCredentials => "client_credentials.issued",
            Self::IssuanceRefused => "issuance.refused",
            Self::ClientAuthFailed => "client.auth_failed",
            Self::TokenRevoked => "token.revoked",
            Self::CsrfRejected => "csrf.rejected",
            Self::UserCreated => "user.created",
            Self::UserUpdated => "user.updated",
            Self::UserLocked => "user.locked",
            Self::UserUnlocked => "user.unlocked",
            Self::UserDisabled => "user.disabled",
            Self::UserDeleted => "user.deleted",
            Self::PasswordSet => "user.password_set",
            Self::ClientCreated => "client.created",
            Self::ClientUpdated => "client.updated",
            Self::ClientPkceProven => "client.pkce_proven",
            Self::ClientSecretRotated => "client.secret_rotated",
            Self::ClientDisabled => "client.disabled",
            Self::ClientDeleted => "client.deleted",
            Self::ApiCreated => "api.created",
            Self::ApiUpdated => "api.updated",
            Self::KeyRotated => "key.rotated",
        }
    }
}

/// One audit event, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEvent {
    /// Names the event.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub code: EventCode,
    /// Who did it: `anonymous`, `user:<id>`, `client:<id>`, `cli`, `system`.
    pub actor: String,
    /// The person it is about.
    pub user_id: Option<UserId>,
    /// The client it is about.
    pub client_id: Option<ClientId>,
    /// The session it is about.
    pub session_id: Option<SessionId>,
    /// The grant it is about.
    pub grant_id: Option<GrantId>,
    /// Network address of the request.
    pub ip: Option<String>,
    /// Ties the event to log lines and to the reference on error pages.
    pub request_id: Option<String>,
    /// Stable reason code or short fact, at most 256 bytes; never a secret.
    pub detail: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_codes_is_complete_and_no_two_share_a_text() {
        for (n, code) in EventCode::ALL.into_iter().enumerate() {
            assert_eq!(code as usize, n, "{code:?} is not where it was declared");
            assert!(EventCode::ALL[..n].iter().all(|other| other.as_str() != code.as_str()), "{code:?}");
        }
        assert_eq!(
            EventCode::ALL.len(),
            EventCode::KeyRotated as usize + 1,
            "the last one declared is the last one listed"
        );
    }
}
