//! People.

use tessera_model::{PasswordHash, SecurityVersion, User, UserStatus};
use tessera_oauth::claims::ProfileClaims;

use super::bed::Bed;
use super::sample::{at, plant, user, user_id};

async fn find(bed: &Bed, number: u32) -> Option<User> {
    bed.read(|tx| async move { tx.users().find(user_id(number)).await }).await
}

pub async fn a_user_reads_back(bed: Bed) {
    let bare = User { name: None, email: None, password: None, ..user(2) };
    for one in [&user(1), &bare] {
        assert!(bed.write(|tx| async move { tx.users().insert(one).await }).await);
        assert_eq!(find(&bed, if one.id == bare.id { 2 } else { 1 }).await.as_ref(), Some(one));
        let named = bed.read(|tx| async move { tx.users().find_by_username(&one.username).await }).await;
        assert_eq!(named.as_ref(), Some(one));
    }
    assert_eq!(find(&bed, 3).await, None);
}

pub async fn what_is_told_about_a_user_is_replaced(bed: Bed) {
    let before = &user(1);
    bed.write(|tx| async move { tx.users().insert(before).await }).await;
    let claims = ProfileClaims { locale: Some("fr-CA".to_owned()), ..ProfileClaims::default() };
    let (name, email) = (Some("Ann".to_owned()), None);
    let after = &User { name, email, email_verified: false, claims, updated_at: at(50), ..before.clone() };
    assert!(bed.write(|tx| async move { tx.users().update(after).await }).await);
    assert_eq!(find(&bed, 1).await.as_ref(), Some(after));
    let beyond = &User { password: None, status: UserStatus::Locked { at: at(9) }, ..after.clone() };
    bed.write(|tx| async move { tx.users().update(beyond).await }).await;
    assert_eq!(find(&bed, 1).await.as_ref(), Some(after), "status and password have statements of their own");
    let held = bed.write(|tx| async move { tx.users().find_for_update(user_id(1)).await }).await;
    assert_eq!(held.as_ref(), Some(after));
    let nobody = &user(2);
    assert!(!bed.write(|tx| async move { tx.users().update(nobody).await }).await);
}

pub async fn names_are_unique_and_sorted_byte_by_byte(bed: Bed) {
    let names = ["a-b", "a.b", "ab", "a_c", "b", "+x", "0"];
    for (number, name) in (1..).zip(names) {
        let one = &User { username: name.parse().unwrap(), ..user(number) };
        assert!(bed.write(|tx| async move { tx.users().insert(one).await }).await);
    }
    let twin = &User { username: "ab".parse().unwrap(), ..user(100) };
    assert!(!bed.write(|tx| async move { tx.users().insert(twin).await }).await, "the name is taken");
    let twin = &User { id: user_id(1), ..user(101) };
    assert!(!bed.write(|tx| async move { tx.users().insert(twin).await }).await, "the id is taken");

    let page = |after: Option<&'static str>, limit| {
        let (bed, after) = (bed.clone(), after.map(|name| name.parse().unwrap()));
        async move {
            let users = bed
                .read(|tx| {
                    let after = after.clone();
                    async move { tx.users().list_after(after.as_ref(), limit).await }
                })
                .await;
            users.into_iter().map(|user| user.username.to_string()).collect::<Vec<_>>()
        }
    };
    assert_eq!(page(None, 100).await, ["+x", "0", "a-b", "a.b", "a_c", "ab", "b"]);
    assert_eq!(page(Some("a.b"), 2).await, ["a_c", "ab"]);
    assert_eq!(page(Some("b"), 2).await, [""; 0]);
}

pub async fn i04_a_status_never_goes_back(bed: Bed) {
    bed.write(|tx| async move { tx.users().insert(&user(1)).await }).await;
    let id = user_id(1);
    let lock = async || bed.write(|tx| async move { tx.users().lock(id, at(2)).await }).await;
    let unlock = async || bed.write(|tx| async move { tx.users().unlock(id, at(3)).await }).await;
    let disable = async || bed.write(|tx| async move { tx.users().disable(id, at(4)).await }).await;
    let status = async || find(&bed, 1).await.unwrap().status;

    assert!(!unlock().await);
    assert!(lock().await && !lock().await);
    assert_eq!(status().await, UserStatus::Locked { at: at(2) });
    assert!(unlock().await && !unlock().await);
    assert_eq!(status().await, UserStatus::Active);
    assert_eq!(find(&bed, 1).await.unwrap().updated_at, at(3));
    assert!(lock().await && disable().await && !disable().await);
    assert!(!lock().await && !unlock().await, "closed is closed");
    assert_eq!(status().await, UserStatus::Disabled { at: at(4) });
    let closed = find(&bed, 1).await.unwrap();
    assert_eq!(
        (closed.password, closed.security_version),
        (None, SecurityVersion(2)),
        "no password, no known device"
    );
}

