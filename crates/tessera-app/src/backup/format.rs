//! The file: a magic line, how the rest is protected, then protected parts.
//!
//! `tessera backup 1\n`, then for the protection (JSON) and for each part its length in 4 bytes and its bytes. The first part is
//! the [`Header`], the last one is empty, and those between hold rows. The first byte of a part says which of the three it is.

use std::collections::BTreeMap;
use std::io::{Read, Write};

use serde::{Deserialize, Serialize};
use tessera_jose::base64url;
use tessera_model::{KeyPurpose, KeyState, PlainPassword, StoredKey, Timestamp};
use tessera_store::{Part, PartSummary};

use super::error::{BackupError, FormatError};
use super::seal::{Costs, Protection, Seal};

const MAGIC: &[u8] = b"tessera backup 1\n";
/// What the magic line of every version begins with.
const ANY_MAGIC: &[u8] = b"tessera backup ";
/// Longest description of the protection, in bytes.
const MAX_PROTECTION: u32 = 4_096;
/// Longest part, in bytes. A part has a few hundred rows.
const MAX_PART: u32 = 1 << 30;

const HEADER: u8 = 1;
const ROWS: u8 = 2;
const END: u8 = 3;

/// What a backup says about itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Header {
    /// Version of the program.
    pub(super) version: String,
    pub(super) schema_version: i64,
    /// The engine that it was read from. It can be restored to either.
    pub(super) engine: String,
    pub(super) issuer: String,
    pub(super) created_at: Timestamp,
    /// Epoch of the revocation feed.
    pub(super) epoch: i64,
    /// The purposes that have a key.
    pub(super) key_purposes: Vec<String>,
    pub(super) client_secrets_key: SealedKey,
    /// How many rows each table has.
    pub(super) rows: BTreeMap<String, u64>,
}

/// The key of client secrets, sealed under the key-encryption key, which no backup holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct SealedKey {
    id: String,
    sealed: String,
    created_at: Timestamp,
    activated_at: Option<Timestamp>,
}

impl SealedKey {
    pub(super) fn of(key: &StoredKey) -> Self {
        Self {
            id: base64url::encode(key.id.as_bytes()),
            sealed: base64url::encode(&key.sealed),
            created_at: key.created_at,
            activated_at: key.activated_at,
        }
    }

    pub(super) fn to_stored(&self) -> Result<StoredKey, FormatError> {
        let bytes = |text: &str| base64url::decode(text).ok();
        let id = bytes(&self.id).and_then(|id| <[u8; 16]>::try_from(id).ok());
        let (Some(id), Some(sealed)) = (id, bytes(&self.sealed)) else {
            return Err(FormatError::Damaged("the key of client secrets cannot be read"));
        };
        Ok(StoredKey {
            id: tessera_model::KeyId::from_bytes(id),
            purpose: KeyPurpose::ClientSecrets,
            state: KeyState::Active,
            sealed,
            created_at: self.created_at,
            activated_at: self.activated_at,
            due_at: None,
        })
    }
}

/// Writes a backup.
pub(super) struct Writer<W> {
    out: W,
    seal: Seal,
}

impl<W: Write> Writer<W> {
    /// Writes the beginning of a file.
    pub(super) fn begin(
        mut out: W,
        header: &Header,
        passphrase: Option<&PlainPassword>,
        salt: [u8; 16],
    ) -> Result<Self, BackupError> {
        let argon2id = passphrase.map(|_| Costs::TODAY);
        let protection = Protection { salt: base64url::encode(salt), argon2id };
        let text = json(&protection)?;
        let beginning = [MAGIC, &length(text.len())?, &text].concat();
        out.write_all(&beginning).map_err(BackupError::Write)?;
        let mut this = Self { seal: Seal::new(&protection, &beginning, passphrase)?, out };
        this.part(HEADER, &json(header)?)?;
        Ok(this)
    }

    /// Writes rows.
    pub(super) fn rows(&mut self, part: &Part) -> Result<(), BackupError> {
        self.part(ROWS, &part.to_bytes()?)
    }

    /// Writes the end.
    pub(super) fn finish(mut self) -> Result<(), BackupError> {
        self.part(END, &[])?;
        self.out.flush().map_err(BackupError::Write)
    }

    fn part(&mut self, kind: u8, content: &[u8]) -> Result<(), BackupError> {
        let closed = self.seal.close(&[&[kind], content].concat())?;
        let written = self.out.write_all(&length(closed.len())?).and_then(|()| self.out.write_all(&closed));
        written.map_err(BackupError::Write)
    }
}

