//! What a stolen database and a changed row give.

use std::time::Duration;

use tessera_app::outbox::{Code, Link, Mail};
use tessera_testkit::server::{Backend, TestServer};

use super::{run, waiting, write};

#[tokio::test]
async fn a_database_holds_neither_recipient_nor_link_nor_code_in_usable_form() {
    let server = TestServer::start(Backend::Sqlite).await;
    let mut user = server.add_user("alice").await;
    user.email = Some("secret-recipient@example.com".to_owned());
    let expires_at = server.clock_now().after(Duration::from_secs(600));
    let link = Link::new("/reset", ("token", "secret-of-the-link"), expires_at);
    write(&server, &user, &Mail::ResetPassword(link)).await;
    write(&server, &user, &Mail::LoginCode(Code { code: "secret-code".to_owned(), expires_at })).await;
    let files = server.files();
    for secret in ["secret-recipient", "secret-of-the-link", "secret-code"] {
        assert!(!files.windows(secret.len()).any(|bytes| bytes == secret.as_bytes()), "{secret}");
    }
    run(&server.app).await;
    let sent = server.mailbox.take();
    assert_eq!(sent.len(), 2);
    assert!(sent.iter().all(|letter| letter.to.as_str() == "secret-recipient@example.com"), "{sent:?}");
}

#[tokio::test]
async fn a_message_opens_in_no_other_row_and_after_no_change() {
    let server = TestServer::start(Backend::Sqlite).await;
    let user = server.add_user("alice").await;
    write(&server, &user, &Mail::Test).await;
    write(&server, &user, &Mail::Test).await;
    let rows = waiting(&server).await;
    let (one, other) = (&rows[0], &rows[1]);
    let mut swapped = one.clone();
    swapped.sealed.clone_from(&other.sealed);
    let mut changed = other.clone();
    changed.sealed[20] ^= 1;
    let store = server.store().await;
    let (swapped, changed) = (&swapped, &changed);
    let replace = store.write(|tx| async move {
        for row in [swapped, changed] {
            assert!(tx.outbox().remove(row.id, 0).await?);
            tx.outbox().insert(row).await?;
        }
        Ok::<_, tessera_store::StoreError>(())
    });
    replace.await.unwrap();
    run(&server.app).await;
    assert_eq!(server.mailbox.take(), []);
    let said: Vec<_> = waiting(&server).await.into_iter().map(|row| row.last_error).collect();
    assert_eq!(said, [Some("unreadable".to_owned()), Some("unreadable".to_owned())]);
}
