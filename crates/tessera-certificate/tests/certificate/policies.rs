//! Certificate policies.

use rcgen::CustomExtension;
use tessera_certificate::{ChainError, Requirements};

use crate::authority::{Authority, der};

const CERTIFICATE_POLICIES: &[u64] = &[2, 5, 29, 32];

/// `CertificatePolicies` with these, each the content of an object identifier.
fn policies(policies: &[&[u8]], critical: bool) -> CustomExtension {
    let each: Vec<Vec<u8>> = policies.iter().map(|policy| der(0x30, &[&der(6, &[policy])])).collect();
    let each: Vec<&[u8]> = each.iter().map(Vec::as_slice).collect();
    let mut extension = CustomExtension::from_oid_content(CERTIFICATE_POLICIES, der(0x30, &each));
    extension.set_criticality(critical);
    extension
}

fn requiring(policies: &[&str]) -> Requirements {
    let policies = policies.iter().map(|policy| policy.parse().unwrap()).collect();
    Requirements { policies, ..Requirements::default() }
}

#[test]
fn c10_one_of_the_required_policies() {
    let root = Authority::root();
    let leaf =
        root.issue(|person| person.custom_extensions.push(policies(&[&[0x2a, 3, 4], &[0x2a, 3, 5]], false)));
    for (required, good) in [
        (&[][..], true),
        (&["1.2.3.4"], true),
        (&["1.2.3.9", "1.2.3.5"], true),
        (&["1.2.3"], false),
        (&["1.2.3.4.5"], false),
    ] {
        let found = root.verify_for(std::slice::from_ref(&leaf), &requiring(required)).map(|_| ());
        assert_eq!(found, if good { Ok(()) } else { Err(ChainError::Policy) }, "{required:?}");
    }
}

#[test]
fn c10_any_policy_is_none_of_the_required_ones() {
    let root = Authority::root();
    let any = root.issue(|person| person.custom_extensions.push(policies(&[&[0x55, 0x1d, 0x20, 0]], false)));
    assert_eq!(root.verify_for(&[any], &requiring(&["1.2.3.4"])), Err(ChainError::Policy));
    let none = root.issue(|_| {});
    assert_eq!(root.verify_for(&[none], &requiring(&["1.2.3.4"])), Err(ChainError::Policy));
}

#[test]
fn c10_the_policy_of_the_ca_is_not_that_of_the_person() {
    let root = Authority::root();
    let ca = root.below("Staff CA", |ca| ca.custom_extensions.push(policies(&[&[0x2a, 3, 4]], false)));
    let chain = [ca.issue(|_| {}), ca.der.clone()];
    assert_eq!(root.verify_for(&chain, &requiring(&["1.2.3.4"])), Err(ChainError::Policy));
}

#[test]
fn c10_critical_extensions_about_policies_are_refused_by_name() {
    let root = Authority::root();
    let constraints = |number| {
        let mut extension =
            CustomExtension::from_oid_content(&[2, 5, 29, number], der(0x30, &[&[0x80, 1, 0]]));
        extension.set_criticality(true);
        extension
    };
    for (extension, id) in [
        (policies(&[&[0x2a, 3, 4]], true), "2.5.29.32"),
        (constraints(33), "2.5.29.33"),
        (constraints(36), "2.5.29.36"),
        (constraints(54), "2.5.29.54"),
    ] {
        let refused = Err(ChainError::CriticalPolicies(id.parse().unwrap()));
        let leaf = root.issue(|person| person.custom_extensions.push(extension.clone()));
        assert_eq!(root.verify_for(&[leaf], &requiring(&["1.2.3.4"])), refused);
        let ca = root.below("Staff CA", |ca| ca.custom_extensions.push(extension));
        assert_eq!(root.verify(&[ca.issue(|_| {}), ca.der.clone()]), refused);
    }
}
