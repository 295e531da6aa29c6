//! The log of revocation rules.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tessera_model::{KnownRule, RevocableToken, RevocationKind, RevocationRule};
use tessera_store::{GrantUser, StoreError};
use tokio::task::JoinSet;

use super::bed::{Bed, patiently};
use super::sample::{at, client, client_id, digest, user, user_id};

fn rule(number: u32, kind: RevocationKind) -> RevocationRule {
    let expires_at = at(i64::from(number) * 10);
    let (subject, client) = (Some(digest(100)), number.is_multiple_of(2).then(|| digest(200)));
    RevocationRule { kind, id: digest(number), issued_before: at(1), expires_at, subject, client }
}

pub async fn rules_are_read_in_order_and_purged(bed: Bed) {
    let mut all = Vec::new();
    for (number, kind) in (1..).zip(RevocationKind::ALL) {
        let one = &rule(number, kind);
        let seq = bed.write(|tx| async move { tx.revocations().append(one).await }).await;
        assert_eq!(seq, i64::from(number));
        all.push((seq, one.clone()));
    }
    let after =
        async |seq, limit| bed.read(|tx| async move { tx.revocations().list_after(seq, limit).await }).await;
    assert_eq!(after(0, 100).await, all);
    assert_eq!(after(1, 2).await, all[1..3]);
    assert_eq!(after(5, 2).await, []);
    assert_eq!(bed.write(|tx| async move { tx.revocations().purge(at(20), 500).await }).await, 2);
    assert_eq!(after(0, 100).await, all[2..]);
    bed.write(|tx| async move { tx.revocations().purge(at(1_000), 500).await }).await;
    let last = async || bed.read(|tx| async move { tx.revocations().last().await }).await;
    assert_eq!(last().await, 5, "also after its rule was purged");
    let next = &rule(9, RevocationKind::Token);
    assert_eq!(
        bed.write(|tx| async move { tx.revocations().append(next).await }).await,
        6,
        "a number is never used again"
    );
}

/// What this process has committed can be known without reading, and how many rules are to be read can be known before.
pub async fn a_follower_learns_what_was_committed_and_where_the_last_rules_begin(bed: Bed) {
    let append = async |number| {
        let one = &rule(number, RevocationKind::Grant);
        bed.write(|tx| async move { tx.revocations().append(one).await }).await
    };
    append(1).await;
    append(2).await;
    let lost: Result<(), StoreError> = bed
        .store
        .write(|tx| async move {
            tx.revocations().append(&rule(3, RevocationKind::Grant)).await?;
            Err(StoreError::Conflict)
        })
        .await;
    assert_eq!(lost, Err(StoreError::Conflict));
    append(4).await;
    let committed = [1, 2, 4].map(|number| rule(number, RevocationKind::Grant));
    let committed: Vec<_> = (1..).zip(committed).collect();
    assert_eq!(bed.store.committed_rules(), Some(committed.clone()));
    bed.store.forget_committed_rules(2);
    assert_eq!(bed.store.committed_rules(), Some(committed[2..].to_vec()));
    let before_last =
        async |newer| bed.read(|tx| async move { tx.revocations().before_last(newer).await }).await;
    assert_eq!([before_last(0).await, before_last(2).await, before_last(3).await], [Some(3), Some(1), None]);
}

/// A new rule about the same subject replaces the old one under a new number. It is never weaker than the old one.
pub async fn rules_about_the_same_thing_become_one(bed: Bed) {
    let put = async |kind, issued_before, expires_at| {
        let (issued_before, expires_at) = (at(issued_before), at(expires_at));
        let one = &RevocationRule { issued_before, expires_at, ..rule(7, kind) };
        bed.write(|tx| async move { tx.revocations().append(one).await }).await
    };
    assert_eq!(put(RevocationKind::Subject, 10, 100).await, 1);
    assert_eq!(put(RevocationKind::Client, 10, 100).await, 2, "another kind is another thing");
    assert_eq!(put(RevocationKind::Subject, 20, 90).await, 3);
    assert_eq!(put(RevocationKind::Subject, 15, 110).await, 4);
    let rules = bed.read(|tx| async move { tx.revocations().list_after(0, 100).await }).await;
    let found: Vec<_> =
        rules.iter().map(|(seq, rule)| (*seq, rule.kind, rule.issued_before, rule.expires_at)).collect();
    assert_eq!(
        found,
        [(2, RevocationKind::Client, at(10), at(100)), (4, RevocationKind::Subject, at(20), at(110))]
    );
    for _ in 0..20 {
        put(RevocationKind::Client, 10, 100).await;
    }
    let rules = bed.read(|tx| async move { tx.revocations().list_after(4, 100).await }).await;
    assert_eq!(rules.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), [24], "a follower hears the last one");
}

