//! What a token may say about itself. Every signature is right for the shared secret or the key that it attacks. So only the rule
//! under test refuses the token.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::signature::{KeyPair as _, RsaKeyPair};
use base64::Engine as _;
use tessera_jose::jws::Part;
use tessera_jose::{Algorithm, JwsError, MAX_JWS_LEN, SigningKey, Unverified, base64url};

use crate::forge::{SECRET, es256_signed, header_outcome, hmac_signed, outcome, shared, signing_input};

const HEADER: JwsError = JwsError::Malformed(Part::Header);
const SEGMENTS: JwsError = JwsError::Malformed(Part::Segments);

#[test]
fn a_plain_header_passes_so_that_refusals_below_mean_something() {
    assert_eq!(header_outcome(r#"{"alg":"HS256"}"#), Ok(b"{}".to_vec()));
    assert_eq!(
        header_outcome(r#"{"alg":"HS256","typ":"at+jwt","kid":"k","cty":"x","x5t":"y"}"#),
        Ok(b"{}".to_vec())
    );
}

#[test]
fn j01_alg_none() {
    for alg in ["none", "None", "nOnE", "NONE", "", " none", "none ", "hs256", "HS255", "ES256K", "RS1"] {
        let input = signing_input(&format!(r#"{{"alg":"{alg}"}}"#), b"{}");
        for signature in [String::new(), base64url::encode([7; 64]), base64url::encode(b"x")] {
            let token = format!("{input}.{signature}");
            assert_eq!(Unverified::parse(&token).err(), Some(JwsError::AlgNotAllowed), "{token}");
        }
    }
    for header in [r"{}", r#"{"alg":null}"#, r#"{"alg":["HS256"]}"#, r#"{"alg":256}"#, r#"{"typ":"at+jwt"}"#]
    {
        assert_eq!(header_outcome(header), Err(HEADER), "{header}");
    }
}

/// The bytes of a public key that somebody might feed to HMAC.
fn encodings(key: &SigningKey, spki: &[u8], raw: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let text = base64::engine::general_purpose::STANDARD.encode(spki);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap()).collect();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----", lines.join("\n"));
    let jwk = serde_json::to_vec(&key.public_jwk().unwrap()).unwrap();
    let mut all = vec![
        pem.clone().into_bytes(),
        format!("{pem}\n").into_bytes(),
        pem.replace('\n', "\r\n").into_bytes(),
        text.into_bytes(),
        spki.to_vec(),
        jwk,
        key.kid().as_bytes().to_vec(),
    ];
    all.extend(raw);
    all
}

#[test]
fn j02_public_key_as_hmac_secret() {
    let rsa = SigningKey::generate(Algorithm::Rs256).unwrap();
    let pair = RsaKeyPair::from_pkcs8(&rsa.to_pkcs8()).unwrap();
    let pkcs1 = pair.public_key().as_ref().to_vec();
    let modulus = pkcs1[9..pkcs1.len() - 5].to_vec();
    let rsa_encodings = encodings(&rsa, pair.public_key().as_der().unwrap().as_ref(), vec![pkcs1, modulus]);

    let ec = SigningKey::generate(Algorithm::Es256).unwrap();
    let pair = aws_lc_rs::signature::EcdsaKeyPair::from_pkcs8(
        &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING,
        &ec.to_pkcs8(),
    );
    let pair = pair.unwrap();
    let point = pair.public_key().as_ref().to_vec();
    let ec_encodings =
        encodings(&ec, pair.public_key().as_der().unwrap().as_ref(), vec![point[1..33].to_vec(), point]);

    for (key, secrets) in [(rsa, rsa_encodings), (ec, ec_encodings)] {
        assert_eq!(secrets.len(), 9);
        for secret in secrets {
            let header = format!(r#"{{"alg":"HS256","kid":"{}"}}"#, key.kid());
            let token = hmac_signed(&secret, &header, b"{}");
            assert_eq!(outcome(&token, &key.verifying_key()), Err(JwsError::AlgNotAllowed));
        }
    }
}

#[test]
fn j02_other_algorithms_of_the_same_family() {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    for alg in Algorithm::ALL.into_iter().filter(|alg| *alg != Algorithm::Es256) {
        let token = es256_signed(&key, &format!(r#"{{"alg":"{alg}"}}"#), b"{}");
        assert_eq!(outcome(&token, &key.verifying_key()), Err(JwsError::AlgNotAllowed));
    }
    assert!(outcome(&es256_signed(&key, r#"{"alg":"ES256"}"#, b"{}"), &key.verifying_key()).is_ok());
}

#[test]
fn j03_key_in_the_header() {
    let own = SigningKey::generate(Algorithm::Es256).unwrap();
    let attacker = SigningKey::generate(Algorithm::Es256).unwrap();
    for embedded in [&own, &attacker] {
        let jwk = serde_json::to_string(&embedded.public_jwk().unwrap()).unwrap();
        let token = es256_signed(embedded, &format!(r#"{{"alg":"ES256","jwk":{jwk}}}"#), b"{}");
        assert_eq!(outcome(&token, &own.verifying_key()), Err(JwsError::UntrustedKeyHeader));
    }
    for value in ["null", "{}", "\"\"", "[]"] {
        let header = format!(r#"{{"alg":"HS256","jwk":{value}}}"#);
        assert_eq!(header_outcome(&header), Err(JwsError::UntrustedKeyHeader));
    }
}

/// The crate has no I/O, so it cannot fetch anything.
#[test]
fn j04_key_by_reference() {
    for place in [
        "http://attacker.example/jwks",
        "https://attacker.example/jwks",
        "file:///etc/passwd",
        "http://169.254.169.254/latest/meta-data",
        "https://own.example/redirect?to=https://attacker.example/jwks",
    ] {
        for name in ["jku", "x5u"] {
            let header = format!(r#"{{"alg":"HS256","{name}":"{place}"}}"#);
            assert_eq!(header_outcome(&header), Err(JwsError::UntrustedKeyHeader), "{header}");
        }
    }
}

#[test]
fn j05_certificate_in_the_header() {
    let certificate = "MIIB".repeat(10);
    for chain in [vec![certificate.as_str()], vec!["MIIB"; 100], vec![]] {
        let header = format!(r#"{{"alg":"HS256","x5c":{}}}"#, serde_json::to_string(&chain).unwrap());
        assert_eq!(header_outcome(&header), Err(JwsError::UntrustedKeyHeader));
    }
    let mebibyte = format!(r#"{{"alg":"HS256","x5c":["{}"]}}"#, "A".repeat(1 << 20));
    assert_eq!(header_outcome(&mebibyte), Err(JwsError::TooLarge));
}

#[test]
fn j06_kid_is_only_ever_compared() {
    let own = SigningKey::from_secret(SECRET).unwrap();
    let accepted = own.sign("at+jwt", b"{}").unwrap();
    assert!(outcome(&accepted, &own.verifying_key()).is_ok());
    let kids =
        ["../../dev/null", "' OR 1=1--", "%00", "\\u0000", "\u{1f511}", "__proto__", "\\n", &"k".repeat(256)];
    for kid in kids {
        let header = format!(r#"{{"alg":"HS256","kid":"{kid}"}}"#);
        let token = hmac_signed(SECRET, &header, b"{}");
        assert_eq!(outcome(&token, &own.verifying_key()), Err(JwsError::UnknownKey), "{kid}");
    }
    for kid in ["[\"k\"]", "7", "null", "{}", "true", "\"\"", &format!("\"{}\"", "k".repeat(257))] {
        assert_eq!(header_outcome(&format!(r#"{{"alg":"HS256","kid":{kid}}}"#)), Err(HEADER), "{kid}");
    }
    let long = format!(r#"{{"alg":"HS256","kid":"{}"}}"#, "k".repeat(1 << 16));
    assert_eq!(header_outcome(&long), Err(JwsError::TooLarge));
}

#[test]
fn j09_crit() {
    for extra in [
        r#""crit":["x"]"#,
        r#""crit":[]"#,
        r#""crit":"x""#,
        r#""crit":["exp"]"#,
        r#""crit":["b64"],"b64":false"#,
        r#""b64":false,"crit":["b64"]"#,
        r#""b64":false"#,
        r#""b64":true"#,
        r#""crit":null"#,
        r#""\u0063rit":["x"]"#,
    ] {
        let header = format!(r#"{{"alg":"HS256",{extra}}}"#);
        assert_eq!(header_outcome(&header), Err(JwsError::CritUnsupported), "{header}");
    }
}

#[test]
fn j11_json_serialisation_and_polyglots() {
    let token = hmac_signed(SECRET, r#"{"alg":"HS256"}"#, b"{}");
    let [header, payload, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        panic!("three segments")
    };
    let flattened = format!(r#"{{"protected":"{header}","payload":"{payload}","signature":"{signature}"}}"#);
    let general = format!(
        r#"{{"payload":"{payload}","signatures":[{{"protected":"{header}","signature":"{signature}"}}]}}"#
    );
    assert_eq!(outcome(&flattened, &shared()), Err(SEGMENTS));
    assert_eq!(outcome(&general, &shared()), Err(SEGMENTS));
    for polyglot in [
        format!(r#"{{"{token}":"","payload":"e30"}}"#),
        format!(r#"{{"  {header}.":"","protected":"{header}","payload":"e30.","signature":"{signature}"}}"#),
        format!("{token} "),
        format!(" {token}"),
        format!("{token}\n"),
        format!("{header}.{payload}.{signature}="),
        format!("{header}=.{payload}.{signature}"),
        format!("Bearer {token}"),
    ] {
        assert!(matches!(outcome(&polyglot, &shared()), Err(JwsError::Malformed(_))), "{polyglot}");
    }
}

#[test]
fn j13_nothing_is_decompressed_or_derived() {
    assert_eq!(header_outcome(r#"{"alg":"HS256","zip":"DEF"}"#), Err(JwsError::ZipUnsupported));
    for alg in ["PBES2-HS256+A128KW", "RSA1_5", "dir", "RSA-OAEP", "ECDH-ES", "A256GCMKW"] {
        let header = format!(r#"{{"alg":"{alg}","enc":"A256GCM","p2s":"AAAA","p2c":2147483648}}"#);
        assert_eq!(header_outcome(&header), Err(JwsError::AlgNotAllowed));
        let encrypted = format!("{}.AAAA.AAAA.AAAA.AAAA", base64url::encode(&header));
        assert_eq!(outcome(&encrypted, &shared()), Err(SEGMENTS));
    }
}

#[test]
fn j14_sizes_and_segments() {
    for huge in [".".repeat(1 << 20), "A".repeat(8 << 20), format!("{}.e30.AAAA", "e30".repeat(1 << 20))] {
        assert_eq!(outcome(&huge, &shared()), Err(JwsError::TooLarge));
    }
    let token = hmac_signed(SECRET, r#"{"alg":"HS256"}"#, b"{}");
    let [header, payload, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        panic!("three segments")
    };
    for broken in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        ".".repeat(MAX_JWS_LEN),
        header.to_owned(),
        format!("{header}.{payload}"),
        format!("{header}.{payload}."),
        format!("{header}..{signature}"),
        format!("{header}.."),
        format!(".{payload}.{signature}"),
        format!(".{token}"),
        format!("{token}."),
        format!("{token}.{signature}"),
        format!("{header}..{payload}.{signature}"),
    ] {
        assert_eq!(outcome(&broken, &shared()), Err(SEGMENTS), "{broken}");
    }
}

#[test]
fn j14_the_limit_is_exact() {
    let fixed = hmac_signed(SECRET, r#"{"alg":"HS256"}"#, b"").len();
    // 8192 minus the fixed part is not a length base64url has unless the remainder fits; find the two sides.
    let lengths: Vec<usize> =
        (6000..6200).map(|payload| fixed + base64url::encode(vec![b' '; payload]).len()).collect();
    let fits = 6000 + lengths.iter().rposition(|len| *len <= MAX_JWS_LEN).unwrap();
    assert!(outcome(&hmac_signed(SECRET, r#"{"alg":"HS256"}"#, &vec![b' '; fits]), &shared()).is_ok());
    let over = hmac_signed(SECRET, r#"{"alg":"HS256"}"#, &vec![b' '; fits + 1]);
    assert_eq!(outcome(&over, &shared()), Err(JwsError::TooLarge));
}

#[test]
fn j15_deep_and_ambiguous_headers() {
    let nested =
        |depth: usize| format!(r#"{{"alg":"HS256","x":{}1{}}}"#, "[".repeat(depth), "]".repeat(depth));
    assert!(header_outcome(&nested(15)).is_ok());
    for depth in [16, 100, 2900] {
        assert_eq!(header_outcome(&nested(depth)), Err(HEADER));
    }
    for header in [
        r#"{"alg":"none","alg":"HS256"}"#,
        r#"{"alg":"HS256","alg":"HS256"}"#,
        r#"{"alg":"HS256","\u0061lg":"HS256"}"#,
        r#"{"alg":"HS256","x":1,"x":2}"#,
        r#"{"alg":"HS256","x":{"y":1,"y":2}}"#,
        r#"{"alg":"HS256"}{}"#,
        r#"{"alg":"HS256"},"#,
        r#"{"alg":"HS256",}"#,
        r#"["alg","HS256"]"#,
        r#""HS256""#,
        "\u{feff}{\"alg\":\"HS256\"}",
        r#"{"alg":"HS256","x":"\ud800"}"#,
        r#"{"alg":"HS256","typ":7}"#,
        r#"{"alg":"HS256","typ":null}"#,
        r#"{"alg":"HS256","x":1e400}"#,
        "",
    ] {
        let result = header_outcome(header);
        assert!(matches!(result, Err(HEADER | SEGMENTS)), "{header}: {result:?}");
    }
    assert_eq!(
        outcome(&hmac_signed(SECRET, "{\"alg\":\"HS256\",\"x\":\"\u{0}\"}", b"{}"), &shared()),
        Err(HEADER)
    );
    let input = format!("{}.e30", base64url::encode(b"{\"alg\":\"HS256\",\"x\":\"\xff\"}"));
    assert_eq!(outcome(&format!("{input}.AAAA"), &shared()), Err(HEADER));
}

#[test]
fn a_token_is_not_printed() {
    let token = hmac_signed(SECRET, r#"{"alg":"HS256","kid":"a\nb"}"#, b"{}");
    let printed = format!("{:?}", Unverified::parse(&token).unwrap());
    assert_eq!(printed, r#"Unverified { alg: Hs256, kid: Some("a\nb"), typ: None, .. }"#);
}

#[test]
fn the_type_is_compared_as_a_media_type() {
    let token = |typ: &str| hmac_signed(SECRET, &format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#), b"{}");
    let has = |typ: &str| Unverified::parse(&token(typ)).unwrap().has_typ("at+jwt");
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"] {
        assert!(has(typ), "{typ}");
    }
    for typ in [
        "JWT",
        "jwt",
        "at+jwt ",
        "xat+jwt",
        "application/",
        "application/application/at+jwt",
        "text/at+jwt",
        "",
    ] {
        assert!(!has(typ), "{typ}");
    }
    let without = hmac_signed(SECRET, r#"{"alg":"HS256"}"#, b"{}");
    assert!(!Unverified::parse(&without).unwrap().has_typ("at+jwt"));
    assert!(!Unverified::parse(&without).unwrap().has_typ(""));
}
