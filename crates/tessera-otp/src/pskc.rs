//! Seed files in the Portable Symmetric Key Container format (PSKC, RFC 6030).
//!
//! [`Reader`] reads one `KeyPackage` at a time, so memory does not grow with the file, but for the serial numbers that find duplicates.
//!
//! What is read: HOTP and TOTP keys; values in the clear; values under AES-CBC (128, 192 and 256 bits) with a MAC, where the key is
//! a pre-shared one or comes from a password (section 6.2). The MAC is checked before anything is decrypted.
//!
//! What is not: keys under RSA or in a certificate (section 6.3); key wrap; values without a MAC under AES-CBC; a MAC key that is not
//! in the file, encrypted; keys that are only named (`KeyReference`, `KeyProfileId`) and not there; challenge and response; PINs; T0
//! other than 1970. Signatures (section 7) are not verified: whoever may import a file vouches for it. `Time` is ignored.
//!
//! The XML has no document type and no entities but the five of the standard. Elements of namespaces other than PSKC, XML Encryption, XML
//! Signature and PKCS #5 are extensions, and are passed over.

mod cipher;
mod integrity;
mod package;
mod reader;
mod xml;

pub use reader::{MAX_ENTRIES, Reader, Unlock};
