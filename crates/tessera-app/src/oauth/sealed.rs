//! What travels in an address of ours, sealed with AES-256-GCM: nobody reads it there, and nobody changes it.

use tessera_jose::base64url;
use zeroize::Zeroizing;

use crate::Cx;

/// Longest sealed text. It travels beside cookies and headers, all of which must fit into 16 KiB (policy P12).
const MAX_LEN: usize = 12 * 1024;

/// It is too long for an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request is too long")]
pub(super) struct TooLong;

/// Seals for one place only: what is bound to a browser opens in no other, what is bound to an endpoint at no other.
pub(super) fn seal(cx: &Cx, place: &[u8], plain: &[u8]) -> Result<String, TooLong> {
    let keys = &cx.app.catalog.load().keys;
    let sealed = base64url::encode(keys.flow_seal.seal(cx.app.random(), place, plain));
    if sealed.len() > MAX_LEN { Err(TooLong) } else { Ok(sealed) }
}

/// What was sealed for this place.
pub(super) fn open(cx: &Cx, place: &[u8], text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let sealed = base64url::decode(text).ok()?;
    cx.app.catalog.load().keys.flow_seal.open(place, &sealed).ok()
}
