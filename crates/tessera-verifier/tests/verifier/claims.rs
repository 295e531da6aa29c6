//! What a token must say. Every signature is right.

use serde_json::{Value, json};
use tessera_jose::Algorithm;
use tessera_oauth::bearer::Challenge;
use tessera_verifier::VerifyError;

use crate::refused;
use crate::support::{API, Issuer, NOW, es256_signed};

#[tokio::test]
async fn a_good_token_says_who_and_what() {
    for alg in [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256, Algorithm::Ps256] {
        let issuer = Issuer::start_with(alg).await;
        let claims = issuer.verifier().await.verify(&issuer.token_with("acr", json!("aal2"))).await.unwrap();
        assert_eq!(
            (claims.issuer(), claims.subject(), claims.client_id()),
            (&*issuer.url, "8f14e45f", "web")
        );
        assert_eq!((claims.jti(), claims.session()), ("grant.random", Some("session")));
        assert_eq!((claims.issued_at(), claims.expires_at()), (NOW, NOW + 600));
        assert!(
            claims.has_scope("orders.read") && !claims.has_scope("orders") && claims.audiences().eq([API])
        );
        assert_eq!((claims.claim("acr"), claims.claim("email")), (Some(json!("aal2")), None));
        assert_eq!(serde_json::from_str::<Value>(claims.raw_json()).unwrap()["acr"], "aal2");
    }
}

#[tokio::test]
async fn values_written_with_escapes_are_read_as_meant() {
    let issuer = Issuer::start().await;
    let payload = issuer
        .claims()
        .to_string()
        .replace("8f14e45f", "8f\\u00e914\\n")
        .replace("api.example", "api\\u002eexample");
    let token = es256_signed(&issuer.key(), &issuer.header(), payload.as_bytes());
    let claims = issuer.verifier().await.verify(&token).await.unwrap();
    assert_eq!((claims.subject(), claims.client_id()), ("8f\u{e9}14\n", "web"));
    assert!(claims.audiences().eq([API]) && claims.raw_json() == payload);
}

#[tokio::test]
async fn j24_expiry_to_the_second() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier().await;
    let token = |exp: i64| {
        let mut claims = issuer.claims();
        claims["iat"] = json!(NOW - 600);
        claims["exp"] = json!(exp);
        issuer.sign(&claims)
    };
    for good in [NOW, NOW - 9, NOW - 10, NOW + 1] {
        assert!(verifier.verify(&token(good)).await.is_ok(), "{good}");
    }
    for bad in [NOW - 11, 0, -1, i64::MIN] {
        assert_eq!(refused(&verifier, &token(bad)).await, VerifyError::Expired, "{bad}");
    }
    for far in [NOW + 10 * 365 * 86_400, NOW - 600 + 86_401, i64::MAX] {
        assert_eq!(refused(&verifier, &token(far)).await, VerifyError::LifetimeTooLong, "{far}");
    }
    assert!(verifier.verify(&token(NOW - 600 + 86_400)).await.is_ok());
    for wrong in [json!("1800000600"), json!(1_800_000_600.5), json!(null), json!([NOW]), json!(true)] {
        let error = refused(&verifier, &issuer.token_with("exp", wrong.clone())).await;
        assert!(matches!(error, VerifyError::Malformed | VerifyError::MissingClaim("exp")), "{wrong}");
    }
}

#[tokio::test]
async fn j24_a_token_of_the_future_is_not_valid_yet() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier().await;
    for name in ["iat", "nbf"] {
        assert!(verifier.verify(&issuer.token_with(name, json!(NOW + 10))).await.is_ok(), "{name}");
        for ahead in [11, 61, 3600] {
            assert_eq!(
                refused(&verifier, &issuer.token_with(name, json!(NOW + ahead))).await,
                VerifyError::NotYetValid,
                "{name} {ahead}"
            );
        }
    }
}

#[tokio::test]
async fn j24_a_token_that_ends_before_it_begins_is_none() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier().await;
    let mut claims = issuer.claims();
    (claims["iat"], claims["exp"]) = (json!(NOW + 5), json!(NOW + 4));
    assert_eq!(refused(&verifier, &issuer.sign(&claims)).await, VerifyError::Malformed);
}

#[tokio::test]
async fn o42_a_bound_token_is_refused_until_bindings_are_checked() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier().await;
    for cnf in [
        json!({"jkt": "0ZcOCORZNYy"}),
        json!({"x5t#S256": "bwcK0"}),
        json!({"jwk": {}}),
        json!({}),
        json!(null),
        json!("x"),
    ] {
        let error = refused(&verifier, &issuer.token_with("cnf", cnf.clone())).await;
        assert_eq!(
            (&error, error.reason()),
            (&VerifyError::BindingUnsupported, "binding_unsupported"),
            "{cnf}"
        );
        assert_eq!(error.challenge("x"), Some(Challenge::InvalidToken), "{cnf}");
    }
    assert!(verifier.verify(&issuer.token_with("cnfx", json!({"jkt": "x"}))).await.is_ok());
}

