//! Section 7.2.

use tessera_webauthn::{
    AuthenticationError, AuthenticatorDataError, CborError, ClientDataError, CoseAlgorithm, Counter,
    CredentialKeyError, Identification, UserVerification, WrongSignature,
};

use crate::authenticator::{AT, Authenticator, BE, BS, ClientData, ED, KeyPair, Stored, UP, UV};
use crate::cbor::Value;

/// A registered authenticator that is about to authenticate, and what was stored about it.
fn registered() -> (Authenticator, Stored) {
    let authenticator = Authenticator::es256();
    let stored = Stored::of(&authenticator.register().unwrap());
    (authenticator.authenticating(), stored)
}

#[test]
fn every_algorithm_authenticates() {
    for algorithm in CoseAlgorithm::ALL {
        let authenticator = Authenticator::new(algorithm);
        let stored = Stored::of(&authenticator.register().unwrap());
        let mut authenticator = authenticator.authenticating();
        authenticator.flags |= BS;
        let authenticated = authenticator.authenticate(&stored).unwrap();
        assert_eq!((authenticated.sign_count, authenticated.counter), (4, Counter::Advanced));
        assert!(authenticated.flags.user_verified() && authenticated.flags.backed_up());
    }
}

#[test]
fn a_counter_that_goes_back_is_told() {
    let (mut authenticator, mut stored) = registered();
    for (last, new, counter) in [
        (0, 0, Counter::NotUsed),
        (0, 1, Counter::Advanced),
        (3, u32::MAX, Counter::Advanced),
        (3, 3, Counter::WentBack),
        (3, 2, Counter::WentBack),
        (3, 0, Counter::WentBack),
    ] {
        (stored.sign_count, authenticator.counter) = (last, new);
        let authenticated = authenticator.authenticate(&stored).unwrap();
        assert_eq!((authenticated.sign_count, authenticated.counter), (new, counter), "{last} {new}");
    }
}

#[test]
fn l31_a_response_to_another_challenge_or_ceremony_is_refused() {
    let (mut authenticator, stored) = registered();
    authenticator.client_data.challenge[0] ^= 1;
    assert_eq!(authenticator.authenticate(&stored), Err(ClientDataError::Challenge.into()));
    authenticator.client_data = ClientData::create();
    assert_eq!(authenticator.authenticate(&stored), Err(ClientDataError::Type.into()));
}

#[test]
fn l32_other_origins_frames_and_relying_parties_are_refused() {
    let (mut authenticator, stored) = registered();
    authenticator.client_data.origin = "https://evil.example";
    assert_eq!(authenticator.authenticate(&stored), Err(ClientDataError::Origin.into()));
    authenticator.client_data = ClientData { rest: r#","crossOrigin":true"#, ..ClientData::get() };
    assert_eq!(authenticator.authenticate(&stored), Err(ClientDataError::CrossOrigin.into()));
    authenticator.client_data = ClientData::get();
    authenticator.rp_id = "evil.example";
    assert_eq!(authenticator.authenticate(&stored), Err(AuthenticatorDataError::RelyingParty.into()));
}

#[test]
fn l34_presence_verification_and_backup_flags_are_checked() {
    let (mut authenticator, mut stored) = registered();
    for (flags, error) in [
        (UV | BE, AuthenticationError::from(AuthenticatorDataError::UserPresence)),
        (UP | BE, AuthenticatorDataError::UserVerification.into()),
        (UP | UV | BS, AuthenticatorDataError::BackupState.into()),
        (UP | UV, AuthenticationError::BackupEligibility),
    ] {
        authenticator.flags = flags;
        assert_eq!(authenticator.authenticate(&stored), Err(error));
    }
    stored.backup_eligible = false;
    authenticator.flags = UP | UV | BE;
    assert_eq!(authenticator.authenticate(&stored), Err(AuthenticationError::BackupEligibility));
    authenticator.flags = UP;
    stored.user_verification = UserVerification::Optional;
    assert!(!authenticator.authenticate(&stored).unwrap().flags.user_verified());
}

#[test]
fn the_user_handle_must_fit() {
    let (authenticator, mut stored) = registered();
    stored.user_handle = None;
    assert_eq!(authenticator.authenticate(&stored), Err(AuthenticationError::UserHandle));
    stored.identification = Identification::Before;
    assert!(authenticator.authenticate(&stored).is_ok());
    stored.user_handle = Some(b"user-18".to_vec());
    assert_eq!(authenticator.authenticate(&stored), Err(AuthenticationError::UserHandle));
}

#[test]
fn another_key_does_not_authenticate() {
    for algorithm in CoseAlgorithm::ALL {
        let authenticator = Authenticator::new(algorithm);
        let stored = Stored::of(&authenticator.register().unwrap());
        let mut authenticator = authenticator.authenticating();
        authenticator.key = KeyPair::generate(algorithm);
        assert_eq!(authenticator.authenticate(&stored), Err(WrongSignature.into()));
        let (json, data) = (authenticator.client_data.json(), authenticator.authenticator_data());
        for signature in [&[][..], &[0; 64], &[0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01], &[0; 256]] {
            assert_eq!(stored.authenticate(&json, &data, signature), Err(WrongSignature.into()));
        }
    }
}

#[test]
fn a_credential_has_no_place_in_an_authentication() {
    let (mut authenticator, stored) = registered();
    authenticator.flags |= AT;
    let refused = authenticator.authenticate(&stored);
    assert_eq!(refused, Err(AuthenticatorDataError::UnexpectedCredential.into()));
}

#[test]
fn outputs_of_extensions_are_read_over() {
    let (mut authenticator, stored) = registered();
    authenticator.rest = Value::named(vec![("hmac-secret", Value::bytes(&[7; 32]))]).encode();
    let refused = authenticator.authenticate(&stored);
    assert_eq!(refused, Err(AuthenticatorDataError::Cbor(CborError::TrailingBytes).into()));
    authenticator.flags |= ED;
    assert!(authenticator.authenticate(&stored).is_ok());
}

#[test]
fn a_stored_key_that_is_none_is_an_error() {
    let (authenticator, mut stored) = registered();
    stored.public_key.push(0);
    let refused = authenticator.authenticate(&stored);
    assert_eq!(refused, Err(CredentialKeyError::Cbor(CborError::TrailingBytes).into()));
}

#[test]
fn errors_name_their_step() {
    let (mut authenticator, stored) = registered();
    authenticator.key = KeyPair::generate(CoseAlgorithm::Es256);
    let refused = authenticator.authenticate(&stored).unwrap_err();
    assert_eq!(refused.to_string(), "signature: the signature is wrong");
    authenticator.flags = 0;
    let refused = authenticator.authenticate(&stored).unwrap_err();
    assert_eq!(refused.to_string(), "authenticator data: no user was present");
}
