//! Chains that lead to a trusted CA, and those that do not.

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    KeyPair, KeyUsagePurpose, NameConstraints, SanType, date_time_ymd,
};
use tessera_certificate::{
    AnchorError, BadKey, CertificateError, ChainError, KeyStorage, MAX_CERTIFICATE_LEN, Requirements,
    SMART_CARD_LOGON, TrustAnchors, Verification,
};

use crate::authority::{Authority, DAY, NOW, named, pem};

/// A root, a CA below it with these changes, and a person's certificate with these.
fn three(
    ca: impl FnOnce(&mut CertificateParams),
    person: impl FnOnce(&mut CertificateParams),
) -> (Authority, Vec<Vec<u8>>) {
    let root = Authority::root();
    let below = root.below("Staff CA", ca);
    let chain = vec![below.issue(person), below.der.clone()];
    (root, chain)
}

#[test]
fn a_good_chain_leads_to_its_ca() {
    let (root, chain) = three(|_| {}, |_| {});
    let verified = root.verify(&chain).unwrap();
    assert_eq!((verified.ca(), verified.storage()), ("staff", KeyStorage::Hardware));
    let facts = verified.facts();
    assert_eq!(facts.subject.to_string(), "CN=Kim,O=Example");
    assert_eq!(facts.issuer.to_string(), "CN=Staff CA,O=Example");
    assert_eq!((facts.serial.to_string(), facts.not_before), ("2a".to_owned(), 1_767_225_600));
    let issued: Vec<_> = verified.issued().map(|pair| pair.issuer().subject().to_string()).collect();
    assert_eq!(issued, ["CN=Staff CA,O=Example", "CN=Root,O=Example"]);
}

#[test]
fn the_root_and_a_foreign_certificate_in_the_chain_do_no_harm() {
    let (root, mut chain) = three(|_| {}, |_| {});
    chain.insert(1, Authority::root().der);
    chain.push(root.der.clone());
    assert_eq!(root.verify(&chain).unwrap().issued().count(), 2);
}

#[test]
fn a_certificate_directly_below_the_root() {
    let root = Authority::root();
    assert_eq!(root.verify(&[root.issue(|_| {})]).unwrap().issued().count(), 1);
}

#[test]
fn c01_unknown_ca() {
    let (_, chain) = three(|_| {}, |_| {});
    assert_eq!(
        Authority::root_with(|params| params.distinguished_name = named("Other")).verify(&chain),
        Err(ChainError::UnknownCa)
    );
    let verified =
        Verification { anchors: &TrustAnchors::new(), requirements: &Requirements::default(), now: NOW };
    assert_eq!(verified.verify(&chain), Err(ChainError::UnknownCa));
}

#[test]
fn c01_a_ca_of_the_same_name_with_another_key() {
    let (_, chain) = three(|_| {}, |_| {});
    assert_eq!(Authority::root().verify(&chain), Err(ChainError::Signature));
}

#[test]
fn c01_a_missing_intermediate() {
    let (root, chain) = three(|_| {}, |_| {});
    assert_eq!(root.verify(&chain[..1]), Err(ChainError::UnknownCa));
    assert_eq!(root.verify(&[]), Err(ChainError::Empty));
}

#[test]
fn c01_expired_or_not_yet_valid_to_the_second() {
    let (root, chain) = three(|_| {}, |_| {});
    let anchors = root.anchors();
    let at =
        |now| Verification { anchors: &anchors, requirements: &Requirements::default(), now }.verify(&chain);
    let (first, last) = (1_767_225_600, 1_830_297_600);
    assert!(at(first).is_ok() && at(last).is_ok());
    assert_eq!(at(first - 1), Err(ChainError::NotYetValid));
    assert_eq!(at(last + 1), Err(ChainError::Expired));
}

#[test]
fn c01_an_expired_ca() {
    let (root, chain) = three(|ca| ca.not_after = date_time_ymd(2026, 6, 1), |_| {});
    assert_eq!(root.verify(&chain), Err(ChainError::Expired));
    let root = Authority::root_with(|ca| ca.not_after = date_time_ymd(2026, 6, 1));
    assert_eq!(root.verify(&[root.issue(|_| {})]), Err(ChainError::CaNotValid));
}

