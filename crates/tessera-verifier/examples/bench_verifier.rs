//! Measures verification and prints one JSON line per number: `{"name","value","unit","target","holds"}`.
//!
//! `cargo run --release -p tessera-verifier --example bench_verifier`. A time is the tenth percentile of short batches. A ratio is the median of the
//! ratios of two batches that ran one right after the other over the same tokens. So other load on the machine matters little. The
//! cache has its default size and is full before anything is timed.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "this is what measures")]

use std::hint::black_box;
use std::time::Instant;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey};
use axum::Router;
use axum::routing::get;
use jsonwebtoken::{DecodingKey, Validation};
use serde_json::{Value, json};
use tessera_jose::jwk::Material;
use tessera_jose::{Algorithm, JwkSet, SigningKey, base64url};
use tessera_verifier::Verifier;
use tessera_verifier::clock::{Clock as _, SystemClock};

const API: &str = "https://api.example.com";
const ROUNDS: usize = 40;
const BATCHES: u32 = 400;
const BATCH: u32 = 20;
/// More tokens than the cache holds.
const FILL: u32 = 10_000;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    for alg in [Algorithm::Es256, Algorithm::EdDsa] {
        let issuer = Issuer::start(alg).await;
        first_seen(&issuer).await;
        seen_before(&issuer).await;
    }
    garbage(&Issuer::start(Algorithm::Es256).await).await;
}

struct Issuer {
    url: String,
    key: SigningKey,
}

impl Issuer {
    async fn start(alg: Algorithm) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let key = SigningKey::generate(alg).unwrap();
        let metadata = json!({"issuer": url, "jwks_uri": format!("{url}/jwks")}).to_string();
        let jwks = serde_json::to_string(&JwkSet::new(vec![key.public_jwk().unwrap()])).unwrap();
        let app = Router::new()
            .route("/.well-known/openid-configuration", get(move || async move { metadata }))
            .route("/jwks", get(move || async move { jwks }));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, key }
    }

    fn token(&self, n: u32) -> String {
        let now = SystemClock::default().unix_seconds();
        let claims = json!({
            "iss": self.url, "sub": "8f14e45f-ceea-467f-a1d3-6f1c2b0e9a77", "aud": API, "client_id": "web-shop",
            "iat": now, "exp": now + 600, "jti": format!("0b3f8d52-1c1e-4d0b-9a55-2f7f4d0c1a11.{n:022}"),
            "scope": "orders.read orders.write profile", "sid": "5c0e7f0e-9d1c-4a57-8b7c-0e2f6f3a9b10",
            "auth_time": now - 60, "acr": "aal1", "amr": ["pwd"],
        });
        self.key.sign("at+jwt", claims.to_string().as_bytes()).unwrap()
    }

    async fn verifier(&self) -> Verifier {
        let verifier = Verifier::builder(&*self.url).audience(API).build().unwrap();
        verifier.ready().await.unwrap();
        verifier
    }
}

/// Verifies new tokens, and compares with the bare primitive and with `jsonwebtoken`.
async fn first_seen(issuer: &Issuer) {
    let alg = issuer.key.algorithm();
    let verifier = issuer.verifier().await;
    let jwk = issuer.key.public_jwk().unwrap();
    let parsed = match jwk.material() {
        Material::Ec { x, y, .. } => {
            ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, [&[4], &x[..], y].concat()).unwrap()
        }
        Material::Ed25519 { x } => ParsedPublicKey::new(&ED25519, x).unwrap(),
        Material::Rsa { .. } => return,
    };
    let other =
        DecodingKey::from_jwk(&serde_json::from_str(&serde_json::to_string(&jwk).unwrap()).unwrap()).unwrap();
    let mut validation = Validation::new(alg.as_str().parse().unwrap());
    validation.set_audience(&[API]);
    validation.set_issuer(&[&issuer.url]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);

    for n in 0..FILL {
        verifier.verify(&issuer.token(u32::MAX - n)).await.unwrap();
    }
    let raw =
        |token: &New| parsed.verify_sig(&token.text.as_bytes()[..token.signed], &token.signature).unwrap();
    let theirs = |token: &New| {
        drop(black_box(jsonwebtoken::decode::<Value>(&token.text, &other, &validation).unwrap()));
    };
    let (ours, raw, ratio) = in_turn(issuer, &verifier, 0, raw).await;
    print(&format!("verify_first_seen_{alg}"), ours * 1e6, "us", None);
    print(&format!("verify_raw_{alg}"), raw * 1e6, "us", None);
    print(&format!("verify_first_seen_vs_raw_{alg}"), ratio, "ratio", Some((">= 0.95", ratio >= 0.95)));
    let (_, theirs, ratio) = in_turn(issuer, &verifier, BATCHES * BATCH, theirs).await;
    print(&format!("verify_jsonwebtoken_{alg}"), theirs * 1e6, "us", None);
    print(&format!("verify_first_seen_vs_jsonwebtoken_{alg}"), ratio, "ratio", Some(("> 1", ratio > 1.0)));
}

