//! CRLs that count, and those that do not.

use rcgen::{CertificateParams, CustomExtension, KeyUsagePurpose, SerialNumber};
use tessera_certificate::{
    Crl, CrlError, Revocation, RevocationCheck, RevocationPolicy, RevocationReason, SignatureError, Source,
    Verdict,
};

use crate::authority::{Authority, NOW, der, extension};
use crate::lists::{CERTIFICATE_ISSUER, DELTA, DISTRIBUTION_POINT, List, REASON, entry};

/// What a list says about a person's certificate with the serial number 0x2a and these changes.
fn verdict(ca: &Authority, crl: &Crl, change: impl FnOnce(&mut CertificateParams)) -> Verdict {
    let verified = ca.verify(&[ca.issue(change)]).unwrap();
    let policy = RevocationPolicy::FailClosed;
    let check = RevocationCheck { policy, crls: &[crl], answers: &[], now: NOW, tolerance: 0 };
    check.verdict(&verified.issued().next().unwrap())
}

fn revoked(reason: RevocationReason) -> Verdict {
    let revocation = Revocation { at: 1_780_272_000, reason };
    Verdict::Revoked { revocation, source: Source::Crl }
}

#[test]
fn a_list_says_who_was_revoked_and_why() {
    let ca = Authority::root();
    assert_eq!(verdict(&ca, &List::of(&ca).verify(&ca).unwrap(), |_| {}), Verdict::Good);
    assert_eq!(verdict(&ca, &List::of(&ca).with(&[0x2b], 1).verify(&ca).unwrap(), |_| {}), Verdict::Good);
    for (code, reason) in [
        (0, RevocationReason::Unspecified),
        (1, RevocationReason::KeyCompromise),
        (2, RevocationReason::CaCompromise),
        (3, RevocationReason::AffiliationChanged),
        (4, RevocationReason::Superseded),
        (5, RevocationReason::CessationOfOperation),
        (6, RevocationReason::CertificateHold),
        (9, RevocationReason::PrivilegeWithdrawn),
        (10, RevocationReason::AaCompromise),
    ] {
        let crl = List::of(&ca).with(&[1], 4).with(&[0x2a], code).with(&[0x7f], 4).verify(&ca).unwrap();
        assert_eq!(crl.len(), 3);
        assert_eq!(verdict(&ca, &crl, |_| {}), revoked(reason));
    }
}

#[test]
fn serial_numbers_are_compared_as_numbers() {
    let ca = Authority::root();
    let crl = List::of(&ca).with(&[0x00, 0xff], 1).with(&[0x01, 0x00], 4).verify(&ca).unwrap();
    let of = |serial: &'static [u8]| {
        move |person: &mut CertificateParams| person.serial_number = Some(SerialNumber::from_slice(serial))
    };
    assert_eq!(verdict(&ca, &crl, of(&[0xff])), revoked(RevocationReason::KeyCompromise));
    assert_eq!(verdict(&ca, &crl, of(&[0x01, 0x00])), revoked(RevocationReason::Superseded));
    assert_eq!(verdict(&ca, &crl, of(&[0x01])), Verdict::Good);
}

#[test]
fn c03_a_list_that_another_ca_signed() {
    let ca = Authority::root();
    let impostor = Authority::root();
    let forged = List::of(&ca).to_der(&impostor);
    let wrong = CrlError::Signature(SignatureError::Wrong);
    assert_eq!(Crl::verify(&forged, &ca.certificate()).unwrap_err(), wrong);
    let other = Authority::root_with(|ca| ca.distinguished_name = crate::authority::named("Other"));
    let refused = Crl::verify(&List::of(&other).to_der(&other), &ca.certificate());
    assert_eq!(refused.unwrap_err(), CrlError::OtherIssuer);
    // A list of a CA of the same name or with the same key is good by itself, and says nothing about certificates of this one.
    let renamed = ca.renewed(|ca| ca.distinguished_name = crate::authority::named("Other"));
    let crl = List::of(&renamed).with(&[0x2a], 1).verify(&renamed).unwrap();
    assert!(matches!(verdict(&ca, &crl, |_| {}), Verdict::CannotTell { .. }));
    let crl = List::of(&impostor).verify(&impostor).unwrap();
    assert!(matches!(verdict(&ca, &crl, |_| {}), Verdict::CannotTell { .. }));
}