#[test]
fn c01_wrong_extended_key_usage() {
    for purposes in [
        vec![],
        vec![ExtendedKeyUsagePurpose::ServerAuth],
        vec![ExtendedKeyUsagePurpose::Any],
        vec![ExtendedKeyUsagePurpose::EmailProtection, ExtendedKeyUsagePurpose::OcspSigning],
    ] {
        let (root, chain) = three(|_| {}, |person| person.extended_key_usages = purposes);
        assert_eq!(root.verify(&chain), Err(ChainError::Purpose));
    }
}

#[test]
fn c01_a_ca_for_other_purposes() {
    for (purpose, good) in [
        (ExtendedKeyUsagePurpose::ServerAuth, false),
        (ExtendedKeyUsagePurpose::ClientAuth, true),
        (ExtendedKeyUsagePurpose::Any, true),
    ] {
        let purposes = vec![purpose];
        let (root, chain) = three(|ca| ca.extended_key_usages.clone_from(&purposes), |_| {});
        assert_eq!(root.verify(&chain).is_ok(), good, "{purposes:?}");
        let root = Authority::root_with(|ca| ca.extended_key_usages.clone_from(&purposes));
        assert_eq!(root.verify(&[root.issue(|_| {})]).is_ok(), good, "{purposes:?}");
    }
}

#[test]
fn c01_the_purpose_of_the_ca_and_that_of_the_person_must_be_the_same() {
    let logon = vec![1, 3, 6, 1, 4, 1, 311, 20, 2, 2];
    let requirements = Requirements {
        purposes: ["1.3.6.1.5.5.7.3.2", SMART_CARD_LOGON].map(|oid| oid.parse().unwrap()).to_vec(),
        policies: Vec::new(),
    };
    let of_ca = vec![ExtendedKeyUsagePurpose::Other(logon.clone())];
    let (root, chain) = three(|ca| ca.extended_key_usages.clone_from(&of_ca), |_| {});
    assert_eq!(root.verify_for(&chain, &requirements), Err(ChainError::Purpose));
    let (root, chain) = three(
        |ca| ca.extended_key_usages.clone_from(&of_ca),
        |person| person.extended_key_usages.push(ExtendedKeyUsagePurpose::Other(logon)),
    );
    assert!(root.verify_for(&chain, &requirements).is_ok());
}

#[test]
fn c01_a_ca_as_the_certificate_of_a_person() {
    let (root, chain) = three(|_| {}, |person| person.is_ca = IsCa::Ca(BasicConstraints::Unconstrained));
    assert_eq!(root.verify(&chain), Err(ChainError::CaAsLeaf));
    assert_eq!(root.verify(&chain[1..]), Err(ChainError::CaAsLeaf));
    assert_eq!(root.verify(std::slice::from_ref(&root.der)), Err(ChainError::CaAsLeaf));
}

#[test]
fn c01_a_person_as_a_ca() {
    let (root, chain) = three(|ca| ca.is_ca = IsCa::ExplicitNoCa, |_| {});
    assert_eq!(root.verify(&chain), Err(ChainError::NotACa));
    let (root, chain) = three(|ca| ca.key_usages = vec![KeyUsagePurpose::CrlSign], |_| {});
    assert_eq!(root.verify(&chain), Err(ChainError::KeyUsage));
}

#[test]
fn c01_a_key_that_is_not_for_signatures() {
    let (root, chain) = three(|_| {}, |person| person.key_usages = vec![KeyUsagePurpose::KeyEncipherment]);
    assert_eq!(root.verify(&chain), Err(ChainError::KeyUsage));
    let (root, chain) = three(|_| {}, |person| person.key_usages = Vec::new());
    assert!(root.verify(&chain).is_ok());
}

#[test]
fn c01_path_length() {
    for root in
        [Authority::root(), Authority::root_with(|ca| ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(1)))]
    {
        let most =
            |most| move |ca: &mut CertificateParams| ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(most));
        let one = root.below("One", most(0));
        assert!(root.verify(&[one.issue(|_| {}), one.der.clone()]).is_ok());
        let two = one.below("Two", |_| {});
        let found = root.verify(&[two.issue(|_| {}), two.der.clone(), one.der.clone()]);
        assert_eq!(found, Err(ChainError::PathLength));
    }
    let root = Authority::root_with(|ca| ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0)));
    let one = root.below("One", |_| {});
    assert_eq!(root.verify(&[one.issue(|_| {}), one.der.clone()]), Err(ChainError::PathLength));
}

