//! The verifier against an issuer on loopback.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod claims;
mod edits;
mod epoch;
mod feed;
mod headers;
mod http;
mod keys;
mod roles;
mod rotation;
mod rules;
mod support;
mod types;

use tessera_verifier::{Verifier, VerifyError};

async fn refused(verifier: &Verifier, token: &str) -> VerifyError {
    match verifier.verify(token).await {
        Err(error) => error,
        Ok(claims) => panic!("accepted {claims:?}: {token}"),
    }
}
