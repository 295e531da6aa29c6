//! A person gives a fob back.

use tessera_model::{EventCode, Fob, FobState};

use super::FobError;
use super::which::{WhichFob, about};
use crate::Cx;
use crate::access::{Action, Object, authorize};
use crate::authenticators::remove_within;

/// Takes a fob from its person. It is in stock again. What it has counted stays, so no code that was used counts for the next person.
///
/// # Errors
/// See [`FobError`].
pub async fn take_back(cx: &Cx, which: &WhichFob) -> Result<Fob, FobError> {
    let allowed = authorize(cx, Action::ReturnFob, Object::Fob(which.serial.as_str())).await?;
    let event = &allowed.event(EventCode::FobReturned);
    allowed
        .write(|tx| async move {
            let fob = which.find(&tx).await?;
            match fob.state {
                FobState::Assigned { user, authenticator } => {
                    // The row of the fob forgets its authenticator by itself.
                    remove_within(cx, &tx, (user, authenticator)).await?;
                    tx.audit().append(&about(&fob, Some(user), event)).await?;
                    Ok(Fob { state: FobState::InStock, ..fob })
                }
                FobState::InStock => Err(FobError::NotAssigned),
                FobState::Lost { .. } => Err(FobError::Lost),
            }
        })
        .await
}
