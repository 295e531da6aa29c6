//! Measures verification and prints one JSON line per number: `{"name","value","unit","target","holds"}`.
//!
//! `cargo run --release -p tessera-verifier --example bench`. Ratios are of the tenth percentile of short batches, taken
//! in turn, so that what else the machine does counts little. The cache has its usual size and is full before anything is timed.

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

/// Batches of new tokens through the verifier, the bare primitive and jsonwebtoken, in turn.
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
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for batch in 0..BATCHES {
        let tokens: Vec<_> = (0..BATCH).map(|n| issuer.token(batch * BATCH + n)).collect();
        let parts: Vec<_> = tokens.iter().map(|token| token.rsplit_once('.').unwrap()).collect();
        let signatures: Vec<_> = parts.iter().map(|(_, text)| base64url::decode(text).unwrap()).collect();
        // Each goes first as often as the others.
        for turn in 0..3 {
            let who = (batch as usize + turn) % 3;
            let start = Instant::now();
            for (n, token) in tokens.iter().enumerate() {
                match who {
                    0 => parsed.verify_sig(parts[n].0.as_bytes(), &signatures[n]).unwrap(),
                    1 => drop(black_box(verifier.verify(token).await.unwrap())),
                    _ => drop(black_box(jsonwebtoken::decode::<Value>(token, &other, &validation).unwrap())),
                }
            }
            times[who].push(start.elapsed().as_secs_f64() / f64::from(BATCH));
        }
    }
    let [raw, ours, theirs] = times.map(undisturbed);
    print(&format!("verify_first_seen_{alg}"), ours * 1e6, "us", None);
    print(&format!("verify_raw_{alg}"), raw * 1e6, "us", None);
    print(&format!("verify_jsonwebtoken_{alg}"), theirs * 1e6, "us", None);
    print(
        &format!("verify_first_seen_vs_raw_{alg}"),
        raw / ours,
        "ratio",
        Some((">= 0.95", raw / ours >= 0.95)),
    );
    print(
        &format!("verify_first_seen_vs_jsonwebtoken_{alg}"),
        theirs / ours,
        "ratio",
        Some(("> 1", theirs / ours > 1.0)),
    );
}

/// 1,000 tokens that have passed before, in turn.
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
    let each = undisturbed(times) * 1e9 / f64::from(u32::try_from(tokens.len()).unwrap());
    print(&format!("verify_cached_{}", issuer.key.algorithm()), each, "ns", Some(("< 1000", each < 1000.0)));
}

/// What an attacker without a key can send: refused before any signature.
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
        let each = undisturbed(times) * 1e6 / 1_000.0;
        print(&format!("refuse_{name}"), each, "us", Some(("< 5", each < 5.0)));
    }
}

/// The tenth percentile: what a batch takes when the machine does nothing else.
fn undisturbed(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 10]
}

/// `promise` is the target and whether it holds; a number without one has `null` for both.
fn print(name: &str, value: f64, unit: &str, promise: Option<(&str, bool)>) {
    let value = (value * 1000.0).round() / 1000.0;
    let (target, holds) = promise.unzip();
    println!("{}", json!({"name": name, "value": value, "unit": unit, "target": target, "holds": holds}));
}
