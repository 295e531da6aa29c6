//! What fobs there are.

use tessera_model::{Fob, FobLabel, UserId};

use super::FobError;
use super::which::WhichFob;
use crate::Cx;
use crate::access::{AccessError, Action, Object, authorize};

/// Which fobs are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// All of them.
    All,
    /// Those that nobody has.
    InStock,
    /// Those of this person, all at once.
    Of(UserId),
}

/// Fobs in the order of their labels, after this one.
///
/// # Errors
/// Not allowed, or the database failed.
pub async fn list(
    cx: &Cx,
    shown: Shown,
    after: Option<&FobLabel>,
    limit: u32,
) -> Result<Vec<Fob>, AccessError> {
    let allowed = authorize(cx, Action::ListFobs, Object::Fobs).await?;
    let found = allowed.read(|tx| async move {
        match shown {
            Shown::All => tx.fobs().list(after, limit).await,
            Shown::InStock => tx.fobs().list_in_stock(after, limit).await,
            Shown::Of(user) => tx.fobs().of_user(user).await,
        }
    });
    Ok(found.await?)
}

/// One fob.
///
/// # Errors
/// See [`FobError`].
pub async fn find(cx: &Cx, which: &WhichFob) -> Result<Fob, FobError> {
    let allowed = authorize(cx, Action::FindFob, Object::Fob(which.serial.as_str())).await?;
    allowed.read(|tx| async move { which.find(&tx).await }).await
}