#[test]
fn c03_a_ca_that_may_not_sign_lists() {
    let ca = Authority::root_with(|ca| ca.key_usages = vec![KeyUsagePurpose::KeyCertSign]);
    assert_eq!(List::of(&ca).verify(&ca).unwrap_err(), CrlError::KeyUsage);
}

#[test]
fn c03_kinds_of_lists_that_are_not_supported_say_so() {
    let ca = Authority::root();
    let point = |fields: &[u8]| extension(DISTRIBUTION_POINT, true, &der(0x30, &[fields]));
    let unknown = || "1.2.3.4".parse().unwrap();
    for (extension, expected) in [
        (extension(DELTA, true, &der(2, &[&[1]])), CrlError::Delta),
        (extension(DELTA, false, &der(2, &[&[1]])), CrlError::Delta),
        (point(&[0x84, 1, 0xff]), CrlError::Indirect),
        (point(&[0x85, 1, 0xff]), CrlError::Partial),
        (point(&[0x83, 2, 1, 0x40]), CrlError::Partial),
        (point(&[0xa0, 2, 0xa1, 0]), CrlError::Partial),
        (point(&[0x82, 1, 0xff, 0x81, 1, 0xff]), CrlError::Malformed),
        (point(&[0x81, 1, 1]), CrlError::Malformed),
        (point(&[0x86, 1, 0xff]), CrlError::Malformed),
        (extension(&[0x2a, 3, 4], true, &[5, 0]), CrlError::CriticalExtension(unknown())),
    ] {
        let mut list = List::of(&ca);
        list.extensions.push(extension);
        assert_eq!(list.verify(&ca).unwrap_err(), expected);
    }
}

#[test]
fn c03_entries_that_are_not_supported_say_so() {
    let ca = Authority::root();
    let reason = |value: &[u8]| extension(REASON, false, value);
    for (extensions, expected) in [
        (vec![extension(CERTIFICATE_ISSUER, true, &der(0x30, &[]))], CrlError::Indirect),
        (vec![reason(&[10, 1, 8])], CrlError::RemoveFromCrl),
        (vec![reason(&[10, 1, 7])], CrlError::Malformed),
        (vec![reason(&[10, 1, 11])], CrlError::Malformed),
        (vec![reason(&[2, 1, 1])], CrlError::Malformed),
        (vec![reason(&[10, 1, 1]), reason(&[10, 1, 1])], CrlError::Malformed),
        (
            vec![extension(&[0x2a, 3, 4], true, &[5, 0])],
            CrlError::CriticalExtension("1.2.3.4".parse().unwrap()),
        ),
    ] {
        let mut list = List::of(&ca);
        list.entries.push(entry(&[1], &extensions));
        assert_eq!(list.verify(&ca).unwrap_err(), expected);
    }
}

#[test]
fn malformed_lists_are_refused() {
    let ca = Authority::root();
    let refused = |change: &dyn Fn(&mut List)| {
        let mut list = List::of(&ca).with(&[1], 1);
        change(&mut list);
        list.verify(&ca).unwrap_err()
    };
    assert_eq!(refused(&|list| list.version = Vec::new()), CrlError::Version);
    assert_eq!(refused(&|list| list.version = der(2, &[&[2]])), CrlError::Version);
    assert_eq!(refused(&|list| list.next_update = None), CrlError::NoNextUpdate);
    assert_eq!(refused(&|list| list.this_update = "270115".to_owned()), CrlError::Malformed);
    assert_eq!(refused(&|list| list.entries.push(entry(&[1], &[]))), CrlError::Malformed);
    assert_eq!(refused(&|list| list.entries.push(entry(&[0, 1], &[]))), CrlError::Malformed);
    assert_eq!(refused(&|list| list.entries.push(entry(&[0x80], &[]))), CrlError::Malformed);
    assert_eq!(refused(&|list| list.entries.push(vec![5, 0])), CrlError::Malformed);
    let good = List::of(&ca).to_der(&ca);
    assert_eq!(Crl::verify(&[good, vec![0]].concat(), &ca.certificate()).unwrap_err(), CrlError::Malformed);
}

