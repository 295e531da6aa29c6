//! A login that is under way: somebody has proven something, and more is required.

use std::time::Duration;

use crate::{AuthenticationContext, Digest, LoginId, SecurityVersion, Timestamp, UserId};

/// A login between its first proof and its session. Strangers have none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The id of the row. It gives no access: only the browser where the login began can go on with it.
    pub id: LoginId,
    /// Who it is.
    pub user_id: UserId,
    /// SHA-256 of the secret of the browser where it began.
    pub browser: Digest,
    /// What was proven.
    pub proven: AuthenticationContext,
    /// How many steps are done. Each step is taken once.
    pub steps: i64,
    /// How many codes were wrong.
    pub wrong: i64,
    /// The generation of the credentials at the first proof.
    pub security_version: SecurityVersion,
    /// When it ends in any case.
    pub expires_at: Timestamp,
}

impl Login {
    /// How long somebody may take from the first proof to the session.
    pub const LIFETIME: Duration = Duration::from_secs(10 * 60);
    /// After so many wrong codes the login ends.
    pub const MAX_WRONG: i64 = 5;
}
