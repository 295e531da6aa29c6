//! Client secrets: 256 random bits, shown once, kept as a keyed hash. Two work at the same time while a deployment changes over.

use tessera_model::{Client, ClientId, Digest, EventCode, Presented, PresentedKind};
use zeroize::Zeroizing;

use super::ClientError;
use crate::Cx;
use crate::access::{Action, Object, authorize};

/// A client with a new secret, which is shown once.
pub struct Rotated {
    /// As it is now.
    pub client: Client,
    /// The new secret.
    pub secret: Zeroizing<String>,
}

/// Gives a client a new secret. The previous one keeps working for the overlap (7 days by default).
///
/// # Errors
/// See [`ClientError`].
pub async fn rotate_secret(cx: &Cx, id: &ClientId) -> Result<Rotated, ClientError> {
    let allowed = authorize(cx, Action::RotateSecret, Object::Client(id)).await?;
    let event = &allowed.event(EventCode::ClientSecretRotated);
    let overlap = cx.app.config.lifetimes.secret_overlap;
    let (secret, digest) = fresh(cx);
    let client = allowed
        .write(|tx| async move {
            let mut client = tx.clients().find_for_update(id).await?.ok_or(ClientError::NotFound)?;
            if !client.kind.is_confidential() {
                return Err(ClientError::Public);
            }
            client.rotate_secret(digest, cx.now, overlap);
            tx.clients().set_secrets(id, &client.secrets, cx.now).await?;
            tx.audit().append(event).await?;
            Ok(Client { updated_at: cx.now, ..client })
        })
        .await?;
    Ok(Rotated { client, secret })
}

/// A fresh secret and what the database keeps of it.
pub(super) fn fresh(cx: &Cx) -> (Zeroizing<String>, Digest) {
    let random = Zeroizing::new(cx.app.random::<32>());
    let text = Presented::new(PresentedKind::ClientSecret, &random[..]).reveal();
    let digest = Digest::new(cx.app.catalog.load().keys.client_secrets.tag(&[text.as_bytes()]));
    (text, digest)
}
