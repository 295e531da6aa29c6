//! The header and the form of a token. Every signature is right, except where a test is about signatures. So only the rule under test
//! refuses the token.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tessera_jose::jwk::Material;
use tessera_jose::{Algorithm, HmacSha256Key, SigningKey, base64url};
use tessera_verifier::VerifyError;

use crate::refused;
use crate::support::{Issuer, es256_signed, signing_input};

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
