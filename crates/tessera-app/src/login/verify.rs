//! Verifying a password.

use tessera_model::{PasswordHash, PlainPassword, Proof, User, UserStatus};

use crate::Cx;
use crate::hasher::{Busy, Comparison};
use crate::hashing_pool::Turn;

/// Why a password was rejected. Only the audit event names the reason.
pub(super) struct Rejection(pub(super) &'static str);

/// A password that was right.
pub(super) struct Verified {
    pub(super) proof: Proof,
    /// A hash of the password at today's cost, if the stored one has another cost.
    pub(super) rehashed: Option<PasswordHash>,
}

/// Verifies a password. Without an account it does the same work, so that the time tells nothing.
pub(super) async fn verify_password(
    cx: &Cx,
    turn: Turn,
    password: PlainPassword,
    user: Option<&User>,
) -> Result<Result<Verified, Rejection>, Busy> {
    let stored = user.and_then(|user| user.password.as_ref());
    let ((comparison, password), turn) = cx.app.hasher.compare(turn, password, stored, cx.now).await?;
    if let Err(rejection) = check_account(user, comparison) {
        return Ok(Err(rejection));
    }
    let rehashed = match comparison {
        Comparison::MatchOutdated => Some(cx.app.hasher.hash_in(turn, password, cx.app.random()).await?.0),
        Comparison::Match | Comparison::Mismatch | Comparison::Outdated => None,
    };
    Ok(Ok(Verified { proof: Proof::password(cx.now), rehashed }))
}

fn check_account(user: Option<&User>, comparison: Comparison) -> Result<(), Rejection> {
    let Some(user) = user else { return Err(Rejection("unknown_user")) };
    let reason = match (comparison, user.status) {
        (_, UserStatus::Disabled { .. }) => "user_disabled",
        (Comparison::Match | Comparison::MatchOutdated, UserStatus::Active) => return Ok(()),
        (Comparison::Match | Comparison::MatchOutdated, UserStatus::Locked { .. }) => "user_locked",
        (Comparison::Outdated, _) => "password_outdated",
        (Comparison::Mismatch, _) if user.password.is_none() => "no_password",
        (Comparison::Mismatch, _) => "wrong_password",
    };
    Err(Rejection(reason))
}
