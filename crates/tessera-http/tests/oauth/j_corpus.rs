//! Forged JOSE objects at every endpoint of the issuer that takes one: `/userinfo`, `/revoke`, and the `id_token_hint` of
//! `/authorize` and `/logout`. Signatures are valid unless the case is about them. The tests sign with the issuer's own keys, so
//! that only the rule under test can refuse the object.

mod scene;

use std::net::TcpListener;

use serde_json::json;
use tessera_jose::jwk::Material;
use tessera_jose::{HmacSha256Key, base64url};

use self::scene::{Original, Scene, es256, public};

/// Forged access tokens are refused at `/userinfo` and `/revoke`, and forged ID tokens are not accepted as hints.
async fn is_refused_at_every_door(attack: impl Fn(&Original) -> Vec<String>) {
    let mut scene = Scene::start().await;
    for token in attack(&scene.access) {
        scene.assert_no_access_token(&token).await;
    }
    for token in attack(&scene.id) {
        scene.assert_no_hint(&token).await;
    }
    scene.assert_untouched().await;
}

#[tokio::test]
async fn j01_alg_none() {
    is_refused_at_every_door(|of| {
        let (_, signature) = of.token.rsplit_once('.').unwrap();
        let signatures = [String::new(), base64url::encode([7; 64]), signature.to_owned()];
        let algs = ["none", "None", "nOnE", "NONE", "", "none ", "es256"];
        let tokens = algs.iter().flat_map(|alg| {
            let header = base64url::encode(of.header_with(&json!({"alg": alg})));
            signatures.iter().map(move |signature| format!("{header}.{}.{signature}", of.payload()))
        });
        tokens.collect()
    })
    .await;
}

#[tokio::test]
async fn j02_hmac_with_the_public_key() {
    is_refused_at_every_door(|of| {
        let jwk = of.key.public_jwk().unwrap();
        let Material::Ec { x, y, .. } = jwk.material() else { panic!("not EC") };
        let head = base64url::decode("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE").unwrap();
        let der = [&head[..], x, y].concat();
        let pem = pem(&der);
        let secrets = [
            pem.clone().into_bytes(),
            format!("{pem}\n").into_bytes(),
            der,
            public(&of.key).to_string().into_bytes(),
            x.clone(),
            [&[4], &x[..], y].concat(),
            of.key.kid().as_bytes().to_vec(),
        ];
        let tokens = secrets.iter().map(|secret| {
            let header = base64url::encode(of.header_with(&json!({"alg": "HS256"})));
            let input = format!("{header}.{}", of.payload());
            let tag = HmacSha256Key::new(secret).tag(&[input.as_bytes()]);
            format!("{input}.{}", base64url::encode(tag))
        });
        tokens.collect()
    })
    .await;
}

/// A P-256 public key in PEM, in lines of 64 characters.
fn pem(der: &[u8]) -> String {
    let text = base64url::encode(der).replace('-', "+").replace('_', "/");
    let padded = format!("{text}{}", "=".repeat(text.len().next_multiple_of(4) - text.len()));
    let (first, second) = padded.split_at(64);
    format!("-----BEGIN PUBLIC KEY-----\n{first}\n{second}\n-----END PUBLIC KEY-----")
}

#[tokio::test]
async fn j03_j04_j05_a_token_never_brings_or_names_its_key() {
    let sink = TcpListener::bind("127.0.0.1:0").unwrap();
    sink.set_nonblocking(true).unwrap();
    let address = sink.local_addr().unwrap();
    is_refused_at_every_door(|of| {
        let parameters = [
            json!({"jwk": public(&of.attacker)}),
            json!({"jwk": public(&of.key)}),
            json!({"jwk": null}),
            json!({"jku": format!("http://{address}/jwks")}),
            json!({"jku": "file:///etc/passwd"}),
            json!({"x5u": format!("http://{address}/chain.pem")}),
            json!({"x5c": ["MIIB"]}),
            json!({"x5c": []}),
        ];
        let signers =
            [(&of.attacker, of.key.kid()), (&of.attacker, of.attacker.kid()), (&of.key, of.key.kid())];
        let tokens = parameters.iter().flat_map(|parameter| {
            signers.map(|(key, kid)| {
                let mut header = parameter.clone();
                header["kid"] = kid.into();
                let header = base64url::encode(of.header_with(&header));
                es256(key, &format!("{header}.{}", of.payload()))
            })
        });
        tokens.collect()
    })
    .await;
    assert!(sink.accept().is_err(), "nobody asked for a key");
}

