//! What may go wrong with a backup or a restore.

use std::io;

use tessera_model::KeyPurpose;
use tessera_store::StoreError;

use crate::access::AccessError;
use crate::keys::KeyError;

/// Why there is no backup, or why nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The file cannot be written.
    #[error("the backup cannot be written: {0}")]
    Write(io::Error),
    /// The file is no backup that can be restored.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The key-encryption key does not open the key of client secrets.
    #[error(
        "the key-encryption key is not the one that this issuer had: it does not open the key of client secrets"
    )]
    WrongKek,
    /// The database has no key of client secrets, so it is none that an issuer worked with.
    #[error("there is no key for {0} in the database")]
    NoKey(KeyPurpose),
    /// The old database cannot be read.
    #[error("the old database cannot be read: {0}")]
    Old(StoreError),
    /// A key could not be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The actor may not do this.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a file is no backup that can be restored.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// The file cannot be read.
    #[error("the backup cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It begins with something else.
    #[error("the file is no backup of Tessera")]
    NotABackup,
    /// A newer version wrote it.
    #[error("a newer version of Tessera wrote the backup: use that version")]
    Newer,
    /// Bytes were changed, left out, added or put into another order.
    #[error("the backup is damaged: {0}")]
    Damaged(&'static str),
    /// It is sealed, and no passphrase was given.
    #[error("the backup is protected by a passphrase")]
    NeedsPassphrase,
    /// A passphrase was given, and the file is not sealed. Somebody may have put it there.
    #[error("the backup is not protected by a passphrase, although one was given")]
    NotSealed,
    /// The first part does not open.
    #[error("the passphrase is wrong, or the beginning of the backup is damaged")]
    WrongPassphrase,
    /// The parameters are out of bounds.
    #[error("the backup asks for more work than any passphrase needs")]
    Costs,
}
