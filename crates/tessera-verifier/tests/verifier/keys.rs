//! Keys, the cache of verified tokens, and what discovery must refuse.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use crate::support::{API, Issuer, NOW};
use serde_json::json;
use tessera_jose::{Algorithm, SigningKey};
use tessera_verifier::{BuildError, FetchError, Verifier, VerifyError};

#[tokio::test]
async fn j07_a_flood_of_unknown_keys_causes_one_fetch_in_30_seconds() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier().await;
    let before = issuer.key_fetches.load(SeqCst);
    let good = issuer.token();
    let claims = issuer.claims();
    let template = issuer.forge(&issuer.header(), &claims);
    let rest = template.split_once('.').unwrap().1;
    for n in 0..10_000_u64 {
        let header = format!(r#"{{"alg":"ES256","typ":"at+jwt","kid":"{n}"}}"#);
        let token = format!("{}.{rest}", tessera_jose::base64url::encode(header));
        assert_eq!(verifier.verify(&token).await.err(), Some(VerifyError::UnknownKey));
        if n % 1_000 == 0 {
            issuer.clock.advance(1);
            assert!(verifier.verify(&good).await.is_ok());
        }
    }
    assert_eq!(issuer.key_fetches.load(SeqCst), before + 1);
    issuer.clock.advance(30);
    let unknown = SigningKey::generate(Algorithm::Es256)
        .unwrap()
        .sign("at+jwt", claims.to_string().as_bytes())
        .unwrap();
    for _ in 0..100 {
        assert_eq!(verifier.verify(&unknown).await.err(), Some(VerifyError::UnknownKey));
    }
    assert_eq!(issuer.key_fetches.load(SeqCst), before + 2);
}

#[tokio::test]
async fn f30_while_the_issuer_is_down_known_keys_work_and_unknown_ones_are_not_called_false() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier().await;
    let old = issuer.token();
    issuer.keys_down.store(true, SeqCst);
    assert_eq!(verifier.refresh().await, Err(FetchError::Status(503)));
    assert!(verifier.verify(&old).await.is_ok());
    issuer.rotate();
    let new = issuer.token();
    let error = verifier.verify(&new).await.unwrap_err();
    assert_eq!(
        (error.clone(), error.status(), error.challenge("x"), error.retry_after()),
        (VerifyError::Unavailable, 503, None, Some(5))
    );
    assert!(verifier.verify(&old).await.is_ok());
    issuer.keys_down.store(false, SeqCst);
    assert_eq!(
        verifier.verify(&new).await.err(),
        Some(VerifyError::Unavailable),
        "not before 30 s have passed"
    );
    issuer.clock.advance(30);
    assert!(verifier.verify(&new).await.is_ok());
}

#[tokio::test]
async fn everybody_who_waits_for_a_fetch_shares_it_even_if_the_first_hangs_up() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier().await;
    issuer.rotate();
    let before = issuer.key_fetches.load(SeqCst);
    let held = issuer
        .key_permits
        .acquire_many(u32::try_from(issuer.key_permits.available_permits()).unwrap())
        .await
        .unwrap();
    let token = Arc::new(issuer.token());
    let ask = || {
        let (verifier, token) = (verifier.clone(), Arc::clone(&token));
        tokio::spawn(async move { verifier.verify(&token).await })
    };
    let first = ask();
    while issuer.key_fetches.load(SeqCst) == before {
        issuer.key_asked.notified().await;
    }
    let waiting: Vec<_> = (0..100).map(|_| ask()).collect();
    tokio::task::yield_now().await;
    first.abort();
    assert!(first.await.is_err());
    drop(held);
    for waiter in waiting {
        assert!(waiter.await.unwrap().is_ok());
    }
    assert_eq!(issuer.key_fetches.load(SeqCst), before + 1);
}

#[tokio::test]
async fn the_first_token_waits_for_the_keys_and_a_dead_issuer_is_no_judgement() {
    let issuer = Issuer::start().await;
    let verifier = issuer.builder().build().unwrap();
    assert!(verifier.verify(&issuer.token()).await.is_ok(), "without ready()");

    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let verifier = Verifier::builder(format!("http://{gone}")).audience(API).build().unwrap();
    assert!(matches!(verifier.ready().await, Err(FetchError::Transport(_))));
    assert_eq!(verifier.verify(&issuer.token()).await.err(), Some(VerifyError::Unavailable));
}

#[tokio::test]
async fn v13_what_a_removed_key_vouched_for_is_forgotten() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier().await;
    let token = issuer.token();
    assert!(verifier.verify(&token).await.is_ok());
    issuer.rotate();
    assert!(verifier.verify(&token).await.is_ok(), "not heard of it yet");
    verifier.refresh().await.unwrap();
    assert_eq!(verifier.verify(&token).await.err(), Some(VerifyError::UnknownKey));
}

