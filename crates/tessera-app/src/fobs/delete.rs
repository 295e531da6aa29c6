//! A fob that should not have been imported.

use tessera_model::{EventCode, Fob, FobState};

use super::FobError;
use super::which::{WhichFob, about};
use crate::Cx;
use crate::access::{Action, Object, authorize};

/// Removes a fob that is in stock and was never used. One that was used stays, because after another import its used codes would count
/// again; it can be marked as lost.
///
/// # Errors
/// See [`FobError`].
pub async fn delete(cx: &Cx, which: &WhichFob) -> Result<Fob, FobError> {
    let allowed = authorize(cx, Action::DeleteFob, Object::Fob(which.serial.as_str())).await?;
    let event = &allowed.event(EventCode::FobDeleted);
    allowed
        .write(|tx| async move {
            let fob = which.find(&tx).await?;
            match (fob.state, fob.last_used_at) {
                (FobState::Assigned { .. }, _) => return Err(FobError::Assigned),
                (FobState::Lost { .. }, _) => return Err(FobError::Lost),
                (FobState::InStock, Some(_)) => return Err(FobError::Used),
                (FobState::InStock, None) => {}
            }
            if !tx.fobs().delete(fob.id).await? {
                return Err(FobError::Used);
            }
            tx.audit().append(&about(&fob, None, event)).await?;
            Ok(fob)
        })
        .await
}
