//! How a file is encrypted (`EncryptionKey` and `MACMethod`, RFC 6030 section 6), and its values.

use std::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::cipher::{self, Cipher};
use super::xml::{Element, Twice};
use crate::algorithm::Algorithm;
use crate::mac::MacKey;
use crate::seed::{EntryError, FileProblem};

/// The most rounds of PBKDF2 that are computed, a few seconds' worth. Somebody could ask for four thousand million.
const MAX_ITERATIONS: u32 = 2_000_000;
/// Bytes of salt.
const MAX_SALT_LEN: usize = 256;
/// Bytes of a derived key. AES-256 needs 32.
const MAX_KEY_LEN: usize = 64;
/// Bytes of a MAC key.
const MAC_KEY_LEN: std::ops::RangeInclusive<usize> = 8..=128;

const PBKDF2: &[&str] = &[
    "http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#pbkdf2",
    // The text of the RFC has this one, its figure the one above.
    "http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5#pbkdf2",
    "http://www.w3.org/2009/xmlenc11#pbkdf2",
];

/// What the keys of one file are made of, once they are known.
pub(super) struct Keys {
    encryption: Zeroizing<Vec<u8>>,
    mac: MacKey,
}

/// Where the key of a file comes from.
pub(super) enum Demand {
    /// From the caller, as bytes.
    PreShared,
    /// From a password of the caller.
    Password(Derivation),
}

/// How a password becomes a key.
pub(super) struct Derivation {
    hash: Algorithm,
    salt: Vec<u8>,
    iterations: NonZeroU32,
    len: usize,
}

impl Derivation {
    pub(super) fn derive(&self, password: &str) -> Zeroizing<Vec<u8>> {
        cipher::derive_key(self.hash, password, &self.salt, self.iterations, self.len)
    }
}

impl From<Twice> for FileProblem {
    fn from(Twice(name): Twice) -> Self {
        Self::Encryption(name)
    }
}

impl From<Twice> for EntryError {
    fn from(Twice(name): Twice) -> Self {
        Self::Twice(name)
    }
}

impl Demand {
    /// Reads an `EncryptionKey`.
    pub(super) fn read(encryption_key: &Element) -> Result<Self, FileProblem> {
        match encryption_key.children() {
            [name] if name.name == "KeyName" => Ok(Self::PreShared),
            [derived] if derived.name == "DerivedKey" => Ok(Self::Password(derivation(derived)?)),
            [] => Err(FileProblem::Encryption("EncryptionKey is empty")),
            _ => Err(FileProblem::Unsupported("neither a pre-shared key nor a password")),
        }
    }
}

fn derivation(derived: &Element) -> Result<Derivation, FileProblem> {
    const INCOMPLETE: FileProblem = FileProblem::Encryption("the derivation of the key is incomplete");
    let method = derived.child("KeyDerivationMethod")?.ok_or(INCOMPLETE)?;
    if !method.attribute("Algorithm").is_some_and(|uri| PBKDF2.contains(&uri)) {
        return Err(FileProblem::Unsupported("a key derivation other than PBKDF2"));
    }
    let parameters = method.child("PBKDF2-params")?.ok_or(INCOMPLETE)?;
    let salt = parameters.descendant(&["Salt", "Specified"])?.ok_or(INCOMPLETE)?;
    let salt = decode(salt.text()).filter(|salt| (1..=MAX_SALT_LEN).contains(&salt.len()));
    let number =
        |name| parameters.child(name).map(|found| found.and_then(|found| found.text().parse::<u32>().ok()));
    let iterations = number("IterationCount")?.and_then(NonZeroU32::new).ok_or(INCOMPLETE)?;
    if iterations.get() > MAX_ITERATIONS {
        return Err(FileProblem::TooLarge("the number of iterations"));
    }
    let len = number("KeyLength")?.and_then(|len| usize::try_from(len).ok());
    let hash = match parameters.child("PRF")?.and_then(|prf| prf.attribute("Algorithm")) {
        // RFC 8018 appendix A.2: HMAC-SHA-1 is the default.
        None => Algorithm::Sha1,
        Some(uri) => hmac_of_uri(uri).ok_or(FileProblem::Unsupported("the hash of PBKDF2"))?,
    };
    Ok(Derivation {
        hash,
        salt: salt.ok_or(FileProblem::Encryption("the salt has a wrong value"))?.to_vec(),
        iterations,
        len: len.filter(|len| (1..=MAX_KEY_LEN).contains(len)).ok_or(INCOMPLETE)?,
    })
}

