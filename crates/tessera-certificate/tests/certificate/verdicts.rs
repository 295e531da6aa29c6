//! What lists and answers together say.

use tessera_certificate::{
    Crl, Doubt, NonceCheck, OcspAnswer, OcspCheck, RevocationCheck, RevocationPolicy, RevocationReason,
    Source, Verdict, VerifiedCertificate,
};

use crate::authority::{Authority, DAY, NOW};
use crate::lists::List;
use crate::responses::{Delegate, GOOD, Response, Single, UNKNOWN, revoked};

struct World {
    ca: Authority,
    person: VerifiedCertificate,
    crls: Vec<Crl>,
    answers: Vec<OcspAnswer>,
}

impl World {
    fn new() -> Self {
        let ca = Authority::root();
        let person = ca.verify(&[ca.issue(|_| {})]).unwrap();
        Self { ca, person, crls: Vec::new(), answers: Vec::new() }
    }

    fn list(mut self, change: impl FnOnce(List) -> List) -> Self {
        self.crls.push(change(List::of(&self.ca)).verify(&self.ca).unwrap());
        self
    }

    fn answer(mut self, status: &[u8]) -> Self {
        let issued = self.person.issued().next().unwrap();
        let response = Response::new(&self.ca, Single::new(&issued, status));
        let check = OcspCheck { issued, nonce: NonceCheck::NotSent, now: NOW, tolerance: 0 };
        self.answers.push(check.verify(&response.to_der(|content| self.ca.sign(content))).unwrap());
        self
    }

    fn verdict_at(&self, policy: RevocationPolicy, now: u64) -> Verdict {
        let crls: Vec<&Crl> = self.crls.iter().collect();
        let check = RevocationCheck { policy, crls: &crls, answers: &self.answers, now, tolerance: 60 };
        check.verdict(&self.person.issued().next().unwrap())
    }

    fn verdict(&self) -> Verdict {
        self.verdict_at(RevocationPolicy::FailClosed, NOW)
    }
}

fn doubt(reason: Doubt) -> Verdict {
    Verdict::CannotTell { reason }
}

fn is_revoked(verdict: Verdict, expected: RevocationReason, by: Source) -> bool {
    matches!(verdict, Verdict::Revoked { revocation, source } if revocation.reason == expected && source == by)
}

#[test]
fn c03_nobody_gets_in_if_nobody_can_tell() {
    assert_eq!(RevocationPolicy::default(), RevocationPolicy::FailClosed);
    let doubtful = World::new().verdict();
    assert_eq!(doubtful, doubt(Doubt::NoEvidence));
    let revoked = World::new().answer(&revoked(1)).verdict();
    let table = [
        (RevocationPolicy::FailClosed, false),
        (RevocationPolicy::FailOpen, true),
        (RevocationPolicy::NotWanted, true),
    ];
    for (policy, admitted) in table {
        assert_eq!(policy.admits(doubtful), admitted);
        assert!(policy.admits(Verdict::Good));
        assert!(!policy.admits(revoked));
    }
}

#[test]
fn c03_revoked_by_list_or_answer() {
    let by_list = World::new().list(|list| list.with(&[0x2a], 1)).answer(GOOD);
    assert!(is_revoked(by_list.verdict(), RevocationReason::KeyCompromise, Source::Crl));
    let by_answer = World::new().list(|list| list).answer(&revoked(4));
    assert!(is_revoked(by_answer.verdict(), RevocationReason::Superseded, Source::Ocsp));
    assert_eq!(World::new().list(|list| list).verdict(), Verdict::Good);
    assert_eq!(World::new().answer(GOOD).verdict(), Verdict::Good);
}

#[test]
fn c03_an_open_policy_still_refuses_what_was_revoked() {
    let world = World::new().answer(&revoked(1));
    let verdict = world.verdict_at(RevocationPolicy::FailOpen, NOW + 30 * DAY);
    assert!(is_revoked(verdict, RevocationReason::KeyCompromise, Source::Ocsp));
    assert_eq!(world.verdict_at(RevocationPolicy::NotWanted, NOW), doubt(Doubt::NotWanted));
}

#[test]
fn c03_a_list_past_its_next_update() {
    let world = World::new().list(|list| list);
    let end = world.crls[0].next_update();
    let at = |now| world.verdict_at(RevocationPolicy::FailClosed, now);
    assert_eq!(at(end + 59), Verdict::Good);
    assert_eq!(at(end + 60), doubt(Doubt::OutOfDate));
    let begin = world.crls[0].this_update();
    assert_eq!(at(begin - 60), Verdict::Good);
    assert_eq!(at(begin - 61), doubt(Doubt::OutOfDate));
}

#[test]
fn c03_a_revocation_outlives_its_list_and_a_suspension_does_not() {
    for (code, reason) in [(1, RevocationReason::KeyCompromise), (0, RevocationReason::Unspecified)] {
        let world = World::new().list(|list| list.with(&[0x2a], code));
        let later = world.verdict_at(RevocationPolicy::FailOpen, NOW + 30 * DAY);
        assert!(is_revoked(later, reason, Source::Crl));
    }
    let held = World::new().list(|list| list.with(&[0x2a], 6));
    assert!(is_revoked(held.verdict(), RevocationReason::CertificateHold, Source::Crl));
    assert_eq!(held.verdict_at(RevocationPolicy::FailClosed, NOW + 30 * DAY), doubt(Doubt::OutOfDate));
}

#[test]
fn c03_a_responder_that_does_not_know_the_certificate() {
    assert_eq!(World::new().answer(UNKNOWN).verdict(), doubt(Doubt::Unknown));
    assert_eq!(World::new().answer(UNKNOWN).list(|list| list).verdict(), doubt(Doubt::Unknown));
    assert_eq!(World::new().answer(UNKNOWN).answer(GOOD).verdict(), doubt(Doubt::Unknown));
}

#[test]
fn c03_a_kept_answer_ends() {
    let world = World::new().answer(GOOD);
    let end = world.answers[0].next_update().unwrap();
    let at = |now| world.verdict_at(RevocationPolicy::FailClosed, now);
    assert_eq!(at(end + 60), Verdict::Good);
    assert_eq!(at(end + 61), doubt(Doubt::OutOfDate));
}

#[test]
fn c03_evidence_about_others_is_none() {
    let other = World::new().list(|list| list.with(&[0x2a], 1)).answer(&revoked(1));
    let world = World { crls: other.crls, answers: other.answers, ..World::new() };
    assert_eq!(world.verdict(), doubt(Doubt::NoEvidence));
}

#[test]
fn c03_a_revoked_delegate_is_not_heard() {
    let mut world = World::new();
    let delegate = Delegate::of(&world.ca, |_| {});
    let issued = world.person.issued().next().unwrap();
    let response = Response::new(&world.ca, Single::new(&issued, GOOD)).by(&delegate);
    let check = OcspCheck { issued, nonce: NonceCheck::NotSent, now: NOW, tolerance: 0 };
    let answer = check.verify(&response.to_der(|content| delegate.sign(content))).unwrap();
    world.answers.push(answer);
    assert_eq!(world.verdict(), Verdict::Good);
    // The list is about CAs, so it says nothing about the person. The delegate is on it.
    let world = world.list(|mut list| {
        let only_cas = crate::authority::der(0x30, &[&[0x82, 1, 0xff]]);
        list.extensions.push(crate::authority::extension(crate::lists::DISTRIBUTION_POINT, true, &only_cas));
        list.with(&[0x0d], 1)
    });
    assert_eq!(world.verdict(), doubt(Doubt::NoEvidence));
}
