//! Rows J01 to J34 of the attack list, against the whole verifier. Every signature is right unless the row is about it, so that
//! only the rule under test stands between the attacker and a grant.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use support::{API, Issuer, NOW, es256_signed, signing_input};
use tessera_jose::jwk::Material;
use tessera_jose::{Algorithm, HmacSha256Key, SigningKey, base64url};
use tessera_verifier::{Verifier, VerifyError};

async fn refused(verifier: &Verifier, token: &str) -> VerifyError {
    match verifier.verify(token).await {
        Err(error) => error,
        Ok(claims) => panic!("accepted {claims:?}: {token}"),
    }
}

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
async fn j01_alg_none() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier().await;
    let fetches = issuer.key_fetches.load(SeqCst);
    for alg in ["none", "None", "nOnE", "NONE", "", "none ", "ES256K", "es256"] {
        let header = format!(r#"{{"alg":"{alg}","typ":"at+jwt","kid":"unknown"}}"#);
        let input = signing_input(&header, issuer.claims().to_string().as_bytes());
        for signature in ["", "AA", &base64url::encode([7; 64])] {
            assert_eq!(
                refused(&verifier, &format!("{input}.{signature}")).await,
                VerifyError::AlgNotAllowed,
                "{alg}"
            );
        }
    }
    assert_eq!(issuer.key_fetches.load(SeqCst), fetches, "the key store was not consulted");
}

