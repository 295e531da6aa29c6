//! Shows the messages that wait to an administrator.

use tessera_model::{Channel, Waiting};

use crate::Cx;
use crate::access::{AccessError, Action, Object, authorize};

/// Mails that wait, in the order in which they are due: at most `most`. Recipient and text stay sealed.
///
/// # Errors
/// Not allowed, or the database failed.
pub async fn list(cx: &Cx, most: u32) -> Result<Vec<Waiting>, AccessError> {
    let allowed = authorize(cx, Action::ListOutbox, Object::Outbox).await?;
    Ok(allowed.read(|tx| async move { tx.outbox().list(Channel::Mail, most).await }).await?)
}
