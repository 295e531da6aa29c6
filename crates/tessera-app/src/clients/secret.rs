//! Client secrets: 256 random bits, shown once, kept as a keyed hash; two live ones while a deployment changes over.

use tessera_model::{AuditEvent, ClientId, Digest, EventCode, Presented, PresentedKind};
use tessera_store::StoreError;
use zeroize::Zeroizing;

use super::ClientError;
use crate::Cx;

/// Why a client did not get a new secret.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// It cannot be changed.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Public clients have no secret.
    #[error("this client is public: it has no secret")]
    Public,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A fresh secret and what the database keeps of it.
pub(super) fn fresh(cx: &Cx) -> (Zeroizing<String>, Digest) {
    let text =
        Presented::new(PresentedKind::ClientSecret, &Zeroizing::new(cx.app.random::<32>())[..]).reveal();
    let digest = Digest::new(cx.app.catalog.load().keys.client_secrets.tag(&[text.as_bytes()]));
    (text, digest)
}

/// Gives a client a new secret and returns it, once. The previous one keeps working for the overlap (7 days by default).
///
/// # Errors
/// No such client, or it is public.
pub async fn rotate_secret(cx: &Cx, id: &ClientId) -> Result<Zeroizing<String>, RotateError> {
    let (secret, digest) = fresh(cx);
    let overlap = cx.app.config.lifetimes.secret_overlap;
    let event = &AuditEvent { client_id: Some(id.clone()), ..cx.event(EventCode::ClientSecretRotated) };
    cx.app
        .store
        .write(|tx| async move {
            let mut client = tx.clients().find_for_update(id).await?.ok_or(ClientError::NotFound)?;
            if !client.kind.is_confidential() {
                return Err(RotateError::Public);
            }
            client.rotate_secret(digest, cx.now, overlap);
            tx.clients().set_secrets(id, &client.secrets, cx.now).await?;
            Ok(tx.audit().append(event).await?)
        })
        .await?;
    Ok(secret)
}