pub async fn passwords_are_set_and_confirmed(bed: Bed) {
    bed.write(|tx| async move { tx.users().insert(&user(1)).await }).await;
    let hash = |text: &str| PasswordHash::new(text.to_owned());
    let confirm = async |version: i64, new: Option<&str>| {
        let new = new.map(hash);
        let new = new.as_ref();
        bed.write(|tx| async move { tx.users().confirm(user_id(1), SecurityVersion(version), new).await })
            .await
    };
    let new = &hash("new");
    assert!(confirm(1, None).await);
    assert!(bed.write(|tx| async move { tx.users().set_password(user_id(1), new, at(9)).await }).await);
    assert!(!confirm(1, Some("weak")).await, "the password was changed meanwhile");
    assert!(confirm(2, None).await);
    assert_eq!(find(&bed, 1).await.unwrap().password, Some(hash("new")));
    assert!(confirm(2, Some("stronger")).await);
    let after = find(&bed, 1).await.unwrap();
    assert_eq!((after.password, after.updated_at), (Some(hash("stronger")), at(9)));
    assert_eq!(after.security_version, SecurityVersion(2), "the same password is no change");
    assert!(!bed.write(|tx| async move { tx.users().set_password(user_id(2), new, at(9)).await }).await);
}

pub async fn the_costs_of_the_passwords_are_listed(bed: Bed) {
    let hash = |cost: &str, fill: &str| format!("{cost}${}${}", fill.repeat(22), fill.repeat(43));
    let (today, older) = ("$argon2id$v=19$m=19456,t=2,p=1", "$argon2id$v=19$m=7168,t=5,p=1");
    for (number, text) in
        (1..).zip([hash(today, "a"), hash(older, "b"), hash(today, "c"), String::new(), "short".to_owned()])
    {
        let user = &User { password: Some(PasswordHash::new(text)), ..user(number) };
        bed.write(|tx| async move { tx.users().insert(user).await }).await;
    }
    let without = &User { password: None, ..user(9) };
    bed.write(|tx| async move { tx.users().insert(without).await }).await;
    let costs = bed.read(|tx| async move { tx.users().password_costs().await }).await;
    let mut costs = costs.iter().map(|cost| (cost.cost.as_str(), cost.accounts)).collect::<Vec<_>>();
    costs.sort_unstable();
    assert_eq!(costs, [(today, 2), (older, 1)]);
}

pub async fn deleting_a_user_takes_everything_of_theirs(bed: Bed) {
    let (gone, kept) = (plant(&bed, 1).await, plant(&bed, 2).await);
    let (gone, kept) = (&gone, &kept);
    bed.write(|tx| async move {
        for grant in [gone, kept] {
            let (user_id, client_id) = (grant.holder.user_id().unwrap(), grant.client_id.clone());
            let consent =
                tessera_model::Consent { user_id, client_id, scope: grant.scope.clone(), granted_at: at(1) };
            tx.consents().allow(&consent).await?;
        }
        assert!(tx.users().delete(gone.holder.user_id().unwrap()).await?);
        assert!(!tx.users().delete(gone.holder.user_id().unwrap()).await?);
        Ok(())
    })
    .await;
    bed.read(|tx| async move {
        assert_eq!(tx.users().find(gone.holder.user_id().unwrap()).await?, None);
        assert_eq!(tx.sessions().find(gone.holder.session_id().unwrap()).await?, None);
        assert_eq!(tx.grants().find(gone.id).await?, None);
        assert_eq!(tx.consents().find(gone.holder.user_id().unwrap(), &gone.client_id).await?, None);
        assert!(tx.clients().find(&gone.client_id).await?.is_some());
        assert!(tx.sessions().find(kept.holder.session_id().unwrap()).await?.is_some());
        assert_eq!(tx.grants().find(kept.id).await?.as_ref(), Some(kept));
        assert!(tx.consents().find(kept.holder.user_id().unwrap(), &kept.client_id).await?.is_some());
        Ok(())
    })
    .await;
}
