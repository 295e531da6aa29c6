//! Groups and their members.

use tessera_model::{Group, GroupName};

use super::bed::Bed;
use super::sample::{at, user, user_id};

pub fn group(name: &str) -> Group {
    Group { name: name.parse().unwrap(), description: Some("Staff".to_owned()), created_at: at(7) }
}

pub async fn a_group_reads_back_with_its_members(bed: Bed) {
    let (one, other) = (&group("ops"), &Group { description: None, ..group("a") });
    bed.write(|tx| async move {
        for number in 1..=3 {
            tx.users().insert(&user(number)).await?;
        }
        assert!(tx.groups().insert(one).await? && tx.groups().insert(other).await?);
        assert!(!tx.groups().insert(one).await?, "the name is taken");
        assert!(tx.groups().lock(&one.name).await?);
        for number in 1..=3 {
            assert!(tx.groups().add_member(&one.name, user_id(number), at(9)).await?);
            assert!(!tx.groups().add_member(&one.name, user_id(number), at(9)).await?, "in it already");
        }
        assert!(tx.groups().add_member(&other.name, user_id(2), at(9)).await?);
        Ok(())
    })
    .await;
    let missing: &GroupName = &"missing".parse().unwrap();
    bed.write(|tx| async move {
        assert_eq!(tx.groups().find(&one.name).await?.as_ref(), Some(one));
        assert_eq!(tx.groups().find(missing).await?, None);
        assert!(!tx.groups().lock(missing).await?);
        assert_eq!(tx.groups().list().await?, [(other.clone(), 1), (one.clone(), 3)]);
        assert_eq!(tx.groups().of_user(user_id(2)).await?, [other.name.clone(), one.name.clone()]);
        assert_eq!(tx.groups().count_of_user(user_id(2)).await?, 2);
        assert_eq!(tx.groups().of_user(user_id(4)).await?, []);
        let all = tx.groups().members_after(&one.name, None, 10).await?;
        assert_eq!(all.len(), 3);
        assert_eq!(tx.groups().members_after(&one.name, Some(&all[0]), 1).await?, all[1..2]);
        assert!(tx.groups().describe(&one.name, None).await? && !tx.groups().describe(missing, None).await?);
        assert_eq!(tx.groups().find(&one.name).await?.unwrap().description, None);
        Ok(())
    })
    .await;
}

pub async fn a_group_goes_once_nobody_is_in_it(bed: Bed) {
    let one = &group("ops").name;
    bed.write(|tx| async move {
        tx.groups().insert(&group("ops")).await?;
        for number in 1..=3 {
            tx.users().insert(&user(number)).await?;
            tx.groups().add_member(one, user_id(number), at(9)).await?;
        }
        assert!(tx.groups().remove_member(one, user_id(3)).await?);
        assert!(!tx.groups().remove_member(one, user_id(3)).await?);
        assert!(tx.groups().close(one, at(10)).await? && !tx.groups().close(one, at(11)).await?);
        assert!(!tx.groups().delete(one).await?, "two are left");
        assert_eq!(tx.groups().of_user(user_id(1)).await?, [], "it counts for nothing");
        assert_eq!(tx.groups().count_of_user(user_id(1)).await?, 0);
        assert_eq!((tx.groups().find(one).await?, tx.groups().list().await?), (None, Vec::new()));
        assert!(!tx.groups().lock(one).await? && tx.groups().exists(one).await?);
        assert!(!tx.groups().insert(&group("ops")).await?, "the name is taken until then");
        assert_eq!(tx.groups().remove_members(one, 1).await?, 1);
        assert_eq!(tx.groups().remove_members(one, 5).await?, 1);
        assert_eq!(tx.groups().remove_members(one, 5).await?, 0);
        assert!(tx.groups().delete(one).await?);
        assert!(!tx.groups().delete(one).await? && !tx.groups().exists(one).await?);
        Ok(())
    })
    .await;
}

pub async fn a_member_needs_a_group_and_goes_with_the_account(bed: Bed) {
    let one = &group("ops").name;
    let nobody =
        bed.store.write(|tx| async move { tx.groups().add_member(one, user_id(1), at(9)).await }).await;
    assert!(nobody.is_err(), "{nobody:?}");
    bed.write(|tx| async move {
        tx.groups().insert(&group("ops")).await?;
        tx.users().insert(&user(1)).await?;
        tx.groups().add_member(one, user_id(1), at(9)).await?;
        tx.users().delete(user_id(1)).await?;
        assert_eq!(tx.groups().members_after(one, None, 10).await?, []);
        assert!(!tx.groups().delete(one).await?, "it is not marked as removed");
        Ok(())
    })
    .await;
}