#[tokio::test]
async fn j06_an_unknown_or_odd_kid() {
    is_refused_at_every_door(|of| {
        let kids = [
            json!(of.attacker.kid()),
            json!(of.key.kid().to_uppercase()),
            json!("../../dev/null"),
            json!("' OR 1=1--"),
            json!("\u{0}"),
            json!("x".repeat(2000)),
            json!(""),
            json!(null),
            json!(1),
            json!([of.key.kid()]),
        ];
        let mut tokens: Vec<String> =
            kids.iter().map(|kid| of.headed(&of.header_with(&json!({"kid": kid})))).collect();
        tokens.push(of.headed(&json!({"alg": "ES256", "typ": of.typ}).to_string()));
        tokens.push(of.attacker.sign(of.typ, of.claims().to_string().as_bytes()).unwrap());
        let input = format!("{}.{}", base64url::encode(of.header().to_string()), of.payload());
        tokens.push(es256(&of.attacker, &input));
        tokens
    })
    .await;
}

#[tokio::test]
async fn j09_j13_extensions_and_compression() {
    is_refused_at_every_door(|of| {
        let parameters = [
            json!({"crit": ["x"]}),
            json!({"crit": []}),
            json!({"crit": "exp"}),
            json!({"crit": ["exp"], "exp": 1}),
            json!({"crit": ["b64"], "b64": false}),
            json!({"b64": true}),
            json!({"zip": "DEF"}),
        ];
        parameters.iter().map(|parameter| of.headed(&of.header_with(parameter))).collect()
    })
    .await;
}