pub async fn a_rule_of_each_kind_hits_what_was_issued_until_then(bed: Bed) {
    let token = |first: u32, issued_at| RevocableToken {
        token: digest(first),
        grant: Some(digest(first + 1)),
        session: Some(digest(first + 2)),
        subject: digest(first + 3),
        client: digest(first + 4),
        issued_at: at(issued_at),
        known_subject_rule: None,
        known_client_rule: None,
    };
    let is_taken_back = async |token: &RevocableToken| {
        bed.read(|tx| async move { tx.revocations().is_revoked(token).await }).await
    };
    for (number, kind) in (0..).zip(RevocationKind::ALL) {
        let one = &RevocationRule { issued_before: at(50), ..rule(number * 11 + 10, kind) };
        bed.write(|tx| async move { tx.revocations().append(one).await }).await;
        // Only this member of the token matches the rule.
        let hit = number * 10 + 10;
        assert!(is_taken_back(&token(hit, 50)).await, "{kind:?}");
        assert!(!is_taken_back(&token(hit, 51)).await, "{kind:?}: issued later");
        assert!(!is_taken_back(&token(hit + 5, 1)).await, "{kind:?}: another token");
        assert!(!is_taken_back(&token(hit + 1, 1)).await, "{kind:?}: the same name in another place");
    }
}

/// The issuer of the token knew a rule about its subject or client. It and older ones do not mean the token.
pub async fn a_token_that_names_a_rule_is_not_hit_by_it(bed: Bed) {
    let token = |known_subject_rule, known_client_rule| RevocableToken {
        token: digest(1),
        grant: Some(digest(2)),
        session: Some(digest(3)),
        subject: digest(4),
        client: digest(5),
        issued_at: at(1),
        known_subject_rule,
        known_client_rule,
    };
    let hit = async |token: &RevocableToken| {
        bed.read(|tx| async move { tx.revocations().is_revoked(token).await }).await
    };
    let append = async |number, kind| {
        let one = &rule(number, kind);
        bed.write(|tx| async move { tx.revocations().append(one).await }).await
    };
    assert_eq!(append(4, RevocationKind::Subject).await, 1);
    assert!(hit(&token(None, Some(9))).await);
    assert!(!hit(&token(Some(1), None)).await);
    assert_eq!(append(5, RevocationKind::Client).await, 2);
    assert!(hit(&token(Some(9), None)).await && hit(&token(None, Some(9))).await);
    assert!(!hit(&token(Some(1), Some(2))).await);
    assert_eq!(append(4, RevocationKind::Subject).await, 3);
    assert!(hit(&token(Some(2), Some(2))).await, "a later rule about the same");
    assert!(!hit(&token(Some(3), Some(2))).await);
    assert_eq!(append(3, RevocationKind::Session).await, 4);
    assert!(hit(&token(Some(9), Some(9))).await, "only rules about subjects and clients");
}

pub async fn what_decides_about_a_grant_comes_with_its_person(bed: Bed) {
    let (person, subject) = (&user(1), digest(4));
    bed.write(|tx| async move { tx.users().insert(person).await.map(drop) }).await;
    let find = async |number| {
        bed.read(|tx| async move { tx.users().find_holder(user_id(number), &subject, &client_id(1)).await })
            .await
    };
    let found = |rule, client_is_active| Some(GrantUser { user: person.clone(), rule, client_is_active });
    assert_eq!(find(1).await, found(None, false));
    assert_eq!(find(2).await, None);
    for (seq, kind) in [(1, RevocationKind::Client), (2, RevocationKind::Subject)] {
        let one = &rule(4, kind);
        assert_eq!(bed.write(|tx| async move { tx.revocations().append(one).await }).await, seq);
    }
    let known = KnownRule { seq: 2, issued_before: at(1) };
    assert_eq!(find(1).await, found(Some(known), false));
    let client = &client(1);
    bed.write(|tx| async move { tx.clients().insert(client).await.map(drop) }).await;
    assert_eq!(find(1).await, found(Some(known), true));
    bed.write(|tx| async move { tx.clients().disable(&client.id, at(9)).await.map(drop) }).await;
    assert_eq!(find(1).await, found(Some(known), false));
}

