//! The reader of a PSKC file: in order, what is said about encryption, then one key after the other.

use std::collections::BTreeSet;
use std::fmt;
use std::io::BufRead;

use zeroize::Zeroizing;

use super::integrity::{Demand, Keys};
use super::package;
use super::xml::{Document, Element};
use crate::seed::{Entry, EntryError, FileError, FileProblem, Seed};

/// How many keys a file may have.
pub const MAX_ENTRIES: usize = 250_000;

/// What opens an encrypted file.
pub enum Unlock {
    /// Nothing: the file is in the clear.
    Nothing,
    /// A key that was agreed on beforehand (RFC 6030 section 6.1): 16, 24 or 32 bytes.
    PreSharedKey(Zeroizing<Vec<u8>>),
    /// A password (RFC 6030 section 6.2).
    Password(Zeroizing<String>),
}

impl fmt::Debug for Unlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "Nothing",
            Self::PreSharedKey(_) => "PreSharedKey(..)",
            Self::Password(_) => "Password(..)",
        })
    }
}

/// Reads a PSKC file, key by key.
///
/// As an iterator it yields an [`Entry`] for each `KeyPackage`. A [`FileError`] is the last item: what came before it may be used, but
/// the file is not whole, so a caller should import nothing of it.
pub struct Reader<R> {
    document: Document<R>,
    unlock: Unlock,
    state: State,
    seen: BTreeSet<Identity>,
    entries: usize,
    ended: bool,
}

/// What has been read of the head of the file.
enum State {
    /// Nothing yet. Keys that follow are in the clear.
    Start,
    /// `EncryptionKey`; `MACMethod` must follow.
    Key(Zeroizing<Vec<u8>>),
    /// All there is to know.
    Open(Option<Box<Keys>>),
}

/// What tells keys apart: manufacturer, serial number, id of the key (RFC 6030 sections 4.1 and 4.3.1). One device may have several keys
/// (section 8).
type Identity = (Option<String>, String, Option<String>);

impl<R: BufRead> Reader<R> {
    /// Begins to read. How the file is encrypted is read with the first entry; to derive a key from a password may take some seconds.
    ///
    /// # Errors
    /// [`FileError`] if the file does not begin as a PSKC file of version 1.
    pub fn new(source: R, unlock: Unlock) -> Result<Self, FileError> {
        let (document, container) = Document::open(source)?;
        if !container.attribute("Version").is_some_and(is_version_1) {
            return Err(document.error(FileProblem::NotPskc));
        }
        Ok(Self { document, unlock, state: State::Start, seen: BTreeSet::new(), entries: 0, ended: false })
    }

    fn step(&mut self) -> Result<Option<Entry>, FileError> {
        while let Some(child) = self.document.next_child()? {
            let line = child.line;
            let problem = |problem| FileError { line, problem };
            match child.name.as_str() {
                "EncryptionKey" => self.encryption_key(&child).map_err(problem)?,
                "MACMethod" => self.mac_method(&child).map_err(problem)?,
                "KeyPackage" => return self.key_package(&child).map(Some).map_err(problem),
                // Signature and Extensions.
                _ => {}
            }
        }
        Ok(None)
    }

    fn encryption_key(&mut self, element: &Element) -> Result<(), FileProblem> {
        if !matches!(self.state, State::Start) {
            return Err(FileProblem::Encryption("EncryptionKey is twice there or too late"));
        }
        self.state = State::Key(match (Demand::read(element)?, &self.unlock) {
            (Demand::PreShared, Unlock::PreSharedKey(key)) => key.clone(),
            (Demand::Password(derivation), Unlock::Password(password)) => derivation.derive(password),
            (Demand::PreShared, _) => return Err(FileProblem::Needs("its pre-shared key")),
            (Demand::Password(_), _) => return Err(FileProblem::Needs("its password")),
        });
        Ok(())
    }

    fn mac_method(&mut self, element: &Element) -> Result<(), FileProblem> {
        match &self.state {
            State::Key(key) => {
                self.state = State::Open(Some(Box::new(Keys::open(element, key.clone())?)));
                Ok(())
            }
            State::Start | State::Open(_) => Err(FileProblem::Encryption("MACMethod is out of place")),
        }
    }

    fn key_package(&mut self, element: &Element) -> Result<Entry, FileProblem> {
        if self.entries >= MAX_ENTRIES {
            return Err(FileProblem::TooLarge("the number of keys"));
        }
        self.entries += 1;
        if let State::Start = self.state {
            self.state = State::Open(None);
        }
        let State::Open(keys) = &self.state else {
            return Err(FileProblem::Encryption("EncryptionKey without MACMethod"));
        };
        let seed = package::seed(element, keys.as_deref()).and_then(|seed| self.seen_first(seed));
        Ok(Entry { line: element.line, serial: package::serial(element), seed })
    }

    fn seen_first(&mut self, seed: Seed) -> Result<Seed, EntryError> {
        let identity = (seed.details.manufacturer.clone(), seed.serial.clone(), seed.details.key_id.clone());
        if self.seen.insert(identity) { Ok(seed) } else { Err(EntryError::Duplicate) }
    }
}

/// A minor version that is not known must be ignored (RFC 6030 section 1.2).
fn is_version_1(version: &str) -> bool {
    let minor = version.trim().strip_prefix("1.");
    minor.is_some_and(|minor| {
        (1..=9).contains(&minor.len()) && minor.bytes().all(|byte| byte.is_ascii_digit())
    })
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Entry, FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let item = self.step().transpose();
        self.ended = !matches!(item, Some(Ok(_)));
        item
    }
}

impl<R> fmt::Debug for Reader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("ended", &self.ended).finish_non_exhaustive()
    }
}
