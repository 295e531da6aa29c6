//! `token inspect` and `token verify`.

use serde_json::{Value, json};

use crate::support::{ForTests as _, Installation, Server, eventually};

const AUDIENCE: &str = "https://api.example.com";

fn base64url(text: &str) -> String {
    // RFC 4648 section 5, without padding. Tests do not share code with what they test.
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bits =
            chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for i in 0..=chunk.len() {
            out.push(char::from(ALPHABET[(bits >> (18 - 6 * i) & 63) as usize]));
        }
    }
    out
}

fn forged(header: &Value, claims: &Value) -> String {
    format!(
        "{}.{}.{}",
        base64url(&header.to_string()),
        base64url(&claims.to_string()),
        base64url("signature")
    )
}

#[test]
fn a_token_is_read_offline_and_never_called_verified() {
    let installation = Installation::empty();
    let token = forged(
        &json!({"alg": "ES256", "typ": "at+jwt"}),
        &json!({"sub": "alice", "exp": 1, "name": "a\u{202e}b"}),
    );
    let said = installation.run_with(&["token", "inspect"], &format!("{token}\n")).accepted();
    assert!(
        said.starts_with("NOT VERIFIED") && said.contains("1970-01-01T00:00:01Z") && said.contains("ago"),
        "{said}"
    );
    assert!(!said.contains('\u{202e}'));
    let read = installation.run_with(&["token", "inspect", "--json"], &token).json();
    assert_eq!(
        (&read["verified"], &read["expired"], &read["claims"]["sub"]),
        (&false.into(), &true.into(), &"alice".into())
    );
    assert_eq!(read["refused_because"], Value::Null);
}

#[test]
fn j01_a_token_without_signature_is_shown_with_a_warning() {
    let installation = Installation::empty();
    let token = forged(&json!({"alg": "none"}), &json!({"sub": "alice"}));
    let read = installation.run_with(&["token", "inspect", "--json"], &token).json();
    assert!(read["refused_because"].as_str().unwrap().contains("algorithm"));
}

#[test]
fn what_is_not_a_jwt_is_refused() {
    let installation = Installation::empty();
    for (text, expected) in
        [("", "empty"), ("hello", "not a JWT"), ("a.b.c.d", "not a JWT"), ("tsr_rt_abc", "refresh token")]
    {
        assert!(installation.run_with(&["token", "inspect"], text).refused(65).contains(expected), "{text}");
    }
}

/// Adds a machine client at the command line and gets its first token from the running server.
async fn first_token(installation: &Installation, server: &Server, token_type: &str) -> String {
    let api = ["api", "add", AUDIENCE, "--name", "Orders", "--scope", "orders.read"];
    installation.json(&[&api[..], &["--token-type", token_type]].concat());
    let service = ["client", "add", "--kind", "service", "--name", "Job", "--id", "job"];
    let client =
        installation.json(&[&service[..], &["--scope", "orders.read", "--audience", AUDIENCE]].concat());
    let secret = client["client_secret"].as_str().unwrap();
    let http = &reqwest::Client::new_for_tests();
    let url = &format!("http://{}/token", server.address);
    let token = std::sync::Mutex::new(String::new());
    eventually("the server knows a client made at the command line", || async {
        let form = [("grant_type", "client_credentials"), ("scope", "orders.read")];
        let response = http.post(url).basic_auth("job", Some(secret)).form(&form).send().await.unwrap();
        let body: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        body["access_token"].as_str().map(|issued| issued.clone_into(&mut token.lock().unwrap())).is_some()
    })
    .await;
    token.into_inner().unwrap()
}

#[tokio::test]
async fn a_token_of_a_running_server_is_verified_and_dies_with_its_client() {
    let installation = Installation::empty();
    let server = installation.serve();
    let token = first_token(&installation, &server, "at+jwt").await;
    let issuer = server.issuer.clone();
    let verify = |audience: &str| {
        let args = ["token", "verify", "--json", "--issuer", &issuer, "--audience", audience];
        installation.run_with(&args, &token)
    };
    let said = verify(AUDIENCE).json();
    assert_eq!((&said["valid"], &said["claims"]["client_id"]), (&true.into(), &"job".into()));
    let other = verify("https://other.example.com");
    assert_eq!(other.code, Some(65), "{other:?}");
    let reason: Value = serde_json::from_str(&other.stdout).unwrap();
    assert_eq!(reason, json!({"valid": false, "reason": "wrong_audience"}));
    installation.json(&["client", "disable", "job", "--yes"]);
    eventually("the token of a client turned off is refused", || async {
        let outcome = verify(AUDIENCE);
        outcome.code == Some(65) && outcome.stdout.contains("revoked")
    })
    .await;
    drop(server);
    assert!(verify(AUDIENCE).refused(69).contains("unknown whether the token is valid"));
}

#[tokio::test]
async fn j25_a_token_that_says_jwt_is_verified_where_it_is_expected() {
    let installation = Installation::empty();
    let server = installation.serve();
    let token = first_token(&installation, &server, "jwt").await;
    let verify = ["token", "verify", "--json", "--issuer", &server.issuer, "--audience", AUDIENCE];
    let refused = installation.run_with(&verify, &token);
    assert_eq!(refused.code, Some(65), "{refused:?}");
    let reason: Value = serde_json::from_str(&refused.stdout).unwrap();
    assert_eq!(reason, json!({"valid": false, "reason": "wrong_type"}));
    let told = installation.run_with(&[&verify[..], &["--token-type", "jwt"]].concat(), &token).json();
    assert_eq!(told["valid"], true, "{told}");
}