#[tokio::test]
async fn j26_the_audience_is_an_exact_member() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier().await;
    for wrong in [
        json!([]),
        json!([""]),
        json!(["other"]),
        json!(format!("{API}/v1")),
        json!("https://api.exampl"),
        json!("https://API.example"),
        json!(format!("{API}/")),
        json!(format!("{API} other")),
        json!([null]),
        json!([[API]]),
        json!({"0": API}),
        json!(null),
        json!(1),
        json!(""),
    ] {
        let error = refused(&verifier, &issuer.token_with("aud", wrong.clone())).await;
        assert!(
            matches!(
                error,
                VerifyError::WrongAudience | VerifyError::Malformed | VerifyError::MissingClaim("aud")
            ),
            "{wrong}: {error:?}"
        );
    }
    assert_eq!(refused(&verifier, &issuer.token_without("aud")).await, VerifyError::MissingClaim("aud"));
    for good in [json!(API), json!([API]), json!(["other", API])] {
        let claims = verifier.verify(&issuer.token_with("aud", good)).await.unwrap();
        assert!(claims.audiences().any(|audience| audience == API));
    }
}

#[tokio::test]
async fn j27_the_issuer_is_exact_and_has_its_own_keys() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier().await;
    let url = &issuer.url;
    for wrong in [
        format!("{url}/"),
        format!("{url}/x"),
        url.to_uppercase(),
        url.replace("http", "https"),
        format!(" {url}"),
        url.replace('.', "\u{3002}"),
        url.replace("127.0.0.1", "localhost"),
        "https://attacker.example".to_owned(),
        String::new(),
    ] {
        assert_eq!(
            refused(&verifier, &issuer.token_with("iss", json!(wrong))).await,
            VerifyError::WrongIssuer,
            "{wrong}"
        );
    }
    assert_eq!(refused(&verifier, &issuer.token_without("iss")).await, VerifyError::MissingClaim("iss"));

    // The same process trusts another issuer. Its keys, even with the same kid, verify nothing here.
    let other = Issuer::start().await;
    let others = other.verifier().await;
    let claims = issuer.claims().to_string();
    let by_other = other.key().sign("at+jwt", claims.as_bytes()).unwrap();
    assert_eq!(refused(&verifier, &by_other).await, VerifyError::UnknownKey);
    let same_kid = es256_signed(&other.key(), &issuer.header(), claims.as_bytes());
    assert_eq!(refused(&verifier, &same_kid).await, VerifyError::BadSignature);
    assert_eq!(refused(&others, &issuer.token()).await, VerifyError::UnknownKey);
}

#[tokio::test]
async fn j28_who_it_is_must_be_said() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier().await;
    for name in ["sub", "client_id", "jti"] {
        assert_eq!(refused(&verifier, &issuer.token_without(name)).await, VerifyError::MissingClaim(name));
        assert_eq!(
            refused(&verifier, &issuer.token_with(name, json!(""))).await,
            VerifyError::MissingClaim(name)
        );
        for wrong in [json!(["a"]), json!(1), json!({}), json!("x".repeat(256)), json!(true)] {
            assert_eq!(
                refused(&verifier, &issuer.token_with(name, wrong)).await,
                VerifyError::Malformed,
                "{name}"
            );
        }
        assert!(verifier.verify(&issuer.token_with(name, json!("x".repeat(255)))).await.is_ok());
    }
    for name in ["iat", "exp"] {
        assert_eq!(refused(&verifier, &issuer.token_without(name)).await, VerifyError::MissingClaim(name));
    }
}

#[tokio::test]
async fn j29_scope_is_words_one_space_apart() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier().await;
    let many = (0..900).map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
    for wrong in
        [json!(["a"]), json!(1), json!("a  b"), json!("a\tb"), json!(" a"), json!("a\"b"), json!(many)]
    {
        assert_eq!(
            refused(&verifier, &issuer.token_with("scope", wrong.clone())).await,
            VerifyError::Malformed,
            "{wrong}"
        );
    }
    let claims = verifier.verify(&issuer.token_with("scope", json!("A"))).await.unwrap();
    assert!(claims.has_scope("A") && !claims.has_scope("a"));
    assert!(verifier.verify(&issuer.token_without("scope")).await.unwrap().scopes().is_empty());

    let strict = issuer.ready(issuer.builder().required_scopes(&"orders.read admin".parse().unwrap())).await;
    let error = refused(&strict, &issuer.token()).await;
    assert_eq!((error.status(), error.reason()), (403, "insufficient_scope"));
    assert!(strict.verify(&issuer.token_with("scope", json!("x admin orders.read"))).await.is_ok());
}
