//! A person makes new recovery codes.

use tessera_model::EventCode;
use tessera_store::StoreError;
use zeroize::Zeroizing;

use super::code;
use crate::Cx;
use crate::access::{AccessError, Action, authorize_recent};
use crate::login::Means;
use crate::outbox::{Mail, Notice, tell};
use crate::sessions::Current;

/// How many codes a person gets.
const CODES: usize = 10;

/// Why no codes were made. Those from before still work then.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// The person has no second factor that they could stand in for.
    #[error("there is no second factor")]
    NoSecondFactor,
    /// The actor may not do this, or has not logged in recently enough.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes ten codes. Those from before work no more.
///
/// # Errors
/// See [`MakeError`].
pub async fn make(cx: &Cx, current: &Current) -> Result<Vec<Zeroizing<String>>, MakeError> {
    let allowed = authorize_recent(cx, Action::MakeRecoveryCodes, current).await?;
    let user = current.user.id;
    let codes: Vec<_> = (0..CODES).map(|_| code::from_random(&cx.app.random())).collect();
    let digests: Vec<_> = codes.iter().filter_map(|text| code::digest(cx, user, text)).collect();
    let (digests, event) = (&digests, &allowed.event(EventCode::RecoveryCodesMade));
    allowed
        .write(|tx| async move {
            // The row of the person is ours from here on, so that two sets of codes never stand side by side.
            if !tx.users().confirm(user, current.user.security_version, None).await? {
                return Err(AccessError::NotRecent.into());
            }
            let has = tx.authenticators().of_user(user).await?;
            if !Means::of(&current.user, &has, 0, cx.now).has_second_factor() {
                return Err(MakeError::NoSecondFactor);
            }
            tx.recovery_codes().replace(user, digests, cx.now).await?;
            tx.audit().append(event).await?;
            let notice = Notice::of(cx, &current.user);
            Ok(tell(cx, &tx, &current.user, Mail::RecoveryCodesMade(notice)).await?)
        })
        .await?;
    Ok(codes)
}
