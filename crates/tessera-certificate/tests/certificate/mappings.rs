//! Who a certificate stands for.

use rcgen::{CertificateParams, DnType, SanType, SerialNumber};
use tessera_certificate::{
    KeyStorage, Mapping, MappingError, Requirements, Verification, VerifiedCertificate,
};

use crate::authority::{Authority, NOW};

const UPN: &[u64] = &[1, 3, 6, 1, 4, 1, 311, 20, 2, 3];

fn upn(name: &str) -> SanType {
    SanType::OtherName((UPN.to_vec(), name.into()))
}

fn verified(change: impl FnOnce(&mut CertificateParams)) -> VerifiedCertificate {
    let root = Authority::root();
    root.verify(&[root.issue(change)]).unwrap()
}

fn by_upn() -> Mapping {
    Mapping::UserPrincipalName { ca: "staff".to_owned() }
}

fn all(ca: &str) -> [Mapping; 3] {
    let ca = || ca.to_owned();
    [
        Mapping::PublicKey { ca: ca() },
        Mapping::IssuerAndSerial { ca: ca() },
        Mapping::UserPrincipalName { ca: ca() },
    ]
}

#[test]
fn keys_name_the_ca_and_the_kind() {
    let verified = verified(|person| person.subject_alt_names.push(upn("Kim@Corp.Example")));
    let keys = Mapping::keys(&all("staff"), &verified);
    let keys: Vec<&str> = keys.iter().map(tessera_certificate::MappingKey::as_str).collect();
    let [spki, serial, upn] = keys.as_slice() else { panic!("{keys:?}") };
    assert!(spki.strip_prefix("spki-sha256:staff:").is_some_and(|digest| digest.len() == 64), "{spki}");
    assert_eq!(*serial, "issuer-serial:staff:2a:CN=Root,O=Example");
    assert_eq!(*upn, "upn:staff:kim@corp.example");
}

#[test]
fn p09_a_ca_speaks_for_its_own_people_only() {
    let verified = verified(|person| person.subject_alt_names.push(upn("kim@corp.example")));
    for mapping in all("guests") {
        assert_eq!(mapping.key(&verified), Err(MappingError::OtherCa));
    }
    assert_eq!(Mapping::keys(&all("guests"), &verified), []);
}

#[test]
fn p09_another_ca_gives_another_key_for_the_same_name() {
    let (staff, guests) = (
        Authority::root(),
        Authority::root_with(|ca| {
            ca.distinguished_name = crate::authority::named("Guests");
        }),
    );
    let mut anchors = staff.anchors();
    anchors.add_pem("guests", KeyStorage::Unknown, guests.pem().as_bytes()).unwrap();
    let leaf = guests.issue(|person| person.subject_alt_names.push(upn("kim@corp.example")));
    let verified = Verification { anchors: &anchors, requirements: &Requirements::default(), now: NOW }
        .verify(&[leaf])
        .unwrap();
    assert_eq!((verified.ca(), verified.storage()), ("guests", KeyStorage::Unknown));
    assert_eq!(by_upn().key(&verified), Err(MappingError::OtherCa));
}

#[test]
fn p09_an_e_mail_address_never_identifies() {
    let verified = verified(|person| {
        person.subject_alt_names.push(SanType::Rfc822Name("kim@corp.example".try_into().unwrap()));
        person
            .distinguished_name
            .push(DnType::CustomDnType(vec![1, 2, 840, 113_549, 1, 9, 1]), "kim@corp.example");
    });
    assert_eq!(by_upn().key(&verified), Err(MappingError::NoUpn));
    for key in Mapping::keys(&all("staff"), &verified) {
        assert!(!key.as_str().contains('@'), "{key}");
    }
}

#[test]
fn p09_another_other_name_is_no_user_principal_name() {
    let verified = verified(|person| {
        person
            .subject_alt_names
            .push(SanType::OtherName((vec![1, 3, 6, 1, 5, 5, 7, 8, 9], "kim@corp.example".into())));
    });
    assert_eq!(by_upn().key(&verified), Err(MappingError::NoUpn));
}

#[test]
fn user_principal_names_have_one_form() {
    let two = verified(|person| person.subject_alt_names.extend([upn("kim@a"), upn("lee@a")]));
    assert_eq!(by_upn().key(&two), Err(MappingError::SeveralUpns));
    for bad in [
        "",
        "kim",
        "@a",
        "kim@",
        "kim@a@b",
        "k im@a",
        "kim@a\0",
        "kim\u{202e}@a",
        "kim@a\n",
        &format!("{}@a", "k".repeat(255)),
    ] {
        let verified = verified(|person| person.subject_alt_names.push(upn(bad)));
        assert_eq!(by_upn().key(&verified), Err(MappingError::MalformedUpn), "{bad:?}");
    }
    // Only letters of ASCII have two cases here.
    let verified = verified(|person| person.subject_alt_names.push(upn("KÏM@A")));
    assert_eq!(by_upn().key(&verified).unwrap().as_str(), "upn:staff:kÏm@a");
}

#[test]
fn a_renewed_certificate_keeps_the_key_and_changes_the_number() {
    let root = Authority::root();
    let key = rcgen::KeyPair::generate().unwrap();
    let [first, second] = [&[0x2a][..], &[0x00, 0xff, 0x01]].map(|serial| {
        let leaf =
            root.issue_for(&key, |person| person.serial_number = Some(SerialNumber::from_slice(serial)));
        root.verify(&[leaf]).unwrap()
    });
    let [public_key, number, _] = all("staff");
    assert_eq!(public_key.key(&first), public_key.key(&second));
    assert_eq!(number.key(&second).unwrap().as_str(), "issuer-serial:staff:ff01:CN=Root,O=Example");
}