#[test]
fn c01_name_constraints() {
    let only = |subtree| NameConstraints { permitted_subtrees: vec![subtree], excluded_subtrees: Vec::new() };
    let names = |name: &str| vec![SanType::DnsName(name.try_into().unwrap())];
    let verify = |constraints: &NameConstraints, names: &[SanType]| {
        let (root, chain) = three(
            |ca| ca.name_constraints = Some(constraints.clone()),
            |person| person.subject_alt_names = names.to_vec(),
        );
        root.verify(&chain).map(|_| ())
    };
    let dns = only(GeneralSubtree::DnsName("example.org".to_owned()));
    assert_eq!(verify(&dns, &names("kim.example.org")), Ok(()));
    assert_eq!(verify(&dns, &names("kim.example.net")), Err(ChainError::NameConstraints));
    // Kinds that nobody here can compare refuse every certificate that has such a name.
    let mail = only(GeneralSubtree::Rfc822Name("example.org".to_owned()));
    let address = vec![SanType::Rfc822Name("kim@example.org".try_into().unwrap())];
    assert_eq!(verify(&mail, &names("kim.example.org")), Ok(()));
    assert_eq!(verify(&mail, &address), Err(ChainError::NameConstraints));
    let directory = only(GeneralSubtree::DirectoryName(named("Kim")));
    assert_eq!(verify(&directory, &[]), Err(ChainError::NameConstraints));
}

#[test]
fn c01_name_constraints_of_the_root() {
    let excluded = vec![GeneralSubtree::DnsName("example.org".to_owned())];
    let root = Authority::root_with(|ca| {
        ca.name_constraints =
            Some(NameConstraints { permitted_subtrees: Vec::new(), excluded_subtrees: excluded });
    });
    let leaf = root.issue(|person| {
        person.subject_alt_names = vec![SanType::DnsName("kim.example.org".try_into().unwrap())];
    });
    assert_eq!(root.verify(&[leaf]), Err(ChainError::NameConstraints));
}

#[test]
fn c01_an_unknown_critical_extension() {
    let mut extension = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
    let change = extension.clone();
    let (root, chain) = three(|_| {}, |person| person.custom_extensions.push(change));
    assert!(root.verify(&chain).is_ok());
    extension.set_criticality(true);
    let change = extension.clone();
    let (root, chain) = three(|_| {}, |person| person.custom_extensions.push(change));
    assert_eq!(root.verify(&chain), Err(ChainError::CriticalExtension));
    let mut anchors = TrustAnchors::new();
    let root = Authority::root_with(|ca| ca.custom_extensions.push(extension));
    let refused = anchors.add_pem("staff", KeyStorage::Unknown, root.pem().as_bytes());
    assert_eq!(refused, Err(AnchorError::CriticalExtension("1.2.3.4".parse().unwrap())));
}

#[test]
fn c01_every_type_of_key_that_is_accepted() {
    for algorithm in [
        &rcgen::PKCS_ECDSA_P256_SHA256,
        &rcgen::PKCS_ECDSA_P384_SHA384,
        &rcgen::PKCS_ECDSA_P521_SHA512,
        &rcgen::PKCS_ED25519,
    ] {
        let root = Authority::root();
        let leaf = root.issue_for(&KeyPair::generate_for(algorithm).unwrap(), |_| {});
        assert!(root.verify(&[leaf]).is_ok(), "{algorithm:?}");
    }
    let root = Authority::root();
    let other = || KeyPair::generate_for(&rcgen::PKCS_ML_DSA_44).unwrap();
    let refused = Err(ChainError::Key(BadKey::Unsupported));
    assert_eq!(root.verify(&[root.issue_for(&other(), |_| {})]), refused);
    let below = root.below_with_key(other(), "Staff CA", |_| {});
    assert_eq!(root.verify(&[below.issue(|_| {}), below.der.clone()]), refused);
}

