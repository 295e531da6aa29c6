//! Row J34 of the attack list: whatever is changed in a valid token, it is none any more.

use tessera_jose::Algorithm;

use crate::support::Issuer;

#[tokio::test]
async fn j34_no_flipped_bit_passes_also_beside_a_cached_original() {
    for alg in [Algorithm::Es256, Algorithm::EdDsa] {
        let issuer = Issuer::start_with(alg).await;
        let verifier = issuer.verifier().await;
        let token = issuer.token();
        verifier.verify(&token).await.unwrap();
        for at in 0..token.len() {
            for bit in 0..7 {
                let mut flipped = token.clone().into_bytes();
                flipped[at] ^= 1 << bit;
                let flipped = String::from_utf8(flipped).unwrap();
                assert!(verifier.verify(&flipped).await.is_err(), "{alg} byte {at} bit {bit}");
            }
        }
        assert!(verifier.verify(&token).await.is_ok());
    }
}
