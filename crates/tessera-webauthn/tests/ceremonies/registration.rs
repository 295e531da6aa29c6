//! Section 7.1 without attestation.

use tessera_webauthn::{
    Attestation, AttestationObjectError, AttestationPolicy, AuthenticatorDataError, BadKey, CborError,
    ClientDataError, CoseAlgorithm, CredentialKeyError, Registration, RegistrationError,
    RegistrationResponse, UserVerification,
};

use crate::authenticator::{
    Authenticator, BE, BS, CHALLENGE, ClientData, ED, ORIGIN, UV, ec_cose, register, relying_party,
};
use crate::cbor::Value;

fn not_wanted(authenticator: &Authenticator, object: &[u8]) -> Option<RegistrationError> {
    authenticator.register_with(object, AttestationPolicy::NotWanted).err()
}

#[test]
fn every_algorithm_registers() {
    for algorithm in CoseAlgorithm::ALL {
        let authenticator = Authenticator::new(algorithm);
        let registered = authenticator.register().unwrap();
        assert_eq!(registered.algorithm, algorithm);
        assert_eq!(registered.credential_id, authenticator.id);
        assert_eq!(registered.public_key, authenticator.cose.encode());
        assert_eq!((registered.sign_count, registered.aaguid.0), (3, [0xaa; 16]));
        assert_eq!(registered.transports, ["internal", "hybrid"]);
        assert_eq!(registered.attestation, Attestation::None);
        assert_eq!(registered.attested_aaguid(), None);
        let flags = registered.flags;
        assert!(flags.user_present() && flags.user_verified() && flags.backup_eligible());
        assert!(!flags.backed_up());
    }
}

#[test]
fn l31_a_response_to_another_challenge_or_ceremony_is_refused() {
    let mut authenticator = Authenticator::es256();
    authenticator.client_data.challenge[31] ^= 1;
    assert_eq!(authenticator.register(), Err(ClientDataError::Challenge.into()));
    authenticator.client_data.challenge = CHALLENGE[..31].to_vec();
    assert_eq!(authenticator.register(), Err(ClientDataError::Challenge.into()));
    authenticator.client_data = ClientData::get();
    assert_eq!(authenticator.register(), Err(ClientDataError::Type.into()));
}

#[test]
fn l32_only_the_exact_origin_counts() {
    for origin in [
        "https://badlogin.example.org",
        "https://login.example.org.evil.example",
        "https://example.org",
        "https://a.login.example.org",
        "https://login.example.org:8443",
        "https://login.example.org:443",
        "https://login.example.org/",
        "https://LOGIN.example.org",
        "http://login.example.org",
        "https://l\u{f6}gin.example.org",
        "android:apk-key-hash:AAAA",
        "null",
        "",
    ] {
        let mut authenticator = Authenticator::es256();
        authenticator.client_data.origin = origin;
        assert_eq!(authenticator.register(), Err(ClientDataError::Origin.into()), "{origin}");
    }
}

