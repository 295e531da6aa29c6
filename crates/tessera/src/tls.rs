//! TLS as the server speaks it: 1.3, or 1.2 with ECDHE and AEAD. No 0-RTT and no client certificates.

mod certificate;
mod expiry;
mod reload;

pub(crate) use certificate::{chain, key, load};
pub(crate) use reload::CertificateReloader;