#[tokio::test]
async fn v13_a_key_swapped_under_its_old_name_is_another_key() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier().await;
    let token = issuer.token();
    assert!(verifier.verify(&token).await.is_ok());
    let mut impostor =
        serde_json::to_value(SigningKey::generate(Algorithm::Es256).unwrap().public_jwk().unwrap()).unwrap();
    impostor["kid"] = json!(issuer.key().kid());
    *issuer.jwks.lock().unwrap() = Some(json!({"keys": [impostor]}).to_string());
    verifier.refresh().await.unwrap();
    assert_eq!(verifier.verify(&token).await.err(), Some(VerifyError::BadSignature));
}

#[tokio::test]
async fn v13_the_cache_knows_whole_tokens_only_and_looks_at_the_clock_every_time() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier().await;
    let token = issuer.token();
    assert!(verifier.verify(&token).await.is_ok());
    let (input, _) = token.rsplit_once('.').unwrap();
    let same_jti = issuer.token_with("sub", json!("somebody else"));
    for (name, other) in [
        ("prefix", format!("{input}.{}", tessera_jose::base64url::encode([7; 64]))),
        ("jti", format!("{}.{}", same_jti.rsplit_once('.').unwrap().0, token.rsplit_once('.').unwrap().1)),
        ("longer", format!("{token}A")),
        ("shorter", token[..token.len() - 1].to_owned()),
    ] {
        assert!(verifier.verify(&other).await.is_err(), "{name}");
    }
    assert_eq!(verifier.verify(&same_jti).await.unwrap().subject(), "somebody else");
    issuer.clock.advance(610);
    assert!(verifier.verify(&token).await.is_ok());
    issuer.clock.advance(1);
    assert_eq!(verifier.verify(&token).await.err(), Some(VerifyError::Expired));
    issuer.clock.set_unix(NOW - 11);
    assert_eq!(verifier.verify(&token).await.err(), Some(VerifyError::NotYetValid), "the clock went back");
}

#[tokio::test]
async fn without_a_cache_every_signature_is_verified() {
    let issuer = Issuer::start().await;
    let verifier = issuer.ready(issuer.builder().cache_capacity(0)).await;
    let token = issuer.token();
    assert!(verifier.verify(&token).await.is_ok() && verifier.verify(&token).await.is_ok());
}