#[test]
fn l32_frames_of_other_origins_are_refused() {
    for (rest, error) in [
        (r#","crossOrigin":true"#, ClientDataError::CrossOrigin),
        (r#","crossOrigin":true,"topOrigin":"https://example.com""#, ClientDataError::CrossOrigin),
        (r#","topOrigin":"https://example.com""#, ClientDataError::TopOrigin),
        (r#","crossOrigin":false,"topOrigin":"https://login.example.org""#, ClientDataError::TopOrigin),
    ] {
        let mut authenticator = Authenticator::es256();
        authenticator.client_data.rest = rest;
        assert_eq!(authenticator.register(), Err(error.into()), "{rest}");
    }
}

#[test]
fn l32_a_credential_of_another_relying_party_is_refused() {
    let mut authenticator = Authenticator::es256();
    authenticator.rp_id = "example.com";
    assert_eq!(authenticator.register(), Err(AuthenticatorDataError::RelyingParty.into()));
}

#[test]
fn l34_presence_verification_and_backup_flags_are_checked() {
    let flags = |flags: u8| {
        let mut authenticator = Authenticator::es256();
        authenticator.flags = flags;
        authenticator.register().map(drop)
    };
    assert_eq!(flags(0x44), Err(AuthenticatorDataError::UserPresence.into()));
    assert_eq!(flags(0x41), Err(AuthenticatorDataError::UserVerification.into()));
    assert_eq!(flags(0x45 | BS), Err(AuthenticatorDataError::BackupState.into()));
    assert_eq!(flags(0x45 | BE | BS), Ok(()));
    assert_eq!(flags(0x05), Err(AuthenticatorDataError::NoCredential.into()));
}

#[test]
fn verification_is_optional_only_if_the_caller_says_so() {
    let mut authenticator = Authenticator::es256();
    authenticator.flags &= !UV;
    let registration = Registration {
        relying_party: &relying_party(),
        challenge: &CHALLENGE,
        user_verification: UserVerification::Optional,
        algorithms: &[CoseAlgorithm::Es256],
        attestation: AttestationPolicy::NotWanted,
    };
    let (json, object) = (authenticator.client_data.json(), authenticator.unattested());
    let response =
        RegistrationResponse { client_data_json: &json, attestation_object: &object, transports: &[] };
    assert!(!registration.verify(&response).unwrap().flags.user_verified());
}

#[test]
fn l37_an_algorithm_that_was_not_offered_is_refused() {
    let authenticator = Authenticator::new(CoseAlgorithm::EdDsa);
    let registration = Registration {
        relying_party: &relying_party(),
        challenge: &CHALLENGE,
        user_verification: UserVerification::Required,
        algorithms: &[CoseAlgorithm::Es256],
        attestation: AttestationPolicy::NotWanted,
    };
    let (json, object) = (authenticator.client_data.json(), authenticator.unattested());
    let response =
        RegistrationResponse { client_data_json: &json, attestation_object: &object, transports: &[] };
    assert_eq!(registration.verify(&response), Err(CredentialKeyError::Algorithm(-8).into()));
    for alg in [-65535, -36, -37, 0, 7, i64::MIN] {
        let mut authenticator = Authenticator::es256();
        let (x, y) = authenticator.key.point();
        authenticator.cose = ec_cose(alg, 1, &x, &y);
        assert_eq!(authenticator.register(), Err(CredentialKeyError::Algorithm(alg).into()));
    }
}

#[test]
fn l37_keys_off_their_curve_or_with_other_parameters_are_refused() {
    let good = Authenticator::es256();
    let (x, y) = good.key.point();
    let mut off = y.clone();
    off[31] ^= 1;
    let with = |extra: (i64, Value)| match ec_cose(-7, 1, &x, &y) {
        Value::Map(mut members) => {
            members.push((Value::Int(extra.0), extra.1));
            Value::Map(members)
        }
        other => other,
    };
    let kty = |kty| Value::numbered(vec![(1, Value::Int(kty)), (3, Value::Int(-7)), (-2, Value::bytes(&x))]);
    for cose in [
        ec_cose(-7, 1, &x, &off),
        ec_cose(-7, 1, &[0; 32], &[0; 32]),
        ec_cose(-7, 1, &x[1..], &y),
        ec_cose(-7, 1, &[&[0][..], &x].concat(), &y),
        ec_cose(-7, 2, &x, &y),
        ec_cose(-35, 1, &x, &y),
        ec_cose(-8, 1, &x, &y),
        ec_cose(-257, 1, &x, &y),
        with((-4, Value::bytes(&[7; 32]))),
        kty(1),
        kty(2),
        kty(4),
    ] {
        let mut authenticator = Authenticator::es256();
        authenticator.cose = cose.clone();
        let refused = authenticator.register().unwrap_err();
        assert!(matches!(refused, RegistrationError::CredentialKey(_)), "{cose:?}: {refused}");
    }
}

#[test]
fn l37_weak_keys_are_refused() {
    let rsa = |n: &[u8], e: &[u8]| {
        Value::numbered(vec![
            (1, Value::Int(3)),
            (3, Value::Int(-257)),
            (-1, Value::bytes(n)),
            (-2, Value::bytes(e)),
        ])
    };
    let ed25519 = |x: &[u8]| {
        Value::numbered(vec![
            (1, Value::Int(1)),
            (3, Value::Int(-8)),
            (-1, Value::Int(6)),
            (-2, Value::bytes(x)),
        ])
    };
    for cose in [
        rsa(&[0xff; 128], &[1, 0, 1]),
        rsa(&[0xff; 256], &[1]),
        rsa(&[&[0][..], &[0xff; 256]].concat(), &[1, 0, 1]),
        ed25519(&[0; 32]),
        ed25519(&[1; 31]),
    ] {
        let mut authenticator = Authenticator::es256();
        authenticator.cose = cose.clone();
        let refused = authenticator.register().unwrap_err();
        let is_key = |error: &RegistrationError| {
            matches!(
                error,
                RegistrationError::CredentialKey(CredentialKeyError::Key(
                    BadKey::Malformed(_) | BadKey::Refused(_)
                ))
            )
        };
        assert!(is_key(&refused), "{cose:?}: {refused}");
    }
}

#[test]
fn l37_credential_ids_have_1_to_1023_bytes() {
    for (len, fits) in [(0, false), (1, true), (1023, true), (1024, false), (65535, false)] {
        let mut authenticator = Authenticator::es256();
        authenticator.id = vec![7; len];
        let registered =
            authenticator.register_with(&authenticator.unattested(), AttestationPolicy::NotWanted);
        assert_eq!(registered.is_ok(), fits, "{len}");
    }
    let mut authenticator = Authenticator::es256();
    authenticator.id = vec![7; 1024];
    assert_eq!(authenticator.register(), Err(AuthenticatorDataError::CredentialId.into()));
}

#[test]
fn l37_bytes_that_no_flag_announces_are_refused() {
    let trailing = AuthenticatorDataError::Cbor(CborError::TrailingBytes);
    let extensions = Value::named(vec![("credProtect", Value::Int(2))]).encode();
    let mut authenticator = Authenticator::es256();
    authenticator.rest = extensions.clone();
    assert_eq!(authenticator.register(), Err(trailing.into()));
    authenticator.flags |= ED;
    assert!(authenticator.register().is_ok());
    authenticator.rest.push(0);
    assert_eq!(authenticator.register(), Err(trailing.into()));
    authenticator.rest = Value::bytes(&extensions).encode();
    assert_eq!(authenticator.register(), Err(AuthenticatorDataError::Cbor(CborError::WrongType).into()));
    authenticator.rest.clear();
    assert_eq!(authenticator.register(), Err(AuthenticatorDataError::Cbor(CborError::Truncated).into()));
    let object = [Authenticator::es256().unattested(), vec![0]].concat();
    let refused = not_wanted(&Authenticator::es256(), &object);
    assert_eq!(refused, Some(AttestationObjectError::Cbor(CborError::TrailingBytes).into()));
}

#[test]
fn l37_a_truncated_object_is_refused_wherever_it_ends() {
    let authenticator = Authenticator::es256();
    let object = authenticator.unattested();
    for len in 0..object.len() {
        assert!(authenticator.register_with(&object[..len], AttestationPolicy::NotWanted).is_err(), "{len}");
    }
    let data = authenticator.authenticator_data();
    for len in 0..data.len() {
        let members = vec![
            ("fmt", Value::Text("none")),
            ("attStmt", Value::Map(vec![])),
            ("authData", Value::bytes(&data[..len])),
        ];
        let refused = not_wanted(&authenticator, &Value::named(members).encode());
        assert!(matches!(refused, Some(RegistrationError::AuthenticatorData(_))), "{len}");
    }
}

#[test]
fn l37_a_second_form_of_the_object_is_refused() {
    let authenticator = Authenticator::es256();
    let data = Value::Bytes(authenticator.authenticator_data());
    let fmt = || ("fmt", Value::Text("none"));
    let statement = || ("attStmt", Value::Map(vec![]));
    let data = || ("authData", data.clone());
    let long_head = Value::Raw(vec![0x78, 4, b'n', b'o', b'n', b'e']);
    let open_map = Value::Raw(vec![0xbf, 0xff]);
    for (members, error) in [
        (vec![statement(), fmt(), data()], CborError::Unsorted),
        (vec![fmt(), fmt(), statement(), data()], CborError::Duplicate),
        (vec![fmt(), statement()], CborError::Members),
        (vec![fmt(), data()], CborError::Members),
        (vec![statement(), data()], CborError::Members),
        (vec![fmt(), ("epAtt", Value::Int(1)), statement(), data()], CborError::Members),
        (vec![("fmt", long_head), statement(), data()], CborError::NotShortest),
        (vec![fmt(), ("attStmt", open_map), data()], CborError::Indefinite),
        (vec![("fmt", Value::Int(1)), statement(), data()], CborError::WrongType),
    ] {
        let refused = not_wanted(&authenticator, &Value::named(members).encode());
        assert_eq!(refused, Some(AttestationObjectError::Cbor(error).into()));
    }
    let object = authenticator.object("no\"ne", Value::Map(vec![]));
    assert_eq!(not_wanted(&authenticator, &object), Some(AttestationObjectError::Format.into()));
}

#[test]
fn l37_a_second_form_of_the_key_is_refused() {
    let mut authenticator = Authenticator::es256();
    let (x, y) = authenticator.key.point();
    let Value::Map(mut members) = ec_cose(-7, 1, &x, &y) else { unreachable!() };
    members.swap(0, 1);
    authenticator.cose = Value::Map(members);
    assert_eq!(authenticator.register(), Err(AuthenticatorDataError::Cbor(CborError::Unsorted).into()));
    let Value::Map(mut members) = ec_cose(-7, 1, &x, &y) else { unreachable!() };
    members[1] = members[0].clone();
    authenticator.cose = Value::Map(members);
    assert_eq!(authenticator.register(), Err(AuthenticatorDataError::Cbor(CborError::Duplicate).into()));
    // The sign of y, as in a compressed point.
    let compressed = Value::Raw(vec![0xf5]);
    authenticator.cose = Value::numbered(vec![
        (1, Value::Int(2)),
        (3, Value::Int(-7)),
        (-1, Value::Int(1)),
        (-2, Value::bytes(&x)),
        (-3, compressed),
    ]);
    assert_eq!(authenticator.register(), Err(CredentialKeyError::Cbor(CborError::WrongType).into()));
}

#[test]
fn l37_client_data_with_a_member_twice_are_refused() {
    let mut authenticator = Authenticator::es256();
    authenticator.client_data.rest = r#","origin":"https://login.example.org""#;
    let refused = authenticator.register().unwrap_err();
    assert_eq!(refused.to_string(), "client data: duplicate member name in JSON");
}

#[test]
fn transports_are_names_and_each_is_kept_once() {
    let authenticator = Authenticator::es256();
    let (json, object) = (authenticator.client_data.json(), authenticator.unattested());
    let registration = Registration {
        relying_party: &relying_party(),
        challenge: &CHALLENGE,
        user_verification: UserVerification::Required,
        algorithms: &CoseAlgorithm::ALL,
        attestation: AttestationPolicy::NotWanted,
    };
    let with = |transports: &[&str]| {
        let response =
            RegistrationResponse { client_data_json: &json, attestation_object: &object, transports };
        registration.verify(&response).map(|registered| registered.transports)
    };
    assert_eq!(with(&["usb", "nfc", "usb", "x-new"]).unwrap(), ["usb", "nfc", "x-new"]);
    for bad in [&["usb"; 17][..], &[""], &["a b"], &["\u{e9}"], &[&"x".repeat(33)]] {
        assert_eq!(with(bad), Err(RegistrationError::Transports), "{bad:?}");
    }
}

#[test]
fn several_origins_may_be_allowed() {
    let authenticator = Authenticator::es256();
    let relying_party =
        tessera_webauthn::RelyingParty::new("example.org", ["https://other.example.org", ORIGIN]);
    let registration = Registration {
        relying_party: &relying_party,
        challenge: &CHALLENGE,
        user_verification: UserVerification::Required,
        algorithms: &CoseAlgorithm::ALL,
        attestation: AttestationPolicy::NotWanted,
    };
    let (json, object) = (authenticator.client_data.json(), authenticator.unattested());
    let response =
        RegistrationResponse { client_data_json: &json, attestation_object: &object, transports: &[] };
    assert!(registration.verify(&response).is_ok());
    assert!(register(&json, &object, AttestationPolicy::Wanted).is_ok());
}
