//! Any change of a valid token makes it invalid, also while the original is in the cache.

use serde_json::json;
use tessera_jose::Algorithm;
use tessera_verifier::Verifier;

use crate::support::Issuer;

/// The characters of a token, and those that some readers of Base64 ignore.
const CHARACTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ ";

/// Every text in which one bit of the byte at this position is flipped.
fn flips(token: &str, at: usize) -> impl Iterator<Item = String> {
    (0..7).map(move |bit| {
        let mut bytes = token.as_bytes().to_vec();
        bytes[at] ^= 1 << bit;
        String::from_utf8(bytes).unwrap()
    })
}

/// Every text with one character less, more or another at this position.
fn edits(token: &str, at: usize) -> impl Iterator<Item = String> {
    let (before, rest) = token.split_at(at);
    let deleted = format!("{before}{}", &rest[1..]);
    let changed = CHARACTERS
        .chars()
        .flat_map(move |new| [format!("{before}{new}{rest}"), format!("{before}{new}{}", &rest[1..])]);
    changed.chain([deleted]).filter(move |edited| edited != token)
}

async fn all_are_refused(verifier: &Verifier, edited: impl Iterator<Item = String>) -> usize {
    let mut count = 0;
    for token in edited {
        assert!(verifier.verify(&token).await.is_err(), "{token}");
        count += 1;
    }
    count
}

#[tokio::test]
async fn j34_every_edit_of_one_character_under_ecdsa() {
    every_edit(Algorithm::Es256).await;
}

#[tokio::test]
async fn j34_every_edit_of_one_character_under_ed25519() {
    every_edit(Algorithm::EdDsa).await;
}

async fn every_edit(alg: Algorithm) {
    let issuer = Issuer::start_with(alg).await;
    let verifier = issuer.verifier().await;
    let token = issuer.token();
    verifier.verify(&token).await.unwrap();
    let mut count = 0;
    for at in 0..token.len() {
        count += all_are_refused(&verifier, edits(&token, at)).await;
    }
    assert!(count > 60_000, "{count}");
    assert!(verifier.verify(&token).await.is_ok());
}

#[tokio::test]
async fn j34_flipped_bits_in_a_thousand_tokens() {
    for alg in [Algorithm::Es256, Algorithm::EdDsa] {
        let issuer = Issuer::start_with(alg).await;
        let verifier = issuer.verifier().await;
        let mut count = 0;
        for n in 0..500 {
            let token = issuer.token_with("jti", json!(format!("grant.{n:04}")));
            verifier.verify(&token).await.unwrap();
            // Each token is changed at other positions. Together they cover every byte many times.
            for at in (n % 97..token.len()).step_by(97) {
                count += all_are_refused(&verifier, flips(&token, at)).await;
            }
            assert!(verifier.verify(&token).await.is_ok());
        }
        assert!(count > 15_000, "{count}");
    }
}