/// A token and its parts for the bare primitive.
struct New {
    text: String,
    /// How much of it is signed.
    signed: usize,
    signature: Vec<u8>,
}

/// Seconds per token of the verifier and of something else, and how many times longer the other takes. Both run short batches of the
/// same new tokens, numbered from `first` on. Each goes first as often as the other.
async fn in_turn(
    issuer: &Issuer,
    verifier: &Verifier,
    first: u32,
    something_else: impl Fn(&New),
) -> (f64, f64, f64) {
    let (mut ours, mut others) = (Vec::new(), Vec::new());
    for batch in 0..BATCHES {
        let tokens = (0..BATCH).map(|n| issuer.token(first + batch * BATCH + n));
        let tokens: Vec<_> = tokens
            .map(|text| {
                let (signed, signature) = text.rsplit_once('.').unwrap();
                let (signed, signature) = (signed.len(), base64url::decode(signature).unwrap());
                New { text, signed, signature }
            })
            .collect();
        for turn in 0..2 {
            let start = Instant::now();
            if (batch + turn).is_multiple_of(2) {
                for token in &tokens {
                    drop(black_box(verifier.verify(&token.text).await.unwrap()));
                }
                ours.push(start.elapsed().as_secs_f64() / f64::from(BATCH));
            } else {
                tokens.iter().for_each(&something_else);
                others.push(start.elapsed().as_secs_f64() / f64::from(BATCH));
            }
        }
    }
    let ratios = others.iter().zip(&ours).map(|(other, ours)| other / ours).collect();
    (percentile(10, ours), percentile(10, others), percentile(50, ratios))
}

/// Verifies 1,000 cached tokens in turn.
async fn seen_before(issuer: &Issuer) {
    let verifier = issuer.verifier().await;
    let tokens: Vec<_> = (0..1_000).map(|n| issuer.token(n)).collect();
    for token in &tokens {
        verifier.verify(token).await.unwrap();
    }
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for token in &tokens {
            black_box(verifier.verify(token).await.unwrap());
        }
        times.push(start.elapsed().as_secs_f64());
    }
    let each = percentile(10, times) * 1e9 / f64::from(u32::try_from(tokens.len()).unwrap());
    print(&format!("verify_cached_{}", issuer.key.algorithm()), each, "ns", Some(("< 1000", each < 1000.0)));
}

/// What an attacker without a key can send. It is refused before any signature is checked.
async fn garbage(issuer: &Issuer) {
    let verifier = issuer.verifier().await;
    let (_, rest) = issuer.token(0).split_once('.').map(|(h, r)| (h.to_owned(), r.to_owned())).unwrap();
    let with = |header: &str| format!("{}.{rest}", base64url::encode(header));
    let kid = issuer.key.kid();
    let expired = issuer.key.sign("at+jwt", json!({"iss": issuer.url, "sub": "a", "aud": API, "client_id": "c", "jti": "j", "iat": 1, "exp": 2}).to_string().as_bytes()).unwrap();
    for (name, token) in [
        ("dots", ".".repeat(8000)),
        ("alg_none", with(r#"{"alg":"none","typ":"at+jwt"}"#)),
        ("wrong_type", with(&format!(r#"{{"alg":"ES256","typ":"JWT","kid":"{kid}"}}"#))),
        ("unknown_key", with(r#"{"alg":"ES256","typ":"at+jwt","kid":"x"}"#)),
        ("expired", expired),
    ] {
        let _ = verifier.verify(&token).await;
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            let start = Instant::now();
            for _ in 0..1_000 {
                assert!(black_box(verifier.verify(&token).await).is_err());
            }
            times.push(start.elapsed().as_secs_f64());
        }
        let each = percentile(10, times) * 1e6 / 1_000.0;
        print(&format!("refuse_{name}"), each, "us", Some(("< 5", each < 5.0)));
    }
}

/// The tenth percentile is what a batch takes when the machine does nothing else.
fn percentile(percent: usize, mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() * percent / 100]
}

/// `promise` is the target and whether it holds. A number without a target has `null` for both.
fn print(name: &str, value: f64, unit: &str, promise: Option<(&str, bool)>) {
    let value = (value * 1000.0).round() / 1000.0;
    let (target, holds) = promise.unzip();
    println!("{}", json!({"name": name, "value": value, "unit": unit, "target": target, "holds": holds}));
}
