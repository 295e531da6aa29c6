//! An attacker's tools: any header over any payload, with a signature that is right if the key is.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use tessera_jose::{HmacSha256Key, JwsError, SigningKey, Unverified, VerifyingKey, base64url};

/// 32 bytes both sides know.
pub(crate) const SECRET: &[u8; 32] = b"thirty-two bytes known to both..";

/// The shared secret as a key without a name.
pub(crate) fn shared() -> VerifyingKey {
    VerifyingKey::from_secret(SECRET, None).unwrap()
}

/// `header.payload`.
pub(crate) fn signing_input(header: &str, payload: &[u8]) -> String {
    format!("{}.{}", base64url::encode(header), base64url::encode(payload))
}

/// A token with this header, signed with HMAC under `secret`, whatever the header says.
pub(crate) fn hmac_signed(secret: &[u8], header: &str, payload: &[u8]) -> String {
    let input = signing_input(header, payload);
    let tag = HmacSha256Key::new(secret).tag(&[input.as_bytes()]);
    format!("{input}.{}", base64url::encode(tag))
}

/// A token with this header, signed with the private P-256 key `key`, whatever the header says.
pub(crate) fn es256_signed(key: &SigningKey, header: &str, payload: &[u8]) -> String {
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &key.to_pkcs8()).unwrap();
    let input = signing_input(header, payload);
    let signature = pair.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
    format!("{input}.{}", base64url::encode(signature))
}

/// What becomes of `token` under `key`: its payload, or the reason.
pub(crate) fn outcome(token: &str, key: &VerifyingKey) -> Result<Vec<u8>, JwsError> {
    Unverified::parse(token).and_then(|unverified| unverified.verify(key).map(<[u8]>::to_vec))
}

/// What becomes of a token with this header, correctly signed under the shared secret.
pub(crate) fn header_outcome(header: &str) -> Result<Vec<u8>, JwsError> {
    outcome(&hmac_signed(SECRET, header, b"{}"), &shared())
}
