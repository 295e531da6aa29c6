//! A fob is lost, stolen or broken.

use tessera_model::{EventCode, Fob, FobState};

use super::FobError;
use super::which::{WhichFob, about};
use crate::Cx;
use crate::access::{Action, Object, authorize};
use crate::authenticators::remove_within;

/// Marks a fob as lost, and takes it from whoever has it. It never counts again: its secret is erased, and no import brings it back.
///
/// # Errors
/// See [`FobError`].
pub async fn lose(cx: &Cx, which: &WhichFob) -> Result<Fob, FobError> {
    let allowed = authorize(cx, Action::LoseFob, Object::Fob(which.serial.as_str())).await?;
    let event = &allowed.event(EventCode::FobLost);
    allowed
        .write(|tx| async move {
            let fob = which.find(&tx).await?;
            let had_it = match fob.state {
                FobState::Assigned { user, authenticator } => {
                    remove_within(cx, &tx, (user, authenticator)).await?;
                    Some(user)
                }
                FobState::InStock => None,
                FobState::Lost { .. } => return Err(FobError::Lost),
            };
            if !tx.fobs().lose(fob.id, cx.now).await? {
                return Err(FobError::Assigned);
            }
            tx.audit().append(&about(&fob, had_it, event)).await?;
            Ok(Fob { state: FobState::Lost { at: cx.now }, ..fob })
        })
        .await
}
