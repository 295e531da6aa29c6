//! A verifier that accepts `typ: JWT`. The published purpose of the key and the audience then distinguish access tokens from ID tokens
//! and everything else.

use serde_json::{Value, json};
use tessera_jose::jwk::Purpose;
use tessera_jose::{Algorithm, SigningKey};
use tessera_verifier::{Verifier, VerifyError};

use crate::refused;
use crate::support::{Issuer, NOW, es256_signed};

/// `typ`, and whether a verifier with `accept_typ_jwt` accepts it.
const TYPES: [(&str, bool); 14] = [
    ("at+jwt", true),
    ("application/at+jwt", true),
    ("JWT", true),
    ("jwt", true),
    ("application/jwt", true),
    ("logout+jwt", false),
    ("client-authentication+jwt", false),
    ("dpop+jwt", false),
    ("oauth-authz-req+jwt", false),
    ("token-introspection+jwt", false),
    ("revocation-rules+jwt", false),
    ("secevent+jwt", false),
    ("application/application/jwt", false),
    ("", false),
];

#[tokio::test]
async fn j25_where_jwt_is_accepted_key_and_audience_tell_id_tokens_apart() {
    let issuer = Issuer::start().await;
    let [id_key, feed_key] = [(); 2].map(|()| SigningKey::generate(Algorithm::Es256).unwrap());
    issuer.publish(&issuer.key(), Purpose::AccessToken, NOW - 60);
    issuer.publish(&id_key, Purpose::IdToken, NOW - 60);
    issuer.publish(&feed_key, Purpose::RevocationRules, NOW - 60);
    let strict = issuer.verifier().await;
    let told = issuer.ready(issuer.builder().accept_typ_jwt()).await;
    let access = issuer.claims();
    let mut id = json!({"iss": issuer.url, "sub": "8f14e45f", "aud": "web", "nonce": "n", "sid": "session"});
    (id["iat"], id["exp"], id["auth_time"]) = (json!(NOW), json!(NOW + 600), json!(NOW));
    // An ID token with all claims of an access token, but another audience.
    let mut like_access = access.clone();
    like_access["aud"] = json!("web");
    for (typ, taken) in TYPES {
        let signed = |key: &SigningKey, claims: &Value| {
            let header = json!({"alg": "ES256", "typ": typ, "kid": key.kid()}).to_string();
            es256_signed(key, &header, claims.to_string().as_bytes())
        };
        let token = signed(&issuer.key(), &access);
        assert_eq!(told.verify(&token).await.is_ok(), taken, "{typ}");
        assert_eq!(strict.verify(&token).await.is_ok(), taken && typ.ends_with("at+jwt"), "{typ}");
        // Every other document, with any key of the issuer and any type.
        for (key, claims) in [
            (&id_key, &id),
            (&id_key, &like_access),
            (&id_key, &access),
            (&feed_key, &access),
            (&issuer.key(), &id),
            (&issuer.key(), &like_access),
        ] {
            let token = signed(key, claims);
            for verifier in [&told, &strict] {
                let error = refused(verifier, &token).await;
                let expected = [
                    VerifyError::WrongType,
                    VerifyError::KeyPurpose,
                    VerifyError::WrongAudience,
                    VerifyError::MissingClaim("client_id"),
                ];
                assert!(expected.contains(&error), "{typ} {error:?}");
                assert_eq!(
                    error == VerifyError::KeyPurpose,
                    taken_by(verifier, &told, typ) && key.kid() != issuer.key().kid(),
                    "{typ} {error:?}"
                );
            }
        }
    }
}

/// Whether this verifier accepts the type and looks at the key.
fn taken_by(verifier: &Verifier, told: &Verifier, typ: &str) -> bool {
    let taken = TYPES.iter().any(|(other, taken)| *other == typ && *taken);
    taken && (std::ptr::eq(verifier, told) || typ.ends_with("at+jwt"))
}

#[tokio::test]
async fn j25_a_key_that_does_not_say_what_it_is_for_vouches_for_no_jwt() {
    let issuer = Issuer::start().await;
    let told = issuer.ready(issuer.builder().accept_typ_jwt()).await;
    let token = issuer.sign_as("JWT", &issuer.claims());
    assert_eq!(refused(&told, &token).await, VerifyError::WrongType);
    assert!(told.verify(&issuer.token()).await.is_ok(), "the type says it");
    issuer.publish(&issuer.key(), Purpose::AccessToken, NOW);
    told.refresh().await.unwrap();
    assert!(told.verify(&token).await.is_ok());
    issuer.roles.lock().unwrap().clear();
    told.refresh().await.unwrap();
    assert_eq!(refused(&told, &token).await, VerifyError::WrongType, "what was believed before is forgotten");
}
