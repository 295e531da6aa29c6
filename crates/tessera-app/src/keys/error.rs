//! What may go wrong with keys.

use tessera_model::key::MAX_PUBLISHED;
use tessera_model::{KeyId, KeyPurpose};
use tessera_store::StoreError;

use crate::access::AccessError;

/// Why keys are not to be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The row does not open: another key-encryption key, or somebody changed it.
    #[error("the key {0} does not open: this is not the key-encryption key it was sealed under")]
    Sealed(KeyId),
    /// The crypto provider failed.
    #[error("cannot make a key: {0}")]
    Provider(#[from] tessera_jose::KeyError),
    /// A token could not be written or signed.
    #[error("a token could not be written")]
    Unwritable,
    /// A purpose has no active key.
    #[error("no active key for {0}")]
    Missing(KeyPurpose),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a verb about keys was not done.
#[derive(Debug, thiserror::Error)]
pub enum ManageError {
    /// Keys of this purpose are not published and do not rotate.
    #[error("keys for {0} do not rotate, because they are not published")]
    NotRotatable(KeyPurpose),
    /// The key set is as long as verifiers read it.
    #[error(
        "{MAX_PUBLISHED} keys are published, and verifiers read no more: wait until retired ones leave the key set"
    )]
    TooManyPublished,
    /// A key could not be read or made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The actor may not do this.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
