//! Any change of a valid token makes it invalid.

use proptest::prelude::*;
use tessera_jose::{Algorithm, SigningKey};

use crate::forge::{self, outcome};

/// The changed tokens that were accepted. Bytes that are not text are left out.
fn accepted(token: &[u8], key: &SigningKey) -> usize {
    str::from_utf8(token).map_or(0, |text| usize::from(outcome(text, &key.verifying_key()).is_ok()))
}

#[test]
fn j34_bit_flips_of_1000_tokens() {
    let keys = [
        (SigningKey::from_secret(forge::SECRET).unwrap(), 940),
        (SigningKey::generate(Algorithm::Es256).unwrap(), 30),
        (SigningKey::generate(Algorithm::EdDsa).unwrap(), 30),
    ];
    let (mut tokens, mut flips) = (0, 0);
    for (key, count) in &keys {
        for number in 0..*count {
            let mut token =
                key.sign("at+jwt", format!(r#"{{"n":{number}}}"#).as_bytes()).unwrap().into_bytes();
            assert_eq!(accepted(&token, key), 1);
            tokens += 1;
            for at in 0..token.len() {
                let bit = 1 << ((number + at) % 8);
                token[at] ^= bit;
                assert_eq!(accepted(&token, key), 0, "{number}: bit {bit} of byte {at}");
                token[at] ^= bit;
                flips += 1;
            }
        }
    }
    assert_eq!(tokens, 1000);
    assert!(flips > 150_000, "{flips}");
}

#[test]
fn j34_all_single_character_edits() {
    for alg in [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Hs256] {
        let key = match alg {
            Algorithm::Hs256 => SigningKey::from_secret(forge::SECRET).unwrap(),
            alg => SigningKey::generate(alg).unwrap(),
        };
        let token = key.sign("JWT", b"{}").unwrap().into_bytes();
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n";
        for at in 0..token.len() {
            let (before, after) = token.split_at(at);
            assert_eq!(accepted(&[before, &after[1..]].concat(), &key), 0, "{alg}: without byte {at}");
            for character in alphabet.iter().filter(|character| **character != token[at]) {
                assert_eq!(
                    accepted(&[before, &[*character], &after[1..]].concat(), &key),
                    0,
                    "{alg}: at {at}"
                );
            }
            let inserted = [before, b"A", after].concat();
            assert_eq!(accepted(&inserted, &key), 0, "{alg}: one more before byte {at}");
        }
        for end in [b"A".as_slice(), b"=", b".", b" ", b"\0"] {
            assert_eq!(accepted(&[&token, end].concat(), &key), 0);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn j34_segments_do_not_mix(one in 0..1000_u32, other in 1000..2000_u32, mask in 1..7_u8) {
        let key = SigningKey::from_secret(forge::SECRET).unwrap();
        let typed = |typ: &str, number: u32| key.sign(typ, number.to_string().as_bytes()).unwrap();
        let (one, other) = (typed("at+jwt", one), typed("dpop+jwt", other));
        let mixed: Vec<&str> = one
            .split('.')
            .zip(other.split('.'))
            .enumerate()
            .map(|(segment, (from_one, from_other))| [from_one, from_other][usize::from(mask >> segment & 1)])
            .collect();
        prop_assert_eq!(accepted(mixed.join(".").as_bytes(), &key), 0);
    }

    #[test]
    fn parsing_anything_ends_in_an_answer(text in "\\PC{0,80}(\\.\\PC{0,40}){0,3}") {
        prop_assert!(outcome(&text, &forge::shared()).is_err());
    }
}