#[test]
fn c08_a_hundred_certificates() {
    let (root, chain) = three(|_| {}, |_| {});
    let many: Vec<Vec<u8>> = chain.iter().cycle().take(100).cloned().collect();
    assert_eq!(root.verify(&many), Err(ChainError::TooMany));
    assert!(root.verify(&many[..6]).is_ok());
    assert_eq!(root.verify(&many[..7]), Err(ChainError::TooMany));
}

#[test]
fn c08_six_certificates_are_the_longest_path() {
    let root = Authority::root();
    let mut cas = vec![root.below("1", |_| {})];
    for name in ["2", "3", "4", "5"] {
        let next = cas.last().unwrap().below(name, |_| {});
        cas.push(next);
    }
    let leaf = cas.last().unwrap().issue(|_| {});
    let chain: Vec<Vec<u8>> = cas.iter().map(|ca| ca.der.clone()).chain([leaf]).rev().collect();
    assert_eq!(root.verify(&chain).unwrap().issued().count(), 6);
}

#[test]
fn c08_a_certificate_of_a_mebibyte() {
    let (root, mut chain) = three(|_| {}, |_| {});
    let big = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![0; 1024 * 1024]);
    chain[0] = root.issue(|person| person.custom_extensions.push(big));
    assert_eq!(root.verify(&chain), Err(ChainError::TooLong));
    chain[0] = vec![0x30; MAX_CERTIFICATE_LEN];
    assert_eq!(root.verify(&chain), Err(ChainError::Certificate(CertificateError::Malformed)));
}

#[test]
fn c08_thousands_of_names_or_extensions() {
    let root = Authority::root();
    let name = || SanType::DnsName("a.example.org".try_into().unwrap());
    let names = root.issue(|person| person.subject_alt_names = (0..4200).map(|_| name()).collect());
    assert!(names.len() > 60_000);
    assert!(root.verify(&[names]).is_ok());
    let extension = |n| CustomExtension::from_oid_content(&[1, 2, 3, n], vec![5, 0]);
    let many = root.issue(|person| person.custom_extensions = (0..100).map(extension).collect());
    assert_eq!(root.verify(&[many]), Err(ChainError::Certificate(CertificateError::Malformed)));
}

#[test]
fn anchors_have_one_name_each() {
    let root = Authority::root();
    let mut anchors = root.anchors();
    let text = root.pem();
    let again = |anchors: &mut TrustAnchors, name, storage| anchors.add_pem(name, storage, text.as_bytes());
    assert_eq!(again(&mut anchors, "staff", KeyStorage::Hardware), Ok(()));
    let twice = Err(AnchorError::Twice("staff".to_owned()));
    assert_eq!(again(&mut anchors, "guests", KeyStorage::Hardware), twice);
    assert_eq!(again(&mut anchors, "staff", KeyStorage::Unknown), twice);
    for name in ["", "a b", "a:b", "ä", &"a".repeat(65)] {
        assert_eq!(again(&mut anchors, name, KeyStorage::Unknown), Err(AnchorError::Name));
    }
    assert_eq!(anchors.add_pem("x", KeyStorage::Unknown, b"no certificate"), Err(AnchorError::Pem));
    for der in [
        root.issue(|_| {}),
        Authority::root_with(|ca| ca.is_ca = IsCa::ExplicitNoCa).der,
        Authority::root_with(|ca| ca.key_usages = vec![KeyUsagePurpose::CrlSign]).der,
    ] {
        let refused = anchors.add_pem("x", KeyStorage::Unknown, pem(&der).as_bytes());
        assert_eq!(refused, Err(AnchorError::NotACa));
    }
}

#[test]
fn a_renewed_root_takes_over_from_the_expired_one() {
    let old = Authority::root_with(|ca| ca.not_after = date_time_ymd(2026, 6, 1));
    let new = old.renewed(|ca| ca.not_after = date_time_ymd(2036, 1, 1));
    let mut anchors = old.anchors();
    anchors.add_pem("staff", KeyStorage::Hardware, new.pem().as_bytes()).unwrap();
    let verification =
        Verification { anchors: &anchors, requirements: &Requirements::default(), now: NOW + DAY };
    assert!(verification.verify(&[old.issue(|_| {})]).is_ok());
}
