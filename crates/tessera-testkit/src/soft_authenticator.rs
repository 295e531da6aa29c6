//! A passkey in software, and the browser that asks it. Every field can be set to what no honest one would say.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};
use tessera_jose::base64url;
use tessera_jose::digest::sha256;

/// User present (WebAuthn level 3 section 6.1).
pub const UP: u8 = 0x01;
/// User verified.
pub const UV: u8 = 0x04;
/// Backup eligible.
pub const BE: u8 = 0x08;
/// Backed up.
pub const BS: u8 = 0x10;
/// Attested credential data included.
const AT: u8 = 0x40;

/// An authenticator with one Ed25519 credential.
#[derive(Clone)]
pub struct SoftAuthenticator {
    /// Its key pair.
    pub key: Arc<Ed25519KeyPair>,
    /// The id of the credential.
    pub credential_id: Vec<u8>,
    /// The flags of its answers.
    pub flags: u8,
    /// The signature counter of its next answer. It counts unless it is zero.
    pub counter: u32,
    /// The origin that the browser is at.
    pub origin: String,
    /// The RP ID that the browser asks for, if it is not that of the options.
    pub rp_id: Option<String>,
    /// The challenge that it answers, if it is not that of the options.
    pub challenge: Option<String>,
    /// The user handle of the registration.
    pub user_handle: String,
}

impl fmt::Debug for SoftAuthenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SoftAuthenticator({:?})", self.credential_id)
    }
}

impl SoftAuthenticator {
    /// An authenticator that verifies its person and does not count.
    ///
    /// # Panics
    /// If no key can be made.
    pub fn new(number: u8, origin: &str) -> Self {
        Self {
            key: Arc::new(Ed25519KeyPair::generate().expect("a key")),
            credential_id: vec![number; 16],
            flags: UP | UV,
            counter: 0,
            origin: origin.to_owned(),
            rp_id: None,
            challenge: None,
            user_handle: String::new(),
        }
    }

    /// Answers a registration (`RegistrationResponseJSON`).
    ///
    /// # Panics
    /// If the options are not those of a registration.
    pub fn create(&mut self, options: &str) -> String {
        let options: Value = serde_json::from_str(options).expect("options");
        text(&options, "/user/id").clone_into(&mut self.user_handle);
        let mut data = self.authenticator_data(text(&options, "/rp/id"), AT);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.credential_id.len()).expect("a short id").to_be_bytes());
        data.extend(&self.credential_id);
        data.extend(self.cose_key());
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData".to_vec();
        object.extend(byte_string(&data));
        self.answer(&json!({
            "clientDataJSON": base64url::encode(self.client_data("webauthn.create", &options)),
            "attestationObject": base64url::encode(object),
            "transports": ["internal", "hybrid"],
        }))
    }

    /// Answers an authentication (`AuthenticationResponseJSON`).
    ///
    /// # Panics
    /// If the options are not those of an authentication.
    pub fn get(&mut self, options: &str) -> String {
        let options: Value = serde_json::from_str(options).expect("options");
        if self.counter > 0 {
            self.counter += 1;
        }
        let data = self.authenticator_data(text(&options, "/rpId"), 0);
        let client_data = self.client_data("webauthn.get", &options);
        let signature = self.key.sign(&[&data[..], &sha256(&client_data)].concat());
        self.answer(&json!({
            "clientDataJSON": base64url::encode(&client_data),
            "authenticatorData": base64url::encode(&data),
            "signature": base64url::encode(signature.as_ref()),
            "userHandle": self.user_handle,
        }))
    }

    fn answer(&self, response: &Value) -> String {
        let id = base64url::encode(&self.credential_id);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {} })
            .to_string()
    }

    fn authenticator_data(&self, rp_id: &str, more: u8) -> Vec<u8> {
        let rp_id = self.rp_id.as_deref().unwrap_or(rp_id);
        let mut data = sha256(rp_id.as_bytes()).to_vec();
        data.push(self.flags | more);
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn client_data(&self, ceremony: &str, options: &Value) -> Vec<u8> {
        let challenge = self.challenge.as_deref().unwrap_or_else(|| text(options, "/challenge"));
        json!({ "type": ceremony, "challenge": challenge, "origin": self.origin, "crossOrigin": false })
            .to_string()
            .into_bytes()
    }

    /// The public key in COSE (RFC 9053 section 7.2).
    fn cose_key(&self) -> Vec<u8> {
        let mut cose = b"\xa4\x01\x01\x03\x27\x20\x06\x21".to_vec();
        cose.extend(byte_string(self.key.public_key().as_ref()));
        cose
    }
}

/// A byte string in CBOR (RFC 8949 section 3.1).
fn byte_string(bytes: &[u8]) -> Vec<u8> {
    let head = match u8::try_from(bytes.len()) {
        Ok(len @ ..24) => vec![0x40 | len],
        Ok(len) => vec![0x58, len],
        Err(_) => {
            let len = u16::try_from(bytes.len()).expect("a short string");
            [vec![0x59], len.to_be_bytes().to_vec()].concat()
        }
    };
    [head, bytes.to_vec()].concat()
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no {pointer} in {value}"))
}
