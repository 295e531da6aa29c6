//! Authenticators, recovery codes and logins that are under way.

use tessera_model::{
    AuthenticationContext, Authenticator, AuthenticatorId, AuthenticatorKind, Login, LoginId, Proof,
    ProofMethod, TotpSecret, WebAuthnCredential,
};

use super::bed::Bed;
use super::sample::{at, bytes, digest, user, user_id};

pub fn authenticator(number: u32, of: u32, kind: AuthenticatorKind) -> Authenticator {
    Authenticator {
        id: AuthenticatorId::from_random(bytes(number)),
        user_id: user_id(of),
        name: "Blue key".parse().unwrap(),
        kind,
        counter: 3,
        created_at: at(i64::from(number)),
        last_used_at: None,
    }
}

pub fn key(number: u8) -> AuthenticatorKind {
    AuthenticatorKind::WebAuthn(WebAuthnCredential {
        credential_id: vec![number; 300],
        public_key: vec![0xa5, number],
        user_verified: true,
        backup_eligible: true,
        backed_up: false,
        discoverable: Some(true),
        transports: vec!["usb".to_owned()],
        aaguid: "00000000-0000-0000-0000-000000000000".to_owned(),
        hardware_attested: true,
    })
}

pub fn totp() -> AuthenticatorKind {
    AuthenticatorKind::Totp(TotpSecret {
        sealed: vec![7; 48],
        algorithm: "SHA256".to_owned(),
        digits: 8,
        period: 60,
        drift: 0,
        fob: None,
    })
}

pub async fn r21_an_authenticator_reads_back_and_has_one_owner(bed: Bed) {
    let (one, two) = (&authenticator(1, 1, key(1)), &authenticator(2, 1, totp()));
    bed.write(|tx| async move {
        tx.users().insert(&user(1)).await?;
        tx.users().insert(&user(2)).await?;
        assert!(tx.authenticators().insert(one).await? && tx.authenticators().insert(two).await?);
        assert!(!tx.authenticators().insert(&authenticator(3, 2, key(1))).await?, "somebody has it");
        assert!(tx.authenticators().insert(&authenticator(4, 2, totp())).await?);
        Ok(())
    })
    .await;
    bed.write(|tx| async move {
        let authenticators = tx.authenticators();
        assert_eq!(authenticators.of_user(user_id(1)).await?, [one.clone(), two.clone()]);
        assert_eq!(authenticators.find_by_credential(&vec![1; 300]).await?.as_ref(), Some(one));
        assert_eq!(authenticators.find_by_credential(&vec![1; 299]).await?, None);
        let name = &"Red key".parse().unwrap();
        assert!(authenticators.rename(user_id(1), one.id, name).await?);
        assert!(!authenticators.rename(user_id(2), one.id, name).await?, "of somebody else");
        assert!(!authenticators.delete(user_id(2), one.id).await?, "of somebody else");
        assert!(authenticators.delete(user_id(1), two.id).await?);
        let renamed = Authenticator { name: name.clone(), ..one.clone() };
        assert_eq!(authenticators.of_user(user_id(1)).await?, [renamed]);
        authenticators.delete_all(user_id(1)).await?;
        assert_eq!(authenticators.of_user(user_id(1)).await?, []);
        assert_eq!(authenticators.of_user(user_id(2)).await?.len(), 1);
        Ok(())
    })
    .await;
    let nobody = &authenticator(5, 9, totp());
    let refused = bed.store.write(|tx| async move { tx.authenticators().insert(nobody).await }).await;
    assert!(refused.is_err(), "{refused:?}");
}

pub async fn i04_a_counter_never_goes_back(bed: Bed) {
    let one = &authenticator(1, 1, key(1));
    bed.write(|tx| async move {
        tx.users().insert(&user(1)).await?;
        tx.authenticators().insert(one).await
    })
    .await;
    for (counter, counts) in [(3, false), (2, false), (0, false), (4, true), (4, false), (9, true)] {
        let counted = bed
            .write(|tx| async move { tx.authenticators().record_use(one.id, counter, at(50)).await })
            .await;
        assert_eq!(counted, counts, "{counter}");
    }
    let found = bed.read(|tx| async move { tx.authenticators().of_user(user_id(1)).await }).await;
    assert_eq!((found[0].counter, found[0].last_used_at), (9, Some(at(50))));
    // One that does not count stays at zero.
    let zero = &Authenticator { counter: 0, ..authenticator(2, 1, key(2)) };
    bed.write(|tx| async move {
        assert!(tx.authenticators().insert(zero).await?);
        assert!(tx.authenticators().record_use(zero.id, 0, at(51)).await?);
        assert!(tx.authenticators().record_use(zero.id, 0, at(52)).await?);
        Ok(())
    })
    .await;
}