fn json<T: Serialize>(value: &T) -> Result<Vec<u8>, BackupError> {
    serde_json::to_vec(value).map_err(|error| BackupError::Write(error.into()))
}

fn length(length: usize) -> Result<[u8; 4], FormatError> {
    let length = u32::try_from(length).ok().filter(|length| *length <= MAX_PART);
    Ok(length.ok_or(FormatError::Damaged("a part is too long"))?.to_be_bytes())
}

/// Reads a backup, and refuses it at the first byte that is not as it was written.
pub(super) struct Reader<R> {
    input: R,
    seal: Seal,
    /// How many rows of each table are still to come.
    missing: BTreeMap<String, u64>,
}

impl<R: Read> Reader<R> {
    /// Reads the beginning of a file.
    pub(super) fn begin(
        mut input: R,
        passphrase: Option<&PlainPassword>,
    ) -> Result<(Header, Self), FormatError> {
        let mut magic = Vec::new();
        input.by_ref().take(MAGIC.len() as u64).read_to_end(&mut magic)?;
        if magic != MAGIC {
            let newer = magic.starts_with(ANY_MAGIC);
            return Err(if newer { FormatError::Newer } else { FormatError::NotABackup });
        }
        let text = chunk(&mut input, MAX_PROTECTION)?;
        let unreadable = |_| FormatError::Damaged("its beginning cannot be read");
        let protection: Protection = serde_json::from_slice(&text).map_err(unreadable)?;
        let beginning = [MAGIC, &length(text.len())?, &text].concat();
        let seal = Seal::new(&protection, &beginning, passphrase)?;
        let mut this = Self { input, seal, missing: BTreeMap::new() };
        let (HEADER, text) = this.part()? else {
            return Err(FormatError::Damaged("it does not begin with its description"));
        };
        let header: Header = serde_json::from_slice(&text).map_err(unreadable)?;
        this.missing.clone_from(&header.rows);
        Ok((header, this))
    }

    /// The next rows. `None` once the file has ended as it was written.
    pub(super) fn next_part(&mut self) -> Result<Option<Part>, FormatError> {
        match self.part()? {
            (ROWS, bytes) => {
                let part =
                    Part::from_bytes(&bytes).map_err(|_| FormatError::Damaged("rows cannot be read"))?;
                self.count(&part.summary())?;
                Ok(Some(part))
            }
            (END, _) => self.check_end().map(|()| None),
            _ => Err(FormatError::Damaged("a part of another kind")),
        }
    }

    fn count(&mut self, part: &PartSummary) -> Result<(), FormatError> {
        let missing = self.missing.get_mut(&part.table);
        let left = missing.as_ref().and_then(|missing| missing.checked_sub(part.rows));
        let (Some(missing), Some(left)) = (missing, left) else {
            return Err(FormatError::Damaged("more rows than it says"));
        };
        *missing = left;
        Ok(())
    }

    fn check_end(&mut self) -> Result<(), FormatError> {
        if self.missing.values().any(|missing| *missing > 0) {
            return Err(FormatError::Damaged("fewer rows than it says"));
        }
        if self.input.read(&mut [0])? > 0 {
            return Err(FormatError::Damaged("something follows its end"));
        }
        Ok(())
    }

    fn part(&mut self) -> Result<(u8, Vec<u8>), FormatError> {
        let closed = chunk(&mut self.input, MAX_PART + 1_024)?;
        let plain = self.seal.open(&closed)?;
        let (kind, content) = plain.split_first().ok_or(FormatError::Damaged("an empty part"))?;
        Ok((*kind, content.to_vec()))
    }
}

/// Bytes with their length before them. The length is not believed before so many bytes were read.
fn chunk(input: &mut impl Read, max: u32) -> Result<Vec<u8>, FormatError> {
    const SHORT: FormatError = FormatError::Damaged("its end is missing");
    let mut length = [0; 4];
    input.read_exact(&mut length).map_err(|error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => SHORT,
        _ => error.into(),
    })?;
    let length = u32::from_be_bytes(length);
    if length > max {
        return Err(FormatError::Damaged("a part is too long"));
    }
    let mut bytes = Vec::new();
    input.take(length.into()).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == u64::from(length) { Ok(bytes) } else { Err(SHORT) }
}