#[tokio::test]
async fn metadata_that_are_not_the_issuers_are_refused_and_the_last_good_keys_stay() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier().await;
    let token = issuer.token();
    let url = issuer.url.clone();
    let jwks_uri = format!("{url}/jwks");
    for (body, error) in [
        (json!({"issuer": format!("{url}/"), "jwks_uri": jwks_uri}).to_string(), FetchError::WrongIssuer),
        (
            json!({"issuer": "https://attacker.example", "jwks_uri": jwks_uri}).to_string(),
            FetchError::WrongIssuer,
        ),
        (json!({"issuer": url, "jwks_uri": "http://169.254.169.254/"}).to_string(), FetchError::Url),
        (json!({"issuer": url, "jwks_uri": "file:///etc/passwd"}).to_string(), FetchError::Url),
        (json!({"issuer": url}).to_string(), FetchError::Malformed("metadata")),
        (
            format!(r#"{{"issuer":"{url}","issuer":"{url}","jwks_uri":"{jwks_uri}"}}"#),
            FetchError::Malformed("metadata"),
        ),
        ("<html>".to_owned(), FetchError::Malformed("metadata")),
        (format!(r#"{{"issuer":"{url}","x":"{}"}}"#, "x".repeat(70_000)), FetchError::TooLarge),
    ] {
        *issuer.metadata.lock().unwrap() = Some(body);
        assert_eq!(verifier.refresh().await, Err(error));
        assert!(verifier.verify(&token).await.is_ok());
    }
}

#[tokio::test]
async fn a_bad_key_set_is_refused_whole_and_the_last_good_keys_stay() {
    let issuer = Issuer::start().await;
    let verifier = issuer.ready(issuer.builder().cache_capacity(0)).await;
    let token = issuer.token();
    let good = serde_json::to_value(issuer.key().public_jwk().unwrap()).unwrap();
    let mut private = good.clone();
    private["d"] = json!("AAAA");
    let many: Vec<_> = (0..65).map(|n| json!({"kty": "x", "kid": n.to_string()})).collect();
    for (keys, error) in [
        (json!({"keys": [good, private]}), FetchError::Malformed("key set")),
        (json!({"keys": [good, good]}), FetchError::Malformed("key set")),
        (json!({"keys": many}), FetchError::Malformed("key set")),
        (json!({"keys": []}), FetchError::NoUsableKey),
        (json!({"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}), FetchError::Malformed("key set")),
        (json!([good]), FetchError::Malformed("key set")),
        (json!({"keys": [good], "pad": "x".repeat(300_000)}), FetchError::TooLarge),
    ] {
        *issuer.jwks.lock().unwrap() = Some(keys.to_string());
        assert_eq!(verifier.refresh().await, Err(error));
        assert!(verifier.verify(&token).await.is_ok());
    }
}

#[tokio::test]
async fn keys_that_cannot_be_fetched_again_for_a_day_count_for_nothing() {
    let issuer = Issuer::start().await;
    let verifier = issuer.ready(issuer.builder().max_lifetime(Duration::from_secs(1 << 20))).await;
    let token = issuer.token_with("exp", json!(NOW + 100_000));
    issuer.keys_down.store(true, SeqCst);
    issuer.clock.advance(86_400);
    assert_eq!(verifier.refresh().await, Err(FetchError::Status(503)));
    assert!(verifier.verify(&token).await.is_ok(), "the last good keys stay for a day");
    issuer.clock.advance(1);
    for token in [&token, &issuer.token()] {
        let error = verifier.verify(token).await.unwrap_err();
        assert_eq!((&error, error.status()), (&VerifyError::Unavailable, 503), "seen before or not");
    }
    issuer.keys_down.store(false, SeqCst);
    assert_eq!(verifier.verify(&token).await.err(), Some(VerifyError::Unavailable), "once a second");
    issuer.clock.advance(1);
    assert!(verifier.verify(&token).await.is_ok());
}

#[tokio::test]
async fn a_redirecting_issuer_is_not_followed() {
    let issuer = Issuer::start().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let target = format!("{}/.well-known/openid-configuration", issuer.url);
    let app =
        axum::Router::new().fallback(move || async move { axum::response::Redirect::temporary(&target) });
    tokio::spawn(async move { axum::serve(listener, app).await });
    let verifier = Verifier::builder(url).audience(API).build().unwrap();
    assert_eq!(verifier.ready().await, Err(FetchError::Status(307)));
    assert_eq!(issuer.discoveries.load(SeqCst), 0);
}

#[tokio::test]
async fn keys_are_refreshed_in_the_background() {
    let issuer = Issuer::start().await;
    let verifier = issuer.ready(issuer.builder().refresh_interval(Duration::from_secs(1))).await;
    let before = issuer.key_fetches.load(SeqCst);
    while issuer.key_fetches.load(SeqCst) < before + 2 {
        issuer.key_asked.notified().await;
    }
    drop(verifier);
}

#[tokio::test]
async fn what_cannot_be_built_is_refused() {
    let build = |issuer: &str, audience: &str| Verifier::builder(issuer).audience(audience).build().err();
    for issuer in [
        "",
        "as.example",
        "http://as.example",
        "https://as.example?x=1",
        "https://as.example/#x",
        "ftp://as.example",
    ] {
        assert_eq!(build(issuer, API), Some(BuildError::Issuer), "{issuer}");
    }
    assert_eq!(build("https://as.example", ""), Some(BuildError::Audience));
    let builder = || Verifier::builder("https://as.example").audience(API);
    assert_eq!(builder().algorithms(&[]).build().err(), Some(BuildError::Algorithms));
    assert_eq!(builder().algorithms(&[Algorithm::Hs256]).build().err(), Some(BuildError::Algorithms));
    assert!(matches!(
        builder().leeway(Duration::from_secs(61)).build(),
        Err(BuildError::OutOfBounds("leeway", _))
    ));
    assert!(matches!(
        builder().max_staleness(Duration::from_secs(3601)).build(),
        Err(BuildError::OutOfBounds("max_staleness", _))
    ));
    assert!(matches!(
        builder().refresh_interval(Duration::ZERO).build(),
        Err(BuildError::OutOfBounds("refresh_interval", _))
    ));
    assert!(matches!(
        builder().max_key_age(Duration::from_secs(299)).build(),
        Err(BuildError::OutOfBounds("max_key_age", _))
    ));
    assert_eq!(builder().extra_root_certificate("not PEM").build().err(), Some(BuildError::RootCertificate));
}

#[test]
fn outside_a_runtime_nothing_is_built() {
    assert_eq!(
        Verifier::builder("https://as.example").audience(API).build().err(),
        Some(BuildError::NoRuntime)
    );
}
