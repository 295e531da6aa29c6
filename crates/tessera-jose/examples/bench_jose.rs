//! Ratios against the raw provider and against `jsonwebtoken`, measured in one run: `cargo run --release
//! --example bench_jose`.
//!
//! "Raw" is aws-lc-rs over the same signing input, with a key that was parsed before. Each round times every contender once, one
//! after the other, so that a busy machine slows them all. A ratio is the median of the ratios of the rounds.

#![expect(clippy::print_stdout, reason = "a program whose result is lines on standard output")]
#![expect(clippy::disallowed_methods, reason = "measuring time is its purpose")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run has nothing better to say")]

use std::hint::black_box;
use std::time::Instant;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _, ParsedPublicKey,
};
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Map, Value, json};
use tessera_jose::{Algorithm, SigningKey, Unverified, base64url, json as strict_json};

const ROUNDS: usize = 60;
const TOKENS: usize = 64;

fn main() {
    for alg in [Algorithm::Es256, Algorithm::EdDsa] {
        let bench = Bench::new(alg);
        bench.verification();
        bench.signing();
    }
}

/// What is signed: an access token of usual size.
fn claims(number: usize) -> Value {
    json!({
        "iss": "https://login.example.org",
        "sub": "01970b0e-6f3c-7d7e-8a55-0f6a4d2c9b11",
        "aud": "https://api.example.org",
        "client_id": "spa-frontend",
        "iat": 1_800_000_000,
        "exp": 1_800_000_300,
        "jti": format!("AZcLDm88fX6KVQ9qTSybEQ.{number}"),
        "scope": "openid profile orders:read orders:write",
        "auth_time": 1_799_999_000,
        "acr": "aal2",
        "sid": "c2Vzc2lvbi1pZA",
    })
}

struct Bench {
    alg: Algorithm,
    key: SigningKey,
    payloads: Vec<Vec<u8>>,
    tokens: Vec<String>,
    /// Signing input and signature of each token.
    raw: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Bench {
    fn new(alg: Algorithm) -> Self {
        let key = SigningKey::generate(alg).unwrap();
        let payloads: Vec<Vec<u8>> = (0..TOKENS).map(|n| serde_json::to_vec(&claims(n)).unwrap()).collect();
        let tokens: Vec<String> =
            payloads.iter().map(|payload| key.sign("at+jwt", payload).unwrap()).collect();
        let split = |token: &String| {
            let (input, signature) = token.rsplit_once('.').unwrap();
            (input.as_bytes().to_vec(), base64url::decode(signature).unwrap())
        };
        let raw = tokens.iter().map(split).collect();
        Self { alg, key, payloads, tokens, raw }
    }

    fn verification(&self) {
        let public = serde_json::to_value(self.key.public_jwk().unwrap()).unwrap();
        let member = |name: &str| base64url::decode(public[name].as_str().unwrap()).unwrap();
        let text = |name: &str| public[name].as_str().unwrap();
        let (parsed, decoding) = if self.alg == Algorithm::Es256 {
            let point = [vec![4], member("x"), member("y")].concat();
            let decoding = DecodingKey::from_ec_components(text("x"), text("y"));
            (ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point), decoding)
        } else {
            (ParsedPublicKey::new(&ED25519, member("x")), DecodingKey::from_ed_components(text("x")))
        };
        let (parsed, decoding) = (parsed.unwrap(), decoding.unwrap());
        let key = self.key.verifying_key();
        let mut validation = Validation::new(self.alg.as_str().parse().unwrap());
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;

        let rounds = rounds(&mut [
            &mut |n| parsed.verify_sig(&self.raw[n].0, &self.raw[n].1).unwrap(),
            &mut |n| keep(Unverified::parse(&self.tokens[n]).unwrap().verify(&key).unwrap()),
            &mut |n| {
                let token = Unverified::parse(&self.tokens[n]).unwrap();
                keep(strict_json::object(token.verify(&key).unwrap()).unwrap());
            },
            &mut |n| {
                let data =
                    jsonwebtoken::decode::<Map<String, Value>>(&self.tokens[n], &decoding, &validation);
                keep(data.unwrap());
            },
        ]);
        let alg = self.alg;
        report(&format!("verify {alg} / raw verify"), median(&rounds, 0, 1), Bound::AtLeast(0.95));
        report(
            &format!("verify {alg} with claims / jsonwebtoken"),
            median(&rounds, 3, 2),
            Bound::MoreThan(1.0),
        );
    }