impl Keys {
    /// Opens the MAC key of a `MACMethod` with the key of the file (RFC 6030 section 6.1.1).
    pub(super) fn open(mac_method: &Element, encryption: Zeroizing<Vec<u8>>) -> Result<Self, FileProblem> {
        let uri = mac_method.attribute("Algorithm").unwrap_or_default();
        let hash = hmac_of_uri(uri).ok_or(FileProblem::Unsupported("the algorithm of the MAC"))?;
        let sealed =
            mac_method.child("MACKey")?.ok_or(FileProblem::Unsupported("a MAC key outside the file"))?;
        let (cipher, sealed) =
            encrypted(sealed)?.ok_or(FileProblem::Unsupported("the cipher of the MAC key"))?;
        let sealed = decode(sealed).ok_or(FileProblem::Encryption("the MAC key is not base64"))?;
        let key = cipher.decrypt(&encryption, &sealed).map_err(|_| FileProblem::WrongKey)?;
        if !MAC_KEY_LEN.contains(&key.len()) {
            return Err(FileProblem::WrongKey);
        }
        Ok(Self { encryption, mac: MacKey::new(hash, &key) })
    }
}

/// What a value of a key (`Secret`, `Counter`, ..) holds.
pub(super) enum Value<'a> {
    /// The text of a `PlainValue`.
    Plain(&'a str),
    /// The bytes of an `EncryptedValue`, decrypted.
    Decrypted(Zeroizing<Vec<u8>>),
}

impl<'a> Value<'a> {
    /// Reads a value (RFC 6030 section 4.1). `name` is for the error.
    pub(super) fn read(
        element: &'a Element,
        keys: Option<&Keys>,
        name: &'static str,
    ) -> Result<Self, EntryError> {
        match (element.child("PlainValue")?, element.child("EncryptedValue")?) {
            (Some(_), Some(_)) => Err(EntryError::Twice(name)),
            (Some(plain), None) => Ok(Self::Plain(plain.text())),
            (None, Some(sealed)) => {
                let keys = keys.ok_or(EntryError::Cipher(name))?;
                let tag = element.child("ValueMAC")?.ok_or(EntryError::NoMac(name))?;
                decrypted(sealed, tag, keys, name).map(Self::Decrypted)
            }
            (None, None) => Err(EntryError::Missing(name)),
        }
    }
}

/// The MAC is over the initialisation vector and the ciphertext, and is checked first (RFC 6030 section 6.1.1).
fn decrypted(
    sealed: &Element,
    tag: &Element,
    keys: &Keys,
    name: &'static str,
) -> Result<Zeroizing<Vec<u8>>, EntryError> {
    let (cipher, sealed) = encrypted(sealed)?.ok_or(EntryError::Cipher(name))?;
    let sealed = decode(sealed).ok_or(EntryError::Wrong(name))?;
    let tag = decode(tag.text()).ok_or(EntryError::BadMac(name))?;
    if !keys.mac.verify(&sealed, &tag) {
        return Err(EntryError::BadMac(name));
    }
    cipher.decrypt(&keys.encryption, &sealed).map_err(|_| EntryError::Undecryptable(name))
}

/// The cipher and the base64 of an element of the type `EncryptedDataType`.
fn encrypted(element: &Element) -> Result<Option<(Cipher, &str)>, Twice> {
    let method = element.child("EncryptionMethod")?.and_then(|method| method.attribute("Algorithm"));
    let value = element.descendant(&["CipherData", "CipherValue"])?;
    Ok(method.and_then(Cipher::from_uri).zip(value.map(Element::text)))
}

/// Base64 with white space anywhere, as XML has it.
pub(super) fn decode(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut compact = Zeroizing::new(Vec::with_capacity(text.len()));
    compact.extend(text.bytes().filter(|byte| !byte.is_ascii_whitespace()));
    STANDARD.decode(compact.as_slice()).ok().map(Zeroizing::new)
}

/// Both families of identifiers are in use.
fn hmac_of_uri(uri: &str) -> Option<Algorithm> {
    match uri {
        "http://www.w3.org/2000/09/xmldsig#hmac-sha1"
        | "http://www.w3.org/2001/04/xmldsig-more#hmac-sha1" => Some(Algorithm::Sha1),
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256" => Some(Algorithm::Sha256),
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha512" => Some(Algorithm::Sha512),
        _ => None,
    }
}
