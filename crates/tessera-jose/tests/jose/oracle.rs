//! Compares with `jsonwebtoken`: each side verifies what the other signs, and both refuse what is damaged.

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tessera_jose::{Algorithm, Jwk, SigningKey, Unverified, VerifyingKey, base64url};

use crate::forge;

/// One key on both sides.
struct Pair {
    ours: SigningKey,
    alg: jsonwebtoken::Algorithm,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

static PAIRS: LazyLock<Vec<Pair>> = LazyLock::new(|| {
    let all = [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256, Algorithm::Ps256];
    let mut pairs: Vec<Pair> = all.into_iter().map(asymmetric).collect();
    pairs.push(Pair {
        ours: SigningKey::from_secret(forge::SECRET).unwrap(),
        alg: jsonwebtoken::Algorithm::HS256,
        encoding: EncodingKey::from_secret(forge::SECRET),
        decoding: DecodingKey::from_secret(forge::SECRET),
    });
    pairs
});

fn asymmetric(alg: Algorithm) -> Pair {
    let ours = SigningKey::generate(alg).unwrap();
    let private = ours.to_pkcs8();
    let public = serde_json::to_value(ours.public_jwk().unwrap()).unwrap();
    let member = |name: &str| public[name].as_str().unwrap();
    let (encoding, decoding) = match alg {
        Algorithm::Es256 => {
            (EncodingKey::from_ec_der(&private), DecodingKey::from_ec_components(member("x"), member("y")))
        }
        Algorithm::EdDsa => {
            (EncodingKey::from_ed_der(&private), DecodingKey::from_ed_components(member("x")))
        }
        // The other side wants the RSAPrivateKey inside: the head of a 2048-bit PKCS #8 key has 26 bytes.
        _ => {
            let components = DecodingKey::from_rsa_components(member("n"), member("e"));
            (EncodingKey::from_rsa_der(&private[26..]), components)
        }
    };
    Pair { ours, alg: alg.as_str().parse().unwrap(), encoding, decoding: decoding.unwrap() }
}

/// A key whose algorithm is only verified here.
struct Foreign {
    ours: VerifyingKey,
    alg: jsonwebtoken::Algorithm,
    encoding: EncodingKey,
}

/// One RSA key under every algorithm, so that the algorithm alone tells them apart, and one of P-384.
static FOREIGN: LazyLock<Vec<Foreign>> = LazyLock::new(|| {
    let rsa = SigningKey::generate(Algorithm::Rs256).unwrap();
    let mut public = serde_json::to_value(rsa.public_jwk().unwrap()).unwrap();
    public.as_object_mut().unwrap().remove("alg");
    let encoding = EncodingKey::from_rsa_der(&rsa.to_pkcs8()[26..]);
    let all = [Algorithm::Rs384, Algorithm::Rs512, Algorithm::Ps384, Algorithm::Ps512];
    let mut foreign: Vec<Foreign> =
        all.into_iter().map(|alg| Foreign::new(&public, alg, encoding.clone())).collect();

    let private = EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &SystemRandom::new());
    let private = private.unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, private.as_ref()).unwrap();
    let (x, y) = pair.public_key().as_ref()[1..].split_at(48);
    let [x, y] = [x, y].map(base64url::encode);
    let public = json!({"kty": "EC", "crv": "P-384", "x": x, "y": y, "kid": "p384"});
    foreign.push(Foreign::new(&public, Algorithm::Es384, EncodingKey::from_ec_der(private.as_ref())));
    foreign
});

impl Foreign {
    fn new(public: &Value, alg: Algorithm, encoding: EncodingKey) -> Self {
        let public = Jwk::parse(public.to_string().as_bytes()).unwrap();
        let ours = VerifyingKey::from_jwk_for(&public, alg).unwrap();
        Self { ours, alg: alg.as_str().parse().unwrap(), encoding }
    }
}

fn theirs(token: &str, pair: &Pair) -> Option<Map<String, Value>> {
    let mut validation = Validation::new(pair.alg);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    jsonwebtoken::decode(token, &pair.decoding, &validation).ok().map(|data| data.claims)
}

fn ours(token: &str, key: &VerifyingKey) -> Option<Map<String, Value>> {
    let token = Unverified::parse(token).ok()?;
    tessera_jose::json::object(token.verify(key).ok()?).ok()
}

/// Claims of any shape below the depth limit, with integers that every JSON library keeps.
fn claims() -> impl Strategy<Value = Map<String, Value>> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".{0,6}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    prop::collection::btree_map("x.{0,8}", value, 0..6).prop_map(|members| members.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_we_sign_verifies_there(claims in claims()) {
        for pair in &*PAIRS {
            let token = pair.ours.sign("at+jwt", &serde_json::to_vec(&claims).unwrap()).unwrap();
            prop_assert_eq!(theirs(&token, pair), Some(claims.clone()));
            prop_assert_eq!(ours(&token, &pair.ours.verifying_key()), Some(claims.clone()));
        }
    }

    #[test]
    fn what_is_signed_there_verifies_here(claims in claims(), named in any::<bool>()) {
        let pairs = PAIRS.iter().map(|pair| (pair.alg, &pair.encoding, pair.ours.verifying_key()));
        let foreign = FOREIGN.iter().map(|key| (key.alg, &key.encoding, key.ours.clone()));
        for (alg, encoding, key) in pairs.chain(foreign) {
            let mut header = Header::new(alg);
            header.kid = key.kid().filter(|_| named).map(str::to_owned);
            let token = jsonwebtoken::encode(&header, &claims, encoding).unwrap();
            prop_assert_eq!(ours(&token, &key), Some(claims.clone()), "{:?}", alg);
            for other in FOREIGN.iter().filter(|other| other.alg != alg) {
                prop_assert_eq!(ours(&token, &other.ours), None, "{:?} under {:?}", alg, other.alg);
            }
        }
    }

    #[test]
    fn damage_is_seen_by_both(claims in claims(), at in any::<prop::sample::Index>(), by in 1..=255_u8) {
        for pair in &*PAIRS {
            let payload = serde_json::to_vec(&claims).unwrap();
            let mut token = pair.ours.sign("at+jwt", &payload).unwrap().into_bytes();
            let at = at.index(token.len());
            token[at] = token[at].wrapping_add(by) & 0x7f;
            let damaged = String::from_utf8(token).unwrap();
            let whole = ours(&damaged, &pair.ours.verifying_key()).is_some();
            prop_assert_eq!(whole, theirs(&damaged, pair).is_some());
            prop_assert_eq!(whole, by == 128, "only a whole turn of seven bits changes nothing");
        }
    }

    #[test]
    fn keys_do_not_stand_in_for_each_other(claims in claims()) {
        for (i, signer) in PAIRS.iter().enumerate() {
            let token = signer.ours.sign("at+jwt", &serde_json::to_vec(&claims).unwrap()).unwrap();
            for (j, other) in PAIRS.iter().enumerate() {
                prop_assert_eq!(ours(&token, &other.ours.verifying_key()).is_some(), i == j);
                prop_assert_eq!(theirs(&token, other).is_some(), i == j);
            }
        }
    }
}