    fn signing(&self) {
        let der = self.key.to_pkcs8();
        let random = SystemRandom::new();
        let alg: jsonwebtoken::Algorithm = self.alg.as_str().parse().unwrap();
        let mut header = Header::new(alg);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(self.key.kid().to_owned());
        let typed: Vec<Value> = (0..TOKENS).map(claims).collect();
        let ecdsa = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der);
        let ed25519 = Ed25519KeyPair::from_pkcs8(&der);
        let encoding =
            if ecdsa.is_ok() { EncodingKey::from_ec_der(&der) } else { EncodingKey::from_ed_der(&der) };
        let mut raw: Box<dyn FnMut(usize)> = match (ecdsa, ed25519) {
            (Ok(pair), _) => Box::new(move |n| keep(pair.sign(&random, &self.raw[n].0).unwrap())),
            (_, pair) => {
                let pair = pair.unwrap();
                assert_eq!(pair.public_key().as_ref().len(), 32);
                Box::new(move |n| keep(pair.sign(&self.raw[n].0)))
            }
        };
        let rounds = rounds(&mut [
            &mut *raw,
            &mut |n| keep(self.key.sign("at+jwt", &self.payloads[n]).unwrap()),
            &mut |n| {
                let payload = serde_json::to_vec(&typed[n]).unwrap();
                keep(self.key.sign("at+jwt", &payload).unwrap());
            },
            &mut |n| keep(jsonwebtoken::encode(&header, &typed[n], &encoding).unwrap()),
        ]);
        let alg = self.alg;
        report(&format!("sign {alg} / raw sign"), median(&rounds, 0, 1), Bound::AtLeast(0.90));
        report(
            &format!("sign {alg} with claims / jsonwebtoken"),
            median(&rounds, 3, 2),
            Bound::MoreThan(1.0),
        );
    }
}

/// Times every contender over all tokens, round by round. The first round warms up and does not count.
fn rounds(contenders: &mut [&mut dyn FnMut(usize)]) -> Vec<Vec<f64>> {
    let mut all: Vec<Vec<f64>> =
        (0..=ROUNDS).map(|_| contenders.iter_mut().map(|contender| time(contender)).collect()).collect();
    all.remove(0);
    all
}

/// Keeps the optimiser from dropping `value`.
fn keep<T>(value: T) {
    black_box(value);
}

fn time(contender: &mut dyn FnMut(usize)) -> f64 {
    let start = Instant::now();
    (0..TOKENS).for_each(contender);
    start.elapsed().as_secs_f64()
}

/// The rate of `contender` divided by the rate of `reference`: the median over the rounds.
fn median(rounds: &[Vec<f64>], reference: usize, contender: usize) -> f64 {
    let mut ratios: Vec<f64> = rounds.iter().map(|times| times[reference] / times[contender]).collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

#[derive(Clone, Copy)]
enum Bound {
    AtLeast(f64),
    MoreThan(f64),
}

fn report(name: &str, value: f64, bound: Bound) {
    let (text, holds) = match bound {
        Bound::AtLeast(least) => (format!(">= {least:.2}"), value >= least),
        Bound::MoreThan(limit) => (format!("> {limit:.2}"), value > limit),
    };
    let value = (value * 1000.0).round() / 1000.0;
    println!(
        "{}",
        json!({"name": name, "value": value, "unit": "ratio of rates", "target": text, "holds": holds})
    );
}
