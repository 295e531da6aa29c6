//! A fob that has counted too far, or whose clock is wrong.

use tessera_model::{Authenticator, EventCode, Fob, FobState};

use super::FobError;
use super::which::{WhichFob, about};
use crate::Cx;
use crate::access::{Action, Object, authorize};
use crate::one_time_codes::{Place, open, pairs};

/// Sets a fob right with two codes that it shows one right after the other. They are used then.
///
/// # Errors
/// See [`FobError`].
pub async fn resync(cx: &Cx, which: &WhichFob, codes: [&str; 2]) -> Result<Fob, FobError> {
    let allowed = authorize(cx, Action::ResyncFob, Object::Fob(which.serial.as_str())).await?;
    let event = &allowed.event(EventCode::FobResynced);
    allowed
        .write(|tx| async move {
            let fob = which.find(&tx).await?;
            if let FobState::Lost { .. } = fob.state {
                return Err(FobError::Lost);
            }
            let stands = (&fob.kind, fob.counter);
            let device = open(cx, Place::Fob(fob.id), stands)?.ok_or(FobError::UnknownKind)?;
            let (counter, kind) = pairs(cx, &device, codes, stands).ok_or(FobError::WrongCodes)?;
            let set = Fob { counter, kind, last_used_at: Some(cx.now), ..fob };
            let (counts, user) = match set.state {
                FobState::Assigned { user, authenticator } => {
                    let theirs = tx.authenticators().of_user(user).await?;
                    let one = theirs.into_iter().find(|one| one.id == authenticator);
                    let one = one.ok_or(FobError::NotAssigned)?;
                    let used = Authenticator { counter, kind: set.kind.clone(), ..one };
                    (tx.authenticators().record_code(&used, cx.now).await?, Some(user))
                }
                FobState::InStock | FobState::Lost { .. } => {
                    (tx.fobs().record_use(&set, cx.now).await?, None)
                }
            };
            if !counts {
                return Err(FobError::WrongCodes);
            }
            tx.audit().append(&about(&set, user, event)).await?;
            Ok(set)
        })
        .await
}
