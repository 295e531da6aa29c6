//! A message is written in the transaction of the verb that causes it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tessera_model::{Channel, MailAddress, OutboxId, Timestamp, User, UserId, Waiting};
use tessera_store::{StoreError, Tx};

use super::mail::{Letter, Mail};
use crate::{App, Cx};

/// The background job that sends what waits.
pub(crate) const JOB: &str = "outbox.send";
/// How long a mail is tried, if its content does not end sooner.
const LIFETIME: Duration = Duration::from_secs(86_400);

/// A mail to somebody.
#[derive(Clone, Debug)]
pub struct Message {
    /// The only recipient.
    pub to: MailAddress,
    /// The account of the recipient. The message is removed with it.
    pub user_id: Option<UserId>,
    /// The language of the recipient, if it is known: a tag such as `fr-CA`.
    pub language: Option<String>,
    /// What it says.
    pub mail: Mail,
}

impl Message {
    /// A mail to the stored address of a person, in their language. `None` if they have no address.
    pub fn to_user(user: &User, mail: Mail) -> Option<Self> {
        let to = user.email.as_deref()?.parse().ok()?;
        Some(Self { to, user_id: Some(user.id), language: user.claims.locale.clone(), mail })
    }
}

/// Tells a person something by mail, if they have an address. See [`enqueue`].
///
/// # Errors
/// The database failed.
pub async fn tell(cx: &Cx, tx: &Tx, user: &User, mail: Mail) -> Result<(), StoreError> {
    match Message::to_user(user, mail) {
        Some(message) => enqueue(cx, tx, &message).await,
        None => Ok(()),
    }
}

/// Writes a mail into the outbox. It leaves soon after the commit. Does nothing if this issuer sends no mail.
///
/// # Errors
/// The database failed.
pub async fn enqueue(cx: &Cx, tx: &Tx, message: &Message) -> Result<(), StoreError> {
    if !cx.app.can_send_mail() {
        return Ok(());
    }
    let Message { to, user_id, language, mail } = message;
    let id = OutboxId::from_random(cx.app.random());
    let content = Content { to: to.clone(), language: language.clone(), mail: mail.clone() };
    let plain = serde_json::to_vec(&content)
        .map_err(|_| StoreError::Misuse("a mail that cannot be written as JSON"))?;
    let latest = cx.now.after(LIFETIME);
    let waiting = Waiting {
        id,
        channel: Channel::Mail,
        kind: mail.kind().to_owned(),
        user_id: *user_id,
        sealed: cx.app.kek.seal_for(&binding(id), cx.app.random(), &plain),
        urgent: mail.is_urgent(),
        attempts: 0,
        last_error: None,
        next_attempt_at: cx.now,
        created_at: cx.now,
        expires_at: mail.expires_at().map_or(latest, |end: Timestamp| end.min(latest)),
    };
    tx.outbox().insert(&waiting).await?;
    tx.jobs().wake(JOB, cx.now).await
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Content {
    to: MailAddress,
    language: Option<String>,
    mail: Mail,
}

/// The letter of a row. `None` if it was sealed under another key or for another row, or if it is one of a newer version.
pub(super) fn open(app: &App, waiting: &Waiting) -> Option<Letter> {
    let plain = app.kek.open_for(&binding(waiting.id), &waiting.sealed)?;
    let Content { to, language, mail } = serde_json::from_slice(&plain).ok()?;
    Some(Letter { id: waiting.id, to, language, mail })
}

/// No message can be put into the row of another one.
fn binding(id: OutboxId) -> String {
    format!("tessera outbox {id}")
}
