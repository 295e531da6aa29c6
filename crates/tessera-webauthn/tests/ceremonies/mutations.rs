//! No response that was changed is accepted, and nothing that arrives makes a parser panic.

use std::sync::LazyLock;

use proptest::prelude::*;
use tessera_webauthn::{Attestation, AttestationPolicy, Registered, RegistrationError};

use crate::authenticator::{Authenticator, Stored, register};
use crate::cbor::Value;
use crate::certificates::{AAGUID, Attester, der, x5c};
use tessera_webauthn::CoseAlgorithm;

struct Good {
    client_data: Vec<u8>,
    object: Vec<u8>,
}

/// Signed by the credential itself.
static SELF_SIGNED: LazyLock<Good> = LazyLock::new(|| {
    let authenticator = Authenticator::es256();
    Good { client_data: authenticator.client_data.json(), object: authenticator.self_attested(-7) }
});

/// Signed by an attestation key.
static CERTIFIED: LazyLock<Good> = LazyLock::new(|| {
    let authenticator = Authenticator::es256();
    let mut attester = Attester::new(CoseAlgorithm::Es256);
    attester.extend(AAGUID, der(&[0x04], &[&authenticator.aaguid]));
    let members = vec![
        ("alg", Value::Int(-7)),
        ("sig", Value::Bytes(attester.key.sign(&authenticator.signed()))),
        ("x5c", x5c(&attester.chain())),
    ];
    let object = authenticator.object("packed", Value::named(members));
    Good { client_data: authenticator.client_data.json(), object }
});

static AUTHENTICATION: LazyLock<(Stored, [Vec<u8>; 3])> = LazyLock::new(|| {
    let authenticator = Authenticator::es256();
    let stored = Stored::of(&authenticator.register().unwrap());
    let authenticator = authenticator.authenticating();
    let signature = authenticator.key.sign(&authenticator.signed());
    let parts = [authenticator.client_data.json(), authenticator.authenticator_data(), signature];
    assert!(stored.authenticate(&parts[0], &parts[1], &parts[2]).is_ok());
    (stored, parts)
});

impl Good {
    fn register(&self) -> Result<Registered, RegistrationError> {
        register(&self.client_data, &self.object, AttestationPolicy::NotWanted)
    }

    /// The response with one byte of one part changed.
    fn changed(&self, in_object: bool, at: usize, by: u8) -> Self {
        let (mut client_data, mut object) = (self.client_data.clone(), self.object.clone());
        let part = if in_object { &mut object } else { &mut client_data };
        let at = at % part.len();
        part[at] ^= by;
        Self { client_data, object }
    }
}

fn chain(registered: &Registered) -> &[Vec<u8>] {
    match &registered.attestation {
        Attestation::Certified { chain, .. } => chain,
        other => panic!("{other:?}"),
    }
}

#[test]
fn l37_no_bit_of_a_signed_registration_can_be_flipped() {
    assert!(SELF_SIGNED.register().is_ok());
    for in_object in [false, true] {
        let len = if in_object { SELF_SIGNED.object.len() } else { SELF_SIGNED.client_data.len() };
        for at in 0..len {
            for bit in 0..8 {
                let changed = SELF_SIGNED.changed(in_object, at, 1 << bit);
                // Any other format than `none` has a statement that nobody verified.
                let told = changed.register().map(|registered| registered.attestation);
                let is_told = matches!(told, Err(_) | Ok(Attestation::Unverified { .. }));
                assert!(is_told, "byte {at}, bit {bit}: {told:?}");
                let wanted = register(&changed.client_data, &changed.object, AttestationPolicy::Wanted);
                assert!(wanted.is_err(), "byte {at}, bit {bit}");
            }
        }
    }
}

#[test]
fn l31_no_bit_of_an_authentication_can_be_flipped() {
    let (stored, parts) = &*AUTHENTICATION;
    for part in 0..3 {
        for at in 0..parts[part].len() {
            for bit in 0..8 {
                let mut parts = parts.clone();
                parts[part][at] ^= 1 << bit;
                let refused = stored.authenticate(&parts[0], &parts[1], &parts[2]);
                assert!(refused.is_err(), "part {part}, byte {at}, bit {bit}");
            }
        }
    }
}

