//! What a seed file says about one device, and what can be wrong with it.

use crate::hotp::Hotp;
use crate::secret::SecretError;
use crate::totp::Totp;

/// One entry of a seed file: a device, or what is wrong with its entry. An entry that is wrong does not stop the others, so that a
/// dry run shows all of them.
#[derive(Debug)]
pub struct Entry {
    /// The line on which the entry begins, counted from 1.
    pub line: u64,
    /// The serial number, if it can be read.
    pub serial: Option<String>,
    /// The device.
    pub seed: Result<Seed, EntryError>,
}

/// A device of a seed file. The secret below [`Seed::token`] is not printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seed {
    /// The serial number of the device. If the file has none, the id of the key (RFC 6030 sections 4.3.1 and 4.1).
    pub serial: String,
    /// What makes its codes, and where it stands.
    pub token: Token,
    /// What else the file says.
    pub details: Details,
}

/// What makes the codes of a device, and where it stood when the file was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// Codes by counter.
    Hotp {
        /// The device.
        hotp: Hotp,
        /// The next counter that may match. At most `i64::MAX`, which databases can store.
        counter: u64,
    },
    /// Codes by time.
    Totp {
        /// The device.
        totp: Totp,
        /// By how many steps its clock is known to be ahead; negative if behind.
        drift: i64,
    },
}

/// What a PSKC file may say besides (RFC 6030 section 4.3). All of it is text as the file has it; nobody has checked it. Each is at
/// most 256 bytes long and holds no control characters. A CSV file says none of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// The id of the key.
    pub key_id: Option<String>,
    /// Who made the device.
    pub manufacturer: Option<String>,
    /// The model of the device.
    pub model: Option<String>,
    /// Who issued the key.
    pub issuer: Option<String>,
    /// A name for the key, in the first language of the file.
    pub friendly_name: Option<String>,
    /// Whom the device belongs to: a distinguished name.
    pub device_user: Option<String>,
    /// Whom the key belongs to: a distinguished name.
    pub key_user: Option<String>,
    /// Not to be used before: an XML date and time. The caller has to keep to it (RFC 6030 section 5).
    pub start: Dates,
    /// Not to be used after: an XML date and time. The caller has to keep to it.
    pub expiry: Dates,
}

/// A date that a file may give for the device, for its key, or for both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dates {
    /// Of the device (`DeviceInfo`).
    pub device: Option<String>,
    /// Of the key (`Policy`).
    pub key: Option<String>,
}

/// What is wrong with one entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// The entry does not say it.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// The entry says it twice.
    #[error("{0} is there twice")]
    Twice(&'static str),
    /// The value cannot be read, is out of range, or is too long.
    #[error("{0} has a wrong value")]
    Wrong(&'static str),
    /// A kind of key that makes no codes, or codes of another kind. The text is the file's, shortened.
    #[error("{0:?} is no kind of one-time code that can be used")]
    Kind(String),
    /// The file forbids to use the key for codes, or wants something that is not understood (RFC 6030 section 5).
    #[error("the policy of the key is not understood or does not allow codes: {0}")]
    Policy(&'static str),
    /// The secret is too short, too long or obviously not filled in.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The value is encrypted, and the file names no way to decrypt it that can be used.
    #[error("{0} is encrypted in a way that is not supported")]
    Cipher(&'static str),
    /// An encrypted value without a MAC could have been changed by anybody (RFC 6030 section 6.1.1).
    #[error("{0} is encrypted, but has no MAC")]
    NoMac(&'static str),
    /// The value was changed, or the key or the password is wrong.
    #[error("the MAC of {0} is wrong: the file was changed, or the key or password is wrong")]
    BadMac(&'static str),
    /// The value does not decrypt although its MAC is right.
    #[error("{0} does not decrypt")]
    Undecryptable(&'static str),
    /// The file says how it is encrypted, but this secret is not. So somebody may have put it there.
    #[error("the secret stands in the clear in an encrypted file")]
    InTheClear,
    /// An earlier entry is about the same device and key.
    #[error("an earlier entry has the same serial number")]
    Duplicate,
    /// The row of a CSV file has no proper quotes, or another number of fields than the header.
    #[error("the row has misplaced quotes or another number of fields than the header")]
    Row,
}

/// What is wrong with a whole file. Reading ends there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct FileError {
    /// Where reading stopped, counted from 1.
    pub line: u64,
    /// Why.
    pub problem: FileProblem,
}

/// Why a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileProblem {
    /// The source failed.
    #[error("reading failed: {0}")]
    Source(std::io::ErrorKind),
    /// A part of the file, or the whole, is over a limit.
    #[error("too large: {0}")]
    TooLarge(&'static str),
    /// It is not well-formed XML, or not UTF-8. The text says where, and quotes nothing but names.
    #[error("not well-formed: {0}")]
    Malformed(String),
    /// A document type declaration. It could define entities, so none is read.
    #[error("a document type declaration is not allowed")]
    Doctype,
    /// An entity other than the five of XML.
    #[error("an entity is not allowed")]
    Entity,
    /// The outermost element is not the `KeyContainer` of RFC 6030, version 1.
    #[error("not a PSKC file of version 1 (RFC 6030)")]
    NotPskc,
    /// The parts of the file that say how it is encrypted are incomplete, twice there, or out of order.
    #[error("how the file is encrypted is not said properly: {0}")]
    Encryption(&'static str),
    /// The file is encrypted in a way that is not supported.
    #[error("encrypted in a way that is not supported: {0}")]
    Unsupported(&'static str),
    /// The file needs another kind of key than the caller gave.
    #[error("the file needs {0}")]
    Needs(&'static str),
    /// The key or the password does not open the file.
    #[error("the key or the password does not open the file")]
    WrongKey,
    /// A CSV file lacks a column, or has it twice.
    #[error("the column {0:?} is missing or there twice")]
    Column(String),
}
