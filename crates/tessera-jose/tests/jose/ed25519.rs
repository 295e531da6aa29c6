//! Ed25519 keys and signatures have exactly one form.

use serde_json::json;
use tessera_jose::{Jwk, KeyError, VerifyingKey, base64url};

fn jwk(x: &str) -> Jwk {
    Jwk::parse(json!({"kty": "OKP", "crv": "Ed25519", "x": x}).to_string().as_bytes()).unwrap()
}

/// Made for this test over the message `tessera`: one honest key, one with a component of order 8.
mod edwards {
    pub(crate) const MESSAGE: &[u8] = b"tessera";
    pub(crate) const KEY: &str = "Q_acYu41TMi93Oas2nBT03u2kjVrH5UdUezQ22aD3jg";
    pub(crate) const GOOD: &str =
        "E8QGRK_mgcBucAX-7yHqiVRb1Hg9L6c4qBCjntFmzOHPk1HSoGVbkfVZ081k-F7K7sHvIVyzIQJJ1DJ2ZdqbAg";
    /// S + L instead of S.
    pub(crate) const S_PLUS_L: &str =
        "E8QGRK_mgcBucAX-7yHqiVRb1Hg9L6c4qBCjntFmzOG8Z0cvu8ht6cv2ynBD8j3f7sHvIVyzIQJJ1DJ2ZdqbEg";
    /// R is the neutral element, written as p + 1 instead of 1.
    pub(crate) const NON_CANONICAL_R: &str =
        "7v_______________________________________390hslx76Gn8hCDtq8izSOB0oztwAQrPmqUY1NtpBapDA";
    /// R has a component of order 8 added after S was computed: only a cofactored check accepts it.
    pub(crate) const TORSION_IN_R: &str =
        "NRwj3cman4sTNhPmnM6AQY4vVPNwbJu72Tug9Pqs6tZz5yInqhvIAxFweZjHwVg_bfXRk8wlspGJPJq7l5inDA";
    /// The key plus a point of order 8, and a signature that only a cofactored check accepts.
    pub(crate) const MIXED_KEY: &str = "skcBnxlbcrxSKcFD2BkR_wOAHwr2KFoZc7iycxLDczI";
    pub(crate) const MIXED_SIGNATURE: &str =
        "E8QGRK_mgcBucAX-7yHqiVRb1Hg9L6c4qBCjntFmzOFVPOuUjBfNKW6mojlkQiVWAkyvJ0uhUNPzelnre9JdAQ";
}

#[test]
fn j18_ed25519_signatures_have_one_form() {
    let key = VerifyingKey::from_jwk(&jwk(edwards::KEY)).unwrap();
    let verify = |key: &VerifyingKey, signature: &str| {
        key.verify(edwards::MESSAGE, &base64url::decode(signature).unwrap())
    };
    assert!(verify(&key, edwards::GOOD).is_ok());
    for signature in [edwards::S_PLUS_L, edwards::NON_CANONICAL_R, edwards::TORSION_IN_R] {
        assert!(verify(&key, signature).is_err(), "{signature}");
    }
    let mixed = VerifyingKey::from_jwk(&jwk(edwards::MIXED_KEY)).unwrap();
    assert!(verify(&mixed, edwards::MIXED_SIGNATURE).is_err());
    for len in [0, 32, 63, 65, 128] {
        assert!(key.verify(edwards::MESSAGE, &vec![0; len]).is_err());
    }
}

/// The largest y that fits, but for its first byte: 7f ff .. ff `first`, little endian.
fn near_the_prime(first: u8) -> [u8; 32] {
    let mut x = [0xff; 32];
    x[0] = first;
    x[31] = 0x7f;
    x
}

#[test]
fn j18_ed25519_keys_of_small_order_are_refused() {
    let order_8 =
        ["JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU", "xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o"];
    let mut points: Vec<[u8; 32]> =
        order_8.iter().map(|x| base64url::decode(x).unwrap().try_into().unwrap()).collect();
    points.extend([0, 1].map(near_zero));
    // p - 1 has order 2; p and p + 1 are 0 and 1 again; the rest are second encodings of other points.
    points.extend([0xec, 0xed, 0xee, 0xef, 0xff].map(near_the_prime));
    assert_eq!(points.len(), 9);
    for mut x in points {
        for sign in [0, 0x80] {
            x[31] = x[31] & 0x7f | sign;
            let key = jwk(&base64url::encode(x));
            assert_eq!(VerifyingKey::from_jwk(&key).err(), Some(KeyError::WeakPoint), "{x:x?}");
        }
    }
}

/// The provider decodes the point at every verification, not at load: a y without a point is a key that
/// verifies nothing.
#[test]
fn j18_ed25519_keys_off_the_curve_verify_nothing() {
    let neutral = [&near_zero(1)[..], &[0; 32]].concat();
    let base = [&[&[0x58][..], &[0x66; 31]].concat()[..], &near_zero(1)].concat();
    for y in [2, 7, 8, 11, 12, 13, 17, 20] {
        let key = jwk(&base64url::encode(near_zero(y)));
        let key = VerifyingKey::from_jwk(&key);
        for signature in [&neutral, &base, &base64url::decode(edwards::GOOD).unwrap()] {
            let verified = key.as_ref().is_ok_and(|key| key.verify(edwards::MESSAGE, signature).is_ok());
            assert!(!verified, "{y}");
        }
    }
}

fn near_zero(first: u8) -> [u8; 32] {
    let mut x = [0; 32];
    x[0] = first;
    x
}