#[tokio::test]
async fn j02_hmac_with_the_public_key() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier().await;
    let jwk = issuer.key().public_jwk().unwrap();
    let Material::Ec { x, y, .. } = jwk.material() else { panic!("not EC") };
    let prefix = base64url::decode("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE").unwrap();
    let der = [&prefix[..], x, y].concat();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----", STANDARD.encode(&der));
    let json = serde_json::to_string(&jwk).unwrap();
    let secrets = [
        pem.clone().into_bytes(),
        format!("{pem}\n").into_bytes(),
        der.clone(),
        json.into_bytes(),
        x.clone(),
        [x.clone(), y.clone()].concat(),
    ];
    for secret in secrets {
        for alg in ["HS256", "HS384", "HS512"] {
            let header = format!(r#"{{"alg":"{alg}","typ":"at+jwt","kid":"{}"}}"#, issuer.key().kid());
            let input = signing_input(&header, issuer.claims().to_string().as_bytes());
            let tag = HmacSha256Key::new(&secret).tag(&[input.as_bytes()]);
            assert_eq!(
                refused(&verifier, &format!("{input}.{}", base64url::encode(tag))).await,
                VerifyError::AlgNotAllowed
            );
        }
    }
    let header = format!(r#"{{"alg":"EdDSA","typ":"at+jwt","kid":"{}"}}"#, issuer.key().kid());
    assert_eq!(
        refused(&verifier, &issuer.forge(&header, &issuer.claims())).await,
        VerifyError::AlgNotAllowed
    );
}

#[tokio::test]
async fn j03_j04_j05_a_token_never_brings_or_names_its_key() {
    let sink = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = sink.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    tokio::spawn(async move {
        while sink.accept().await.is_ok() {
            counter.fetch_add(1, SeqCst);
        }
    });
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier().await;
    let fetches = issuer.key_fetches.load(SeqCst);
    let attacker = SigningKey::generate(Algorithm::Es256).unwrap();
    let own = |key: &SigningKey| serde_json::to_value(key.public_jwk().unwrap()).unwrap();
    let parameters = [
        json!({"jwk": own(&attacker)}),
        json!({"jwk": own(&issuer.key())}),
        json!({"jwk": null}),
        json!({"jku": format!("http://{address}/jwks")}),
        json!({"jku": format!("{}/jwks", issuer.url)}),
        json!({"jku": "file:///etc/passwd"}),
        json!({"jku": "http://169.254.169.254/latest/meta-data"}),
        json!({"x5u": format!("https://{address}/chain.pem")}),
        json!({"x5c": ["MIIB"]}),
        json!({"x5c": vec!["MIIB"; 100]}),
        json!({"x5c": []}),
    ];
    for parameter in parameters {
        for (key, kid) in [
            (&attacker, issuer.key().kid().to_owned()),
            (&issuer.key(), issuer.key().kid().to_owned()),
            (&attacker, attacker.kid().to_owned()),
        ] {
            let mut header = json!({"alg": "ES256", "typ": "at+jwt", "kid": kid});
            header.as_object_mut().unwrap().extend(parameter.as_object().unwrap().clone());
            let token = es256_signed(key, &header.to_string(), issuer.claims().to_string().as_bytes());
            assert_eq!(refused(&verifier, &token).await, VerifyError::UntrustedKeyHeader, "{parameter}");
        }
    }
    assert_eq!(
        (connections.load(SeqCst), issuer.key_fetches.load(SeqCst)),
        (0, fetches),
        "outbound connections"
    );
}

#[tokio::test]
async fn j06_kid_is_only_ever_compared() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier().await;
    for kid in [
        json!("../../dev/null"),
        json!("' OR 1=1--"),
        json!("%00"),
        json!("\u{0}"),
        json!("x".repeat(4096)),
        json!([]),
        json!(["a"]),
        json!(1),
        json!(null),
        json!({}),
        json!("\u{1f511}"),
        json!("__proto__"),
        json!(""),
        json!(issuer.key().kid().to_uppercase()),
    ] {
        let header = json!({"alg": "ES256", "typ": "at+jwt", "kid": kid});
        let error = refused(&verifier, &issuer.forge(&header.to_string(), &issuer.claims())).await;
        assert!(matches!(error, VerifyError::UnknownKey | VerifyError::Malformed), "{kid}: {error:?}");
    }
    let without = issuer.forge(r#"{"alg":"ES256","typ":"at+jwt"}"#, &issuer.claims());
    assert_eq!(refused(&verifier, &without).await, VerifyError::Malformed);
}

#[tokio::test]
async fn j09_j13_extensions_and_compression_are_refused() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier().await;
    let kid = issuer.key().kid().to_owned();
    for extra in [
        r#""crit":["x"]"#,
        r#""crit":[]"#,
        r#""crit":"exp""#,
        r#""crit":["exp"]"#,
        r#""crit":["b64"],"b64":false"#,
        r#""b64":true"#,
    ] {
        let header = format!(r#"{{"alg":"ES256","typ":"at+jwt","kid":"{kid}",{extra}}}"#);
        assert_eq!(
            refused(&verifier, &issuer.forge(&header, &issuer.claims())).await,
            VerifyError::CritUnsupported,
            "{extra}"
        );
    }
    let header = format!(r#"{{"alg":"ES256","typ":"at+jwt","kid":"{kid}","zip":"DEF"}}"#);
    assert_eq!(
        refused(&verifier, &issuer.forge(&header, &issuer.claims())).await,
        VerifyError::ZipUnsupported
    );
    for alg in ["dir", "RSA1_5", "PBES2-HS256+A128KW"] {
        let header = format!(r#"{{"alg":"{alg}","typ":"at+jwt","kid":"{kid}","p2c":2147483648}}"#);
        assert_eq!(
            refused(&verifier, &issuer.forge(&header, &issuer.claims())).await,
            VerifyError::AlgNotAllowed,
            "{alg}"
        );
    }
}

#[tokio::test]
async fn j11_j14_only_three_segments_of_at_most_8_kib() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier().await;
    let token = issuer.token();
    let (input, signature) = token.rsplit_once('.').unwrap();
    let (header, payload) = input.split_once('.').unwrap();
    let shapes = [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "a".to_owned(),
        input.to_owned(),
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.x"),
        format!("{header}..{signature}"),
        format!(".{payload}.{signature}"),
        format!("{token} "),
        format!(" {token}"),
        format!("{token}="),
        format!("{token}\n"),
        token.replace('.', ".."),
        format!(r#"{{"payload":"{payload}","protected":"{header}","signature":"{signature}"}}"#),
        format!(
            r#"{{"payload":"{payload}","signatures":[{{"protected":"{header}","signature":"{signature}"}}]}}"#
        ),
        format!("{{\"a\":\"{token}\"}}"),
    ];
    for shape in shapes {
        assert_eq!(refused(&verifier, &shape).await, VerifyError::Malformed, "{shape}");
    }
    for long in [".".repeat(1 << 20), "a".repeat(8 << 20), format!("{token}{}", "A".repeat(8192))] {
        assert_eq!(refused(&verifier, &long).await, VerifyError::TooLarge);
    }
}

#[test]
fn j15_hostile_json_on_a_small_stack() {
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let issuer = Issuer::start().await;
            let verifier = issuer.verifier().await;
            let good = issuer.claims().to_string();
            let with = |member: &str| format!("{{{member},{}", &good[1..]);
            for payload in [
                with(&format!(r#""x":{}{}"#, "[".repeat(2000), "]".repeat(2000))),
                with(&format!(r#""x":{}1{}"#, r#"{"a":"#.repeat(700), "}".repeat(700))),
                with(&format!(r#""x":{}"#, "9".repeat(5000))),
                with(r#""x":1e400"#),
                with(r#""sub":"other""#),
                with(r#""x":{"a":1,"a":2}"#),
                format!("{good}{good}"),
                format!("[{good}]"),
                "null".to_owned(),
                format!("\u{feff}{good}"),
                good.replace("8f14e45f", "8f14\\ud800e45f"),
                good.replace(r#""exp":"#, r#""exp":NaN,"y":"#),
            ] {
                let token = es256_signed(&issuer.key(), &issuer.header(), payload.as_bytes());
                assert_eq!(refused(&verifier, &token).await, VerifyError::Malformed, "{payload:.80}");
            }
            let many = (0..600).map(|n| n.to_string()).collect::<Vec<_>>();
            assert_eq!(
                refused(&verifier, &issuer.token_with("aud", json!(many))).await,
                VerifyError::Malformed
            );
            assert_eq!(
                refused(&verifier, &issuer.forge(&issuer.header(), &json!("x".repeat(100_000)))).await,
                VerifyError::TooLarge
            );
        });
    };
    std::thread::Builder::new().stack_size(256 * 1024).spawn(run).unwrap().join().unwrap();
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
async fn j25_only_access_tokens() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier().await;
    for other in [
        "JWT",
        "jwt",
        "logout+jwt",
        "client-authentication+jwt",
        "dpop+jwt",
        "oauth-authz-req+jwt",
        "token-introspection+jwt",
        "revocation-rules+jwt",
        "secevent+jwt",
        "at",
        "at+jwtx",
        "xat+jwt",
        "at+jwt ",
        "at jwt",
        "application/JWT",
        "application/application/at+jwt",
        "text/at+jwt",
        "at+jwt;x=y",
    ] {
        assert_eq!(
            refused(&verifier, &issuer.forge(&issuer.header().replace("at+jwt", other), &issuer.claims()))
                .await,
            VerifyError::WrongType,
            "{other}"
        );
    }
    let untyped = format!(r#"{{"alg":"ES256","kid":"{}"}}"#, issuer.key().kid());
    assert_eq!(refused(&verifier, &issuer.forge(&untyped, &issuer.claims())).await, VerifyError::WrongType);
    for same in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"] {
        assert!(
            verifier
                .verify(&issuer.forge(&issuer.header().replace("at+jwt", same), &issuer.claims()))
                .await
                .is_ok(),
            "{same}"
        );
    }
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

    // The same process trusts another issuer; its keys, even under the same kid, say nothing here.
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

#[tokio::test]
async fn j31_j32_only_published_signature_keys_of_allowed_algorithms() {
    let issuer = Issuer::start().await;
    let next = SigningKey::generate(Algorithm::Es256).unwrap();
    let rsa = SigningKey::generate(Algorithm::Rs256).unwrap();
    let jwk = |key: &SigningKey| serde_json::to_value(key.public_jwk().unwrap()).unwrap();
    let mut enc = jwk(&next);
    enc["use"] = json!("enc");
    *issuer.jwks.lock().unwrap() =
        Some(json!({"keys": [jwk(&issuer.key()), enc, jwk(&rsa), {"kty": "oct-future"}]}).to_string());
    let verifier = issuer.ready(issuer.builder().algorithms(&[Algorithm::Es256])).await;
    let sign = |key: &SigningKey| key.sign("at+jwt", issuer.claims().to_string().as_bytes()).unwrap();
    assert!(verifier.verify(&sign(&issuer.key())).await.is_ok());
    assert_eq!(refused(&verifier, &sign(&next)).await, VerifyError::UnknownKey, "use enc");
    assert_eq!(refused(&verifier, &sign(&rsa)).await, VerifyError::AlgNotAllowed);
    let unpublished = SigningKey::generate(Algorithm::Es256).unwrap();
    assert_eq!(refused(&verifier, &sign(&unpublished)).await, VerifyError::UnknownKey);
}

#[tokio::test]
async fn j34_no_flipped_bit_passes_also_beside_a_cached_original() {
    for alg in [Algorithm::Es256, Algorithm::EdDsa] {
        let issuer = Issuer::start_with(alg).await;
        let verifier = issuer.verifier().await;
        let token = issuer.token();
        verifier.verify(&token).await.unwrap();
        for at in 0..token.len() {
            for bit in 0..7 {
                let mut flipped = token.clone().into_bytes();
                flipped[at] ^= 1 << bit;
                let flipped = String::from_utf8(flipped).unwrap();
                assert!(verifier.verify(&flipped).await.is_err(), "{alg} byte {at} bit {bit}");
            }
        }
        assert!(verifier.verify(&token).await.is_ok());
    }
}