pub async fn what_a_credential_shows_of_itself_is_written_without_loss(bed: Bed) {
    let one = &authenticator(1, 1, key(1));
    bed.write(|tx| async move {
        tx.users().insert(&user(1)).await?;
        tx.authenticators().insert(one).await
    })
    .await;
    // A newer version has written a member that this one does not know.
    bed.execute("UPDATE authenticators SET properties = replace(properties, '{', '{\"newer\":7,')");
    let AuthenticatorKind::WebAuthn(credential) = key(1) else { unreachable!() };
    let shown = &WebAuthnCredential { backed_up: true, ..credential };
    bed.write(|tx| async move { tx.authenticators().describe(one.id, shown).await }).await;
    let found = bed.read(|tx| async move { tx.authenticators().of_user(user_id(1)).await }).await;
    assert_eq!(found[0].kind, AuthenticatorKind::WebAuthn(shown.clone()));
    bed.execute("UPDATE authenticators SET name = 'kept' WHERE properties LIKE '%\"newer\":7%'");
    let found = bed.read(|tx| async move { tx.authenticators().of_user(user_id(1)).await }).await;
    assert_eq!(found[0].name.as_str(), "kept", "{found:?}");
}

pub async fn a_recovery_code_is_spent_once(bed: Bed) {
    bed.write(|tx| async move {
        tx.users().insert(&user(1)).await?;
        tx.users().insert(&user(2)).await?;
        let codes = tx.recovery_codes();
        codes.replace(user_id(1), &[digest(1), digest(2)], at(1)).await?;
        codes.replace(user_id(1), &[digest(3), digest(4)], at(2)).await?;
        assert_eq!((codes.count(user_id(1)).await?, codes.count(user_id(2)).await?), (2, 0));
        assert!(!codes.spend(user_id(1), &digest(1)).await?, "replaced");
        assert!(!codes.spend(user_id(2), &digest(3)).await?, "of somebody else");
        assert!(codes.spend(user_id(1), &digest(3)).await?);
        assert!(!codes.spend(user_id(1), &digest(3)).await?);
        codes.delete(user_id(1)).await?;
        assert_eq!(codes.count(user_id(1)).await?, 0);
        Ok(())
    })
    .await;
}

pub fn login(number: u32) -> Login {
    Login {
        id: LoginId::from_random(bytes(number)),
        user_id: user_id(1),
        browser: digest(7),
        proven: AuthenticationContext::new(vec![Proof::password(at(1))]),
        steps: 1,
        wrong: 0,
        security_version: user(1).security_version,
        expires_at: at(i64::from(number)),
    }
}

pub async fn each_step_of_a_login_is_taken_once(bed: Bed) {
    let one = &login(1);
    bed.write(|tx| async move {
        tx.users().insert(&user(1)).await?;
        tx.logins().insert(one).await
    })
    .await;
    bed.write(|tx| async move {
        let logins = tx.logins();
        assert_eq!(logins.find(one.id).await?.as_ref(), Some(one));
        let more = one.proven.clone().with(Proof::new(ProofMethod::Totp, at(2)));
        assert!(!logins.advance(one.id, 0, &more).await? && logins.advance(one.id, 1, &more).await?);
        assert!(!logins.advance(one.id, 1, &more).await?, "it was taken");
        assert_eq!(
            (logins.count_wrong(one.id).await?, logins.count_wrong(one.id).await?),
            (Some(1), Some(2))
        );
        let now = logins.find(one.id).await?.unwrap();
        assert_eq!((now.proven, now.steps, now.wrong), (more, 2, 2));
        assert!(!logins.finish(one.id, 1).await? && logins.finish(one.id, 2).await?);
        assert!(!logins.finish(one.id, 2).await?);
        assert_eq!((logins.find(one.id).await?, logins.count_wrong(one.id).await?), (None, None));
        for number in 2..=6 {
            logins.insert(&login(number)).await?;
        }
        logins.delete(login(6).id).await?;
        assert_eq!((logins.purge(at(4), 2).await?, logins.purge(at(4), 2).await?), (2, 1));
        assert!(logins.find(login(5).id).await?.is_some());
        Ok(())
    })
    .await;
}
