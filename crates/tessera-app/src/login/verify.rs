//! Verifying credentials, one factor at a time.

use tessera_model::{PasswordHash, PlainPassword, Proof, User, UserStatus};

use super::attempt::{Credential, Rejection};
use crate::Cx;
use crate::hasher::{Busy, Comparison};

/// A factor that was right.
pub(super) struct Verified {
    pub(super) proof: Proof,
    /// A hash of the password at today's cost, if the stored one has another cost.
    pub(super) rehashed: Option<PasswordHash>,
}

/// Verifies one factor. Without an account it does the same work, so that the time tells nothing.
pub(super) async fn verify(
    cx: &Cx,
    credential: Credential,
    user: Option<&User>,
) -> Result<Result<Verified, Rejection>, Busy> {
    match credential {
        Credential::Password(password) => verify_password(cx, password, user).await,
    }
}

async fn verify_password(
    cx: &Cx,
    password: PlainPassword,
    user: Option<&User>,
) -> Result<Result<Verified, Rejection>, Busy> {
    let stored = user.and_then(|user| user.password.as_ref());
    let (comparison, password) = cx.app.hasher.compare(password, stored, cx.now).await?;
    if let Err(rejection) = check_account(user, comparison) {
        return Ok(Err(rejection));
    }
    // If the pool has no room for a new hash now, the next login makes it.
    let rehashed = match comparison {
        Comparison::MatchOutdated => cx.app.hasher.hash(password, cx.app.random()).await.ok(),
        Comparison::Match | Comparison::Mismatch | Comparison::Outdated => None,
    };
    Ok(Ok(Verified { proof: Proof::password(cx.now), rehashed }))
}

fn check_account(user: Option<&User>, comparison: Comparison) -> Result<(), Rejection> {
    let Some(user) = user else { return Err(Rejection(None, "unknown_user")) };
    let reason = match (comparison, user.status) {
        (_, UserStatus::Disabled { .. }) => "user_disabled",
        (Comparison::Match | Comparison::MatchOutdated, UserStatus::Active) => return Ok(()),
        (Comparison::Match | Comparison::MatchOutdated, UserStatus::Locked { .. }) => "user_locked",
        (Comparison::Outdated, _) => "password_outdated",
        (Comparison::Mismatch, _) if user.password.is_none() => "no_password",
        (Comparison::Mismatch, _) => "wrong_password",
    };
    Err(Rejection(Some(user.id), reason))
}
