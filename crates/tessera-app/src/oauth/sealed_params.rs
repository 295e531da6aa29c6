//! What travels in an address of ours, sealed with AES-256-GCM: nobody reads it there, and nobody changes it.
//!
//! A key seals one text: it is made from the browser key and a salt that goes along. So no nonce can come twice under a key,
//! however many texts strangers have sealed, and the browser key does not wear out.

use tessera_jose::aead::SealingKey;
use tessera_jose::base64url;
use zeroize::Zeroizing;

use crate::Cx;

/// Longest sealed text. It travels beside cookies and headers, all of which must fit into 16 KiB (policy P12).
const MAX_LEN: usize = 12 * 1024;
const SALT_LEN: usize = 32;
/// The one nonce under each key.
const NONCE: [u8; 12] = [0; 12];

/// It is too long for an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request is too long")]
pub(super) struct TooLong;

/// Seals for one place only: what was posted to an endpoint opens at no other, and not as a flow.
pub(super) fn seal(cx: &Cx, context: &[u8], plain: &[u8]) -> Result<String, TooLong> {
    let mut text: Vec<u8> = cx.app.random::<SALT_LEN>().to_vec();
    let sealed = key(cx, &text).seal(NONCE, context, plain);
    text.extend_from_slice(&sealed);
    let text = base64url::encode(text);
    if text.len() > MAX_LEN { Err(TooLong) } else { Ok(text) }
}

/// What was sealed for this place.
pub(super) fn open(cx: &Cx, context: &[u8], text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let text = base64url::decode(text).ok()?;
    let (salt, sealed) = text.split_at_checked(SALT_LEN)?;
    key(cx, salt).open(context, sealed).ok()
}

fn key(cx: &Cx, salt: &[u8]) -> SealingKey {
    SealingKey::new(&cx.app.catalog.load().keys.seals.tag(&[salt]))
}