proptest! {
    /// What a certificate says beside its key is covered by the signature of the one above, which is the caller's to check. So a
    /// changed response either fails or shows the caller another chain.
    #[test]
    fn l37_a_changed_certified_registration_fails_or_has_another_chain(
        in_object: bool, at in 0..4096_usize, by in 1..=u8::MAX,
    ) {
        let good = CERTIFIED.register().unwrap();
        let changed = CERTIFIED.changed(in_object, at, by);
        if let Ok(registered) = register(&changed.client_data, &changed.object, AttestationPolicy::Wanted) {
            prop_assert!(in_object);
            prop_assert_ne!(chain(&registered), chain(&good));
            let same = Registered { attestation: good.attestation.clone(), ..registered };
            prop_assert_eq!(same, good);
        }
    }

    #[test]
    fn l31_a_changed_authentication_is_refused(part in 0..3_usize, at in 0..4096_usize, by in 1..=u8::MAX) {
        let (stored, parts) = &*AUTHENTICATION;
        let mut parts = parts.clone();
        let at = at % parts[part].len();
        parts[part][at] ^= by;
        prop_assert!(stored.authenticate(&parts[0], &parts[1], &parts[2]).is_err());
    }

    #[test]
    fn l37_bytes_put_in_or_left_out_are_refused(
        at in 0..4096_usize, out in 0..4_usize, put in proptest::collection::vec(any::<u8>(), 0..4),
    ) {
        let good = &*SELF_SIGNED;
        let at = at % good.object.len();
        let end = (at + out).min(good.object.len());
        let object = [&good.object[..at], &put, &good.object[end..]].concat();
        prop_assume!(object != good.object);
        prop_assert!(register(&good.client_data, &object, AttestationPolicy::Wanted).is_err());
    }

    #[test]
    fn l37_arbitrary_bytes_are_refused(
        json in proptest::collection::vec(any::<u8>(), 0..200),
        data in proptest::collection::vec(any::<u8>(), 0..400),
        signature in proptest::collection::vec(any::<u8>(), 0..80),
    ) {
        let (stored, parts) = &*AUTHENTICATION;
        prop_assert!(register(&json, &data, AttestationPolicy::NotWanted).is_err());
        prop_assert!(register(&SELF_SIGNED.client_data, &data, AttestationPolicy::NotWanted).is_err());
        prop_assert!(stored.authenticate(&json, &data, &signature).is_err());
        prop_assert!(stored.authenticate(&parts[0], &data, &signature).is_err());
        prop_assert!(stored.authenticate(&parts[0], &parts[1], &signature).is_err());
    }

    /// Garbage behind a good head reaches the parsers of every format.
    #[test]
    fn l37_arbitrary_statements_are_refused(
        format in prop::sample::select(vec!["packed", "tpm", "android-key", "fido-u2f", "apple"]),
        certificate in proptest::collection::vec(any::<u8>(), 0..300),
        area in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let authenticator = Authenticator::es256();
        let certificate = x5c(&[certificate]);
        let members = match format {
            "tpm" => vec![
                ("alg", Value::Int(-7)),
                ("sig", Value::bytes(&area)),
                ("ver", Value::Text("2.0")),
                ("x5c", certificate),
                ("pubArea", Value::bytes(&area)),
                ("certInfo", Value::bytes(&area)),
            ],
            "apple" => vec![("x5c", certificate)],
            "fido-u2f" => vec![("sig", Value::bytes(&area)), ("x5c", certificate)],
            _ => vec![("alg", Value::Int(-7)), ("sig", Value::bytes(&area)), ("x5c", certificate)],
        };
        let object = authenticator.object(format, Value::named(members));
        prop_assert!(authenticator.register_with(&object, AttestationPolicy::NotWanted).is_err());
    }
}
