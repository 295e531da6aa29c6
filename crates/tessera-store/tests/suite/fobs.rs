//! Key fobs: in stock, with a person, lost.

use tessera_model::{
    Authenticator, AuthenticatorKind, Fob, FobDates, FobId, FobLabel, FobState, HotpSecret, TotpSecret,
};

use super::authenticators::{authenticator, key};
use super::bed::Bed;
use super::sample::{at, bytes, user, user_id};

pub fn hotp() -> AuthenticatorKind {
    AuthenticatorKind::Hotp(HotpSecret {
        sealed: vec![9; 48],
        algorithm: "SHA1".to_owned(),
        digits: 6,
        fob: FobDates { start: None, expiry: Some(at(900)) },
    })
}

fn slow_totp() -> AuthenticatorKind {
    AuthenticatorKind::Totp(TotpSecret {
        sealed: vec![8; 48],
        algorithm: "SHA256".to_owned(),
        digits: 8,
        period: 60,
        drift: -4,
        fob: Some(FobDates::default()),
    })
}

pub fn fob(number: u32, serial: &str, manufacturer: Option<&str>) -> Fob {
    Fob {
        id: FobId::from_random(bytes(number)),
        label: FobLabel {
            serial: serial.parse().unwrap(),
            manufacturer: manufacturer.map(|name| name.parse().unwrap()),
        },
        kind: hotp(),
        counter: 0,
        imported_at: at(4),
        last_used_at: None,
        state: FobState::InStock,
    }
}

/// Person 1 has this fob.
pub async fn plant(bed: &Bed, fob: &Fob) -> Authenticator {
    let one = &Authenticator { counter: fob.counter, ..authenticator(1, 1, fob.kind.clone()) };
    bed.write(|tx| async move {
        tx.users().insert(&user(1)).await?;
        assert!(tx.fobs().insert(fob).await?);
        assert!(tx.authenticators().insert(one).await?);
        assert!(tx.fobs().assign(fob.id, user_id(1), one.id).await?);
        Ok(())
    })
    .await;
    one.clone()
}

pub async fn r08_a_fob_reads_back_and_its_label_is_unique(bed: Bed) {
    let one = &fob(1, "A-1", Some("Manufactura"));
    let two = &Fob { kind: slow_totp(), counter: 77, ..fob(2, "A-1", None) };
    let three = &fob(3, "A-2", None);
    bed.write(|tx| async move {
        let fobs = tx.fobs();
        for fob in [one, two, three] {
            assert!(fobs.insert(fob).await?);
            assert!(!fobs.insert(&Fob { id: FobId::from_random(bytes(9)), ..fob.clone() }).await?);
        }
        assert_eq!(fobs.with_serial(&one.label.serial).await?, [two.clone(), one.clone()]);
        assert_eq!(fobs.with_serial(&"A".parse().unwrap()).await?, []);
        let all = [two.clone(), one.clone(), three.clone()];
        assert_eq!(fobs.list(None, 10).await?, all);
        assert_eq!(fobs.list(Some(&two.label), 1).await?, all[1..2]);
        assert_eq!(fobs.list_in_stock(Some(&one.label), 10).await?, all[2..]);
        assert!(fobs.delete(three.id).await? && !fobs.delete(three.id).await?);
        Ok(())
    })
    .await;
    let unknown = &Fob { kind: key(1), ..fob(4, "A-4", None) };
    let refused = bed.store.write(|tx| async move { tx.fobs().insert(unknown).await }).await;
    assert!(refused.is_err(), "{refused:?}");
}

pub async fn r09_a_fob_has_one_person_and_comes_back_with_its_counter(bed: Bed) {
    let fob = &fob(1, "A-1", None);
    let one = &plant(&bed, fob).await;
    let two = &authenticator(2, 1, hotp());
    bed.write(|tx| async move {
        let fobs = tx.fobs();
        tx.authenticators().insert(two).await?;
        assert!(!fobs.assign(fob.id, user_id(1), two.id).await?, "somebody has it");
        assert!(!fobs.lose(fob.id, at(5)).await? && !fobs.delete(fob.id).await?, "somebody has it");
        let state = FobState::Assigned { user: user_id(1), authenticator: one.id };
        assert_eq!(fobs.of_user(user_id(1)).await?, [Fob { state, ..fob.clone() }]);
        assert_eq!(fobs.list_in_stock(None, 10).await?, []);
        assert!(!fobs.record_use(&Fob { counter: 5, ..fob.clone() }, at(5)).await?, "its person uses it");
        // What the person uses, the fob has counted.
        let used = &Authenticator { counter: 12, ..one.clone() };
        assert!(tx.authenticators().record_code(used, at(6)).await?);
        assert!(tx.authenticators().delete(user_id(1), one.id).await?);
        let back = &Fob { counter: 12, last_used_at: Some(at(6)), ..fob.clone() };
        assert_eq!(fobs.list_in_stock(None, 10).await?, std::slice::from_ref(back));
        assert_eq!(fobs.of_user(user_id(1)).await?, []);
        assert!(!fobs.delete(fob.id).await?, "it was used");
        for (counter, counts) in [(12, false), (3, false), (13, true)] {
            assert_eq!(fobs.record_use(&Fob { counter, ..back.clone() }, at(7)).await?, counts, "{counter}");
        }
        // A fob outlives its person.
        assert!(fobs.assign(fob.id, user_id(1), two.id).await?);
        assert!(tx.users().delete(user_id(1)).await?);
        let left = fobs.list(None, 10).await?;
        assert_eq!((left[0].counter, left[0].state), (13, FobState::InStock));
        Ok(())
    })
    .await;
}

pub async fn i04_a_lost_fob_stays_lost(bed: Bed) {
    let fob = &fob(1, "A-1", None);
    bed.write(|tx| async move {
        tx.users().insert(&user(1)).await?;
        tx.authenticators().insert(&authenticator(1, 1, hotp())).await?;
        let fobs = tx.fobs();
        assert!(fobs.insert(fob).await?);
        assert!(fobs.lose(fob.id, at(5)).await? && !fobs.lose(fob.id, at(6)).await?);
        assert!(!fobs.assign(fob.id, user_id(1), authenticator(1, 1, hotp()).id).await?);
        assert!(!fobs.record_use(&Fob { counter: 5, ..fob.clone() }, at(5)).await?);
        assert!(!fobs.delete(fob.id).await? && !fobs.insert(fob).await?, "no import brings it back");
        let found = &fobs.with_serial(&fob.label.serial).await?[0];
        assert_eq!(found.state, FobState::Lost { at: at(5) });
        let AuthenticatorKind::Hotp(secret) = &found.kind else { panic!("{found:?}") };
        assert_eq!(secret.sealed, Vec::<u8>::new(), "the secret is erased");
        assert_eq!(fobs.list_in_stock(None, 10).await?, []);
        Ok(())
    })
    .await;
}
