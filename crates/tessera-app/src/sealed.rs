//! Data in our own URLs, sealed with AES-256-GCM, so that nobody can read or change it.
//!
//! Each text is sealed under a key of its own, derived from the browser key and a random salt that is sent along. So no nonce is
//! used twice under one key, however many texts strangers make the server seal.

use tessera_jose::aead::SealingKey;
use tessera_jose::base64url;
use zeroize::Zeroizing;

use crate::Cx;

/// Longest sealed text, in bytes. URL, cookies and headers together must fit into 16 KiB (policy P12).
const MAX_LEN: usize = 12 * 1024;
const SALT_LEN: usize = 32;
/// Each key is used once, so its nonce can be constant.
const NONCE: [u8; 12] = [0; 12];

/// The text is too long for a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request is too long")]
pub(crate) struct TooLong;

/// Seals data for one context, such as a flow or an endpoint. It opens in no other context.
pub(crate) fn seal(cx: &Cx, context: &[u8], plain: &[u8]) -> Result<String, TooLong> {
    let mut text: Vec<u8> = cx.app.random::<SALT_LEN>().to_vec();
    let sealed = key(cx, &text).seal(NONCE, context, plain);
    text.extend_from_slice(&sealed);
    let text = base64url::encode(text);
    if text.len() > MAX_LEN { Err(TooLong) } else { Ok(text) }
}

/// Opens a text that was sealed for this context.
pub(crate) fn open(cx: &Cx, context: &[u8], text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let text = base64url::decode(text).ok()?;
    let (salt, sealed) = text.split_at_checked(SALT_LEN)?;
    key(cx, salt).open(context, sealed).ok()
}

fn key(cx: &Cx, salt: &[u8]) -> SealingKey {
    SealingKey::new(&cx.app.catalog.load().keys.seals.tag(&[salt]))
}