pub async fn rules_are_counted_and_folded_by_person_and_client(bed: Bed) {
    let (ada, bob, web) = (digest(100), digest(101), digest(200));
    let of = |number, kind, subject, client| RevocationRule { subject, client, ..rule(number, kind) };
    let rules = &[
        of(1, RevocationKind::Token, Some(ada), Some(web)),
        of(2, RevocationKind::Grant, Some(ada), Some(web)),
        of(3, RevocationKind::Session, Some(ada), None),
        of(4, RevocationKind::Grant, Some(bob), Some(web)),
        of(5, RevocationKind::Session, Some(bob), Some(digest(201))),
        of(6, RevocationKind::Subject, Some(bob), None),
    ];
    bed.write(|tx| async move {
        for rule in rules {
            tx.revocations().append(rule).await?;
        }
        Ok(())
    })
    .await;
    let kinds = async || {
        let rules = bed.read(|tx| async move { tx.revocations().list_after(0, 100).await }).await;
        rules.into_iter().map(|(seq, rule)| (seq, rule.kind, rule.id)).collect::<Vec<_>>()
    };
    bed.read(|tx| async move {
        assert_eq!(tx.revocations().count().await?, 6);
        assert_eq!(tx.revocations().count_of_person(&ada).await?, 3);
        assert_eq!(tx.revocations().count_of_person(&bob).await?, 2);
        assert_eq!(tx.revocations().largest_client().await?, Some((web, 2)));
        assert_eq!(tx.revocations().list_of_clients().await?, []);
        Ok(())
    })
    .await;
    let person = &of(100, RevocationKind::Subject, Some(ada), None);
    let folded = bed.write(|tx| async move { tx.revocations().fold_person(&ada, person).await });
    assert_eq!(folded.await, 7);
    let others = [
        (4, RevocationKind::Grant, digest(4)),
        (5, RevocationKind::Session, digest(5)),
        (6, RevocationKind::Subject, digest(6)),
    ];
    let after_ada = [others.as_slice(), &[(7, RevocationKind::Subject, digest(100))]].concat();
    assert_eq!(kinds().await, after_ada);
    let client = &of(200, RevocationKind::Client, None, Some(web));
    bed.write(|tx| async move {
        assert_eq!(tx.revocations().append(client).await?, 8);
        assert_eq!(tx.revocations().purge_of_client(&web, 4, 500).await?, 0, "only older rules");
        assert_eq!(tx.revocations().purge_of_client(&web, 8, 500).await?, 1);
        assert_eq!(tx.revocations().purge_of_client(&web, 8, 500).await?, 0);
        Ok(())
    })
    .await;
    let after_web = [&after_ada[1..], &[(8, RevocationKind::Client, web)]].concat();
    assert_eq!(kinds().await, after_web);
    let known = bed.read(|tx| async move { tx.revocations().list_of_clients().await }).await;
    assert_eq!(known, [(RevocationKind::Client, web, KnownRule { seq: 8, issued_before: at(1) })]);
}

pub async fn a_rule_that_is_there_is_not_written_again(bed: Bed) {
    let put = async |issued_before, expires_at| {
        let one = &RevocationRule {
            issued_before: at(issued_before),
            expires_at: at(expires_at),
            ..rule(1, RevocationKind::Token)
        };
        let written = bed.write(|tx| async move { tx.revocations().append_once(one).await }).await;
        (written, bed.read(|tx| async move { tx.revocations().last().await }).await)
    };
    assert_eq!(put(50, 100).await, (true, 1));
    for (issued_before, expires_at) in [(50, 100), (49, 100), (50, 99)] {
        assert_eq!(put(issued_before, expires_at).await, (false, 1), "it takes no number either");
    }
    assert_eq!(put(51, 100).await, (true, 2), "one that hits more");
    assert_eq!(put(51, 101).await, (true, 3), "one that lasts longer");
}

/// Writers commit and roll back in any order. A follower that reads the rules after the last number that it has seen must see
/// every rule.
pub async fn a_follower_misses_no_rule(bed: Bed) {
    let done = Arc::new(AtomicBool::new(false));
    let follower = tokio::spawn({
        let (bed, done) = (bed.clone(), Arc::clone(&done));
        async move {
            let mut last = 0;
            loop {
                let finished = done.load(Ordering::SeqCst);
                let rules = bed.read(|tx| async move { tx.revocations().list_after(last, 50).await }).await;
                for (seq, _) in &rules {
                    assert_eq!(*seq, last + 1, "a number appeared after a higher one, or is missing");
                    last = *seq;
                }
                if finished && rules.is_empty() {
                    return last;
                }
                tokio::task::yield_now().await;
            }
        }
    });
    let mut writers = JoinSet::new();
    for number in 0..200 {
        let bed = bed.clone();
        writers.spawn(async move {
            let one = &rule(number, RevocationKind::Token);
            let write = |tx: tessera_store::Tx| async move {
                tx.revocations().append(one).await?;
                tokio::task::yield_now().await;
                if number % 5 == 0 { Err(StoreError::Conflict) } else { Ok(()) }
            };
            patiently(&bed.store, write).await.is_ok()
        });
    }
    let committed = writers.join_all().await.into_iter().filter(|ok| *ok).count();
    done.store(true, Ordering::SeqCst);
    assert_eq!(committed, 160);
    assert_eq!(follower.await.unwrap(), 160);
}