#[tokio::test]
async fn j11_j14_j15_other_shapes_and_members_that_come_twice() {
    is_refused_at_every_door(|of| {
        let (input, signature) = of.token.rsplit_once('.').unwrap();
        let (header, payload) = input.split_once('.').unwrap();
        let [plain, good] = [of.header().to_string(), of.claims().to_string()];
        let (kid, typ) = (of.key.kid(), of.typ);
        let with = |object: &str, member: &str| format!("{{{member},{}", &object[1..]);
        vec![
            json!({"protected": header, "payload": payload, "signature": signature}).to_string(),
            format!("{input}."),
            format!("{}.", of.token),
            format!(".{}", of.token),
            format!("{}=", of.token),
            of.headed(&with(&plain, r#""alg":"ES256""#)),
            of.headed(&with(&plain, r#""alg":"none""#)),
            of.headed(&with(&plain, &format!(r#""kid":"{kid}""#))),
            of.headed(&with(&plain, &format!(r#""typ":"{typ}""#))),
            of.headed(&with(&plain, r#""x":1,"x":2"#)),
            of.headed(&with(&plain, &format!(r#""x":{}{}"#, "[".repeat(500), "]".repeat(500)))),
            of.claiming(&with(&good, r#""sub":"other""#)),
            of.claiming(&with(&good, &format!(r#""x":{}{}"#, "[".repeat(500), "]".repeat(500)))),
            of.claiming(&format!("{good}{good}")),
            of.claiming("null"),
        ]
    })
    .await;
}

#[tokio::test]
async fn j25_another_type_or_another_kind_of_document() {
    is_refused_at_every_door(|of| {
        // An access token may have `typ` `JWT`. The tests in `token_types` cover that.
        let other = if of.typ == "JWT" { "at+jwt" } else { "dpop+jwt" };
        let types = [
            json!(other),
            json!("client-authentication+jwt"),
            json!("oauth-authz-req+jwt"),
            json!("token-introspection+jwt"),
            json!("logout+jwt"),
            json!("revocation-rules+jwt"),
            json!(format!("{}x", of.typ)),
            json!(format!("text/{}", of.typ)),
            json!(""),
            json!(null),
        ];
        let mut tokens: Vec<String> =
            types.iter().map(|typ| of.headed(&of.header_with(&json!({"typ": typ})))).collect();
        tokens.push(of.headed(&json!({"alg": "ES256", "kid": of.key.kid()}).to_string()));
        tokens.extend(of.others.clone());
        tokens
    })
    .await;
}

#[tokio::test]
async fn j31_j32_the_next_key_and_keys_for_something_else() {
    is_refused_at_every_door(|of| {
        let claims = of.claims().to_string();
        let keys = [&of.next, &of.foreign[0], &of.foreign[1]];
        keys.map(|key| key.sign(of.typ, claims.as_bytes()).unwrap()).to_vec()
    })
    .await;
}

#[tokio::test]
async fn j27_j28_another_issuer_and_nobody_as_subject() {
    is_refused_at_every_door(|of| {
        let iss = of.claims()["iss"].as_str().unwrap().to_owned();
        let others =
            [format!("{iss}/"), iss.to_uppercase(), "https://evil.example".to_owned(), String::new()];
        let mut tokens: Vec<String> =
            others.into_iter().map(|other| of.changed("iss", other.into())).collect();
        tokens.extend([json!(null), json!([of.claims()["sub"]]), json!(1)].map(|sub| of.changed("sub", sub)));
        tokens
    })
    .await;
}

#[tokio::test]
async fn j24_o42_a_time_that_has_not_come_a_life_too_long_and_a_binding_that_nobody_checks() {
    is_refused_at_every_door(|of| {
        let iat = of.claims()["iat"].as_i64().unwrap();
        let mut tokens = vec![
            of.changed("nbf", (iat + 11).into()),
            of.changed("nbf", (iat + 86_400).into()),
            of.changed("iat", (iat + 11).into()),
            of.changed("iat", (iat + 61).into()),
            of.changed("exp", (iat + 86_401).into()),
            of.changed("exp", i64::MAX.into()),
            of.changed("iat", (iat - 86_400).into()),
        ];
        for name in ["nbf", "iat", "exp", "auth_time", "acr", "amr", "iss", "sub"] {
            tokens.extend(
                [json!(null), json!({}), json!(true), json!(1.5)].map(|wrong| of.changed(name, wrong)),
            );
        }
        for cnf in [json!({"jkt": "x"}), json!({"x5t#S256": "x"}), json!({}), json!(null)] {
            tokens.push(of.changed("cnf", cnf));
        }
        tokens.push(of.changed("sub", "s".repeat(256).into()));
        tokens
    })
    .await;
}

#[tokio::test]
async fn j24_ten_seconds_are_forgiven() {
    let mut scene = Scene::start().await;
    for name in ["nbf", "iat"] {
        let changed = |of: &Original| of.changed(name, (of.claims()["iat"].as_i64().unwrap() + 10).into());
        let (access, id) = (changed(&scene.access), changed(&scene.id));
        scene.assert_access_token(&access).await;
        scene.assert_hint(&id).await;
    }
    let issued_at = scene.access.claims()["iat"].as_i64().unwrap();
    let mut claims = scene.access.claims();
    (claims["iat"], claims["exp"]) = (json!(issued_at - 60), json!(issued_at - 10));
    let access = scene.access.claiming(&claims.to_string());
    scene.assert_access_token(&access).await;
    scene.assert_untouched().await;
}

/// This is about access tokens only. An ID token may have expired if it is a hint (OIDC core section 3.1.2.1), and a request with
/// a hint that is too long is refused as a whole.
#[tokio::test]
async fn j14_j24_j26_an_access_token_that_has_expired_is_too_long_or_has_no_time_or_audience() {
    let scene = Scene::start().await;
    let of = &scene.access;
    let issued_at = of.claims()["iat"].as_i64().unwrap();
    for exp in [
        json!(issued_at - 11),
        json!(issued_at - 1),
        json!(0),
        json!(-1),
        json!(null),
        json!("never"),
        json!(1e300),
    ] {
        scene.assert_no_access_token(&of.changed("exp", exp)).await;
    }
    for aud in [json!(null), json!([]), json!([null]), json!([[]]), json!({}), json!(1)] {
        scene.assert_no_access_token(&of.changed("aud", aud)).await;
    }
    scene.assert_no_access_token(&of.changed("x", "a".repeat(6_000).into())).await;
    scene.assert_untouched().await;
}
