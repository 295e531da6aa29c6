//! Makes PSKC files as a vendor would, well or badly.

use aws_lc_rs::cipher::{AES_128, AES_256, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey};
use aws_lc_rs::hmac;
use aws_lc_rs::iv::FixedLength;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tessera_otp::pskc::{Reader, Unlock};
use tessera_otp::{Entry, EntryError, FileError, FileProblem, Seed};
use zeroize::Zeroizing;

pub(crate) const HOTP: &str = "urn:ietf:params:xml:ns:keyprov:pskc:hotp";
pub(crate) const TOTP: &str = "urn:ietf:params:xml:ns:keyprov:pskc:totp";
pub(crate) const SIX: &str = r#"<ResponseFormat Length="6" Encoding="DECIMAL"/>"#;
/// Base64 of `12345678901234567890`, the secret of the RFCs.
pub(crate) const RFC_SECRET: &str = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=";

pub(crate) fn container(inner: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<KeyContainer Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc"
  xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"
  xmlns:xenc11="http://www.w3.org/2009/xmlenc11#"
  xmlns:pkcs5="http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#">{inner}</KeyContainer>
"#
    )
}

pub(crate) fn package(serial: &str, algorithm: &str, parameters: &str, rest: &str) -> String {
    format!(
        "<KeyPackage><DeviceInfo><SerialNo>{serial}</SerialNo></DeviceInfo><Key Algorithm=\"{algorithm}\">\
         <AlgorithmParameters>{parameters}</AlgorithmParameters>{rest}</Key></KeyPackage>"
    )
}

/// A HOTP device in the clear, with `data` beside its secret.
pub(crate) fn plain_hotp(serial: &str, data: &str) -> String {
    let secret = plain("Secret", RFC_SECRET);
    package(serial, HOTP, SIX, &format!("<Data>{secret}{data}</Data>"))
}

pub(crate) fn plain(name: &str, value: &str) -> String {
    format!("<{name}><PlainValue>{value}</PlainValue></{name}>")
}

/// The keys of an encrypted file.
pub(crate) struct Sealer {
    pub(crate) key: Vec<u8>,
    pub(crate) mac_key: Vec<u8>,
    pub(crate) mac: hmac::Algorithm,
}

impl Sealer {
    pub(crate) fn aes128_sha1() -> Self {
        Self { key: vec![0x11; 16], mac_key: vec![0x22; 20], mac: hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY }
    }

    pub(crate) fn aes256_sha256() -> Self {
        Self { key: vec![0x33; 32], mac_key: vec![0x44; 32], mac: hmac::HMAC_SHA256 }
    }

    pub(crate) fn unlock(&self) -> Unlock {
        Unlock::PreSharedKey(Zeroizing::new(self.key.clone()))
    }

    pub(crate) fn head(&self) -> String {
        format!("<EncryptionKey><ds:KeyName>Ours</ds:KeyName></EncryptionKey>{}", self.mac_method())
    }

    pub(crate) fn mac_method(&self) -> String {
        let uri = if self.mac == hmac::HMAC_SHA256 {
            "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
        } else {
            "http://www.w3.org/2000/09/xmldsig#hmac-sha1"
        };
        let key = self.encrypted(&self.seal(&self.mac_key));
        format!("<MACMethod Algorithm=\"{uri}\"><MACKey>{key}</MACKey></MACMethod>")
    }

    /// The bytes of a `CipherValue`: initialisation vector and blocks.
    pub(crate) fn seal(&self, plain: &[u8]) -> Vec<u8> {
        let algorithm = if self.key.len() == 16 { &AES_128 } else { &AES_256 };
        let key = UnboundCipherKey::new(algorithm, &self.key).unwrap();
        let key = PaddedBlockEncryptingKey::cbc_pkcs7(key).unwrap();
        let mut blocks = plain.to_vec();
        let iv = [0x5a; 16];
        key.less_safe_encrypt(&mut blocks, EncryptionContext::Iv128(FixedLength::from(&iv))).unwrap();
        [iv.as_slice(), &blocks].concat()
    }

    pub(crate) fn tag(&self, sealed: &[u8]) -> Vec<u8> {
        hmac::sign(&hmac::Key::new(self.mac, &self.mac_key), sealed).as_ref().to_vec()
    }

    pub(crate) fn encrypted(&self, sealed: &[u8]) -> String {
        let bits = self.key.len() * 8;
        let value = STANDARD.encode(sealed);
        format!(
            "<xenc:EncryptionMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#aes{bits}-cbc\"/>\
             <xenc:CipherData><xenc:CipherValue>{value}</xenc:CipherValue></xenc:CipherData>"
        )
    }

    /// An encrypted value with these bytes and this tag.
    pub(crate) fn value_of(&self, name: &str, sealed: &[u8], tag: &[u8]) -> String {
        let (value, tag) = (self.encrypted(sealed), STANDARD.encode(tag));
        format!("<{name}><EncryptedValue>{value}</EncryptedValue><ValueMAC>{tag}</ValueMAC></{name}>")
    }

    pub(crate) fn value(&self, name: &str, plain: &[u8]) -> String {
        let sealed = self.seal(plain);
        self.value_of(name, &sealed, &self.tag(&sealed))
    }
}

/// Reads a whole file.
pub(crate) fn read(file: impl AsRef<[u8]>, unlock: Unlock) -> Result<Vec<Entry>, FileError> {
    Reader::new(file.as_ref(), unlock)?.collect()
}

/// The devices of a file in the clear that has nothing wrong in it.
pub(crate) fn seeds(file: &str) -> Vec<Seed> {
    read(file, Unlock::Nothing).unwrap().into_iter().map(|entry| entry.seed.unwrap()).collect()
}

/// What is wrong with the only entry of a file in the clear.
pub(crate) fn entry_error(inner: &str) -> EntryError {
    let mut entries = read(container(inner), Unlock::Nothing).unwrap();
    assert_eq!(entries.len(), 1);
    entries.remove(0).seed.unwrap_err()
}

/// What is wrong with a whole file.
pub(crate) fn problem(file: impl AsRef<[u8]>, unlock: Unlock) -> FileProblem {
    read(file, unlock).unwrap_err().problem
}