#[test]
fn c03_a_list_about_others_is_no_good_news() {
    let ca = Authority::root();
    let with_point = |fields: &[u8]| {
        let mut list = List::of(&ca);
        list.extensions.push(extension(DISTRIBUTION_POINT, true, &der(0x30, &[fields])));
        list
    };
    let only_users = with_point(&[0x81, 1, 0xff]);
    let only_cas = with_point(&[0x82, 1, 0xff]);
    assert_eq!(verdict(&ca, &only_users.verify(&ca).unwrap(), |_| {}), Verdict::Good);
    assert!(matches!(verdict(&ca, &only_cas.verify(&ca).unwrap(), |_| {}), Verdict::CannotTell { .. }));
    // Whoever is on a list was revoked, whatever the list is about.
    let listed = only_cas.with(&[0x2a], 1).verify(&ca).unwrap();
    assert_eq!(verdict(&ca, &listed, |_| {}), revoked(RevocationReason::KeyCompromise));
}

#[test]
fn c03_a_list_of_another_distribution_point_is_no_good_news() {
    let ca = Authority::root();
    let url = |url: &str| der(0x86, &[url.as_bytes()]);
    let mut list = List::of(&ca);
    let point = der(0xa0, &[&der(0xa0, &[&url("http://ca.example/1")])]);
    list.extensions.push(extension(DISTRIBUTION_POINT, true, &der(0x30, &[&point])));
    let crl = list.verify(&ca).unwrap();
    let of = |urls: &'static [&'static str]| {
        move |person: &mut CertificateParams| {
            let uris = |url: &&str| rcgen::CrlDistributionPoint { uris: vec![(*url).to_owned()] };
            person.crl_distribution_points = urls.iter().map(uris).collect();
        }
    };
    assert_eq!(verdict(&ca, &crl, of(&["http://ca.example/0", "http://ca.example/1"])), Verdict::Good);
    for urls in [&[][..], &["http://ca.example/2"]] {
        assert!(matches!(verdict(&ca, &crl, of(urls)), Verdict::CannotTell { .. }));
    }
}

#[test]
fn c03_a_distribution_point_of_another_issuer_is_none_of_the_ca() {
    const DISTRIBUTION_POINTS: &[u64] = &[2, 5, 29, 31];
    let ca = Authority::root();
    let name = der(0xa0, &[&der(0xa0, &[&der(0x86, &[b"http://ca.example/1"])])]);
    let mut list = List::of(&ca);
    list.extensions.push(extension(DISTRIBUTION_POINT, true, &der(0x30, &[&name])));
    let crl = list.verify(&ca).unwrap();
    let other = der(0xa2, &[&der(0xa4, &[ca.certificate().subject().as_der()])]);
    for (issuer, good) in [(&[][..], true), (&other, false)] {
        let points = der(0x30, &[&der(0x30, &[&name, issuer])]);
        let points = CustomExtension::from_oid_content(DISTRIBUTION_POINTS, points);
        let found = verdict(&ca, &crl, |person| person.custom_extensions.push(points));
        assert_eq!(found == Verdict::Good, good);
    }
}

#[test]
fn c08_a_hundred_thousand_entries() {
    let ca = Authority::root();
    let mut list = List::of(&ca);
    // In an order that is not that of the numbers.
    let serial = |n: u32| [&[1], (n * 7919 % 100_003).to_be_bytes().as_slice()].concat();
    list.entries =
        (0..100_000).map(|n| entry(&serial(n), &[extension(REASON, false, &[10, 1, 4])])).collect();
    let crl = list.verify(&ca).unwrap();
    assert_eq!(crl.len(), 100_000);
    let highest = serial(99_999);
    let found = verdict(&ca, &crl, |person| person.serial_number = Some(SerialNumber::from_slice(&highest)));
    assert_eq!(found, revoked(RevocationReason::Superseded));
}
