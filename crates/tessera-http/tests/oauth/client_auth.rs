//! Client authentication (RFC 6749 section 2.3), with the registered method only.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use rstest::rstest;
use tessera_model::{ClientAuthMethod, ClientKind, EventCode};
use tessera_testkit::browser::Answer;
use tessera_testkit::server::{Backend, TestClient, TestServer, VERIFIER};

const GRANT: (&str, &str) = ("grant_type", "client_credentials");
const ASSERTION: (&str, &str) = ("client_assertion", "eyJhbGciOiJub25lIn0.e30.");
const ASSERTION_TYPE: (&str, &str) =
    ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");

fn basic(text: impl AsRef<[u8]>) -> String {
    // The alphabet of base64url differs in two characters, and padding is left out.
    let mut encoded = tessera_jose::base64url::encode(text).replace('-', "+").replace('_', "/");
    while !encoded.len().is_multiple_of(4) {
        encoded.push('=');
    }
    format!("Basic {encoded}")
}

fn assert_refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!((answer.status, &*answer.error()), (status, error), "{}", answer.body);
    assert_eq!(answer.header("www-authenticate"), if status == 401 { "Basic realm=\"tessera\"" } else { "" });
    assert_eq!(
        (answer.header("cache-control"), answer.header("content-type")),
        ("no-store", "application/json")
    );
}

struct Clients {
    server: TestServer,
    basic: TestClient,
    post: TestClient,
    public: TestClient,
}

async fn clients() -> Clients {
    let server = TestServer::start(Backend::Sqlite).await;
    let basic = server
        .add_client_with(ClientKind::Service, |new| {
            new.auth_method = Some(ClientAuthMethod::ClientSecretBasic);
        })
        .await;
    let post = server
        .add_client_with(ClientKind::Service, |new| {
            new.auth_method = Some(ClientAuthMethod::ClientSecretPost);
        })
        .await;
    let public = server.add_client(ClientKind::Spa).await;
    Clients { server, basic, post, public }
}

#[tokio::test]
async fn protocol_32_each_client_authenticates_as_registered() {
    let Clients { server, basic: by_header, post, .. } = clients().await;
    assert_eq!(server.post("/token", &by_header, &[GRANT]).await.status, 200);
    assert_eq!(server.post("/token", &by_header, &[GRANT, ("client_id", &by_header.id)]).await.status, 200);
    let form = [GRANT, ("client_id", &post.id), ("client_secret", &post.secret)];
    assert_eq!(server.post_form("/token", &form).await.status, 200);
}

#[rstest]
#[case::token("/token")]
#[case::revocation("/revoke")]
#[tokio::test]
async fn o32_any_other_method_or_two_at_once_are_refused(#[case] path: &str) {
    let Clients { server, basic: by_header, post, public } = clients().await;
    let (id, secret) = (("client_id", &*by_header.id), ("client_secret", &*by_header.secret));
    let header = basic(format!("{}:{}", by_header.id, by_header.secret));
    let token = ("token", "x");
    for two in [
        &[GRANT, token, id, secret][..],
        &[GRANT, token, ASSERTION, ASSERTION_TYPE],
        &[GRANT, token, ASSERTION],
    ] {
        assert_refused(&server.post_as(path, &header, two).await, 400, "invalid_request");
    }
    let form = [GRANT, token, id, secret, ASSERTION, ASSERTION_TYPE];
    assert_refused(&server.post_form(path, &form).await, 400, "invalid_request");
    for none_or_other in [
        &[GRANT, token][..],
        &[GRANT, token, id],
        &[GRANT, token, id, secret],
        &[GRANT, token, id, ASSERTION, ASSERTION_TYPE],
        &[GRANT, token, ASSERTION, ASSERTION_TYPE],
        &[GRANT, token, ("client_id", &post.id)],
        &[GRANT, token, ("client_id", &public.id), secret],
        &[GRANT, token, ("client_id", &public.id), ("client_secret", "guess")],
    ] {
        assert_refused(&server.post_form(path, none_or_other).await, 401, "invalid_client");
    }
    for wrong in [
        basic(format!("{}:{}", post.id, post.secret)),
        basic(format!("{}:{}", public.id, "x")),
        basic(format!("{}:", by_header.id)),
        basic(format!("{}:{}", by_header.id, post.secret)),
    ] {
        assert_refused(&server.post_as(path, &wrong, &[GRANT, token]).await, 401, "invalid_client");
    }
    let other_name = [GRANT, token, ("client_id", &*post.id)];
    assert_refused(&server.post_as(path, &header, &other_name).await, 401, "invalid_client");
    let twice =
        server.http.post(server.url(path)).header("authorization", &header).header("authorization", &header);
    let answer = Answer::read(twice.form(&[GRANT, token]).send().await.unwrap()).await;
    assert_refused(&answer, 400, "invalid_request");
}

/// A library that tries both methods shows only the second refusal, so both refusals say the same.
#[tokio::test]
async fn protocol_32_a_client_with_a_secret_may_send_it_in_either_place() {
    let Clients { server, public, .. } = clients().await;
    let client = server.add_client(ClientKind::Service).await;
    let header = |secret: &str| basic(format!("{}:{secret}", client.id));
    assert_eq!(server.post_as("/token", &header(&client.secret), &[GRANT]).await.status, 200);
    let form = [GRANT, ("client_id", &client.id), ("client_secret", &client.secret)];
    assert_eq!(server.post_form("/token", &form).await.status, 200);
    let wrong = [GRANT, ("client_id", &*client.id), ("client_secret", "guess")];
    let refused = [
        server.post_as("/token", &header("guess"), &[GRANT]).await,
        server.post_form("/token", &wrong).await,
    ];
    for answer in &refused {
        assert_refused(answer, 401, "invalid_client");
    }
    assert_eq!(refused[0].body, refused[1].body);
    assert_refused(
        &server.post_form("/token", &[GRANT, ("client_id", &client.id)]).await,
        401,
        "invalid_client",
    );
    server.add_user("alice").await;
    let public_name = basic(format!("{}:", public.id));
    let code = server.code(&public, "openid", "alice").await;
    let form = [("grant_type", "authorization_code"), ("code", &*code), ("code_verifier", VERIFIER)];
    let exchanged = server.post_as("/token", &public_name, &form).await;
    assert_eq!(exchanged.status, 200, "{}", exchanged.body);
    let answer = server.post_as("/revoke", &public_name, &[("token", "x")]).await;
    assert_eq!(answer.status, 200, "a public client may send its name by Basic: {}", answer.body);
}

#[tokio::test]
async fn o32_a_refusal_helps_who_has_the_secret_and_nobody_else() {
    let Clients { server, basic: by_header, post, public } = clients().await;
    let either = server.add_client(ClientKind::Service).await;
    let told = |answer: Answer| answer.json()["error_description"].as_str().unwrap_or_default().to_owned();
    let by_form = async |id: &str, secret: &str| {
        told(server.post_form("/token", &[GRANT, ("client_id", id), ("client_secret", secret)]).await)
    };
    let generic = by_form("c-unknown", "guess").await;
    assert!(by_form(&by_header.id, &by_header.secret).await.contains("client_secret_basic"));
    assert_eq!(by_form(&by_header.id, "guess").await, generic, "a guess learns nothing");
    assert_eq!(by_form(&either.id, "guess").await, generic);
    let header = basic(format!("{}:{}", post.id, post.secret));
    assert!(told(server.post_as("/token", &header, &[GRANT]).await).contains("client_secret_post"));
    assert!(by_form(&public.id, "x").await.contains("public"));
    assert!(by_form(&either.id, "").await.contains("HTTP Basic"));
}

#[rstest]
#[case::token("/token")]
#[case::revocation("/revoke")]
#[tokio::test]
async fn o32_no_credential_stands_in_the_query_alone_or_beside_others(#[case] path: &str) {
    let Clients { server, basic: by_header, post, .. } = clients().await;
    let header = basic(format!("{}:{}", by_header.id, by_header.secret));
    let token = ("token", "x");
    let in_body = [GRANT, token, ("client_id", &*post.id), ("client_secret", &*post.secret)];
    for query in [
        &*format!("client_id={}&client_secret={}", post.id, post.secret),
        "client_secret=x",
        "client_secret",
        "client%5Fsecret=x",
        "a=%zz&client_secret=x",
        "client_secret=x&client_secret=x",
        "client_assertion=x",
        "access_token=x",
        "code=x",
        "code_verifier=x",
        "refresh_token=x",
        "token=x",
        "password=x",
    ] {
        let path = format!("{path}?{query}");
        for answer in [
            server.post_as(&path, &header, &[GRANT, token]).await,
            server.post_form(&path, &in_body).await,
            server.post_form(&path, &[GRANT, token]).await,
        ] {
            assert_refused(&answer, 400, "invalid_request");
            let told = answer.json()["error_description"].as_str().unwrap().to_owned();
            assert!(told.contains("never in the query"), "{path} {told}");
        }
    }
    // Parameters that are no credentials may be in the query. They are not read.
    for query in ["", "x=1", "client_id=other", "grant_type=password", "a=%zz"] {
        let answer = server.post_as(&format!("{path}?{query}"), &header, &[GRANT, token]).await;
        assert_eq!(answer.status, 200, "{query} {}", answer.body);
    }
}

#[tokio::test]
async fn o32_an_unknown_client_looks_like_a_wrong_secret() {
    let Clients { server, basic: client, .. } = clients().await;
    let wrong = TestClient { secret: "tsr_cs_wrong".to_owned(), ..client.clone() };
    let unknown = TestClient { id: "c-unknown".to_owned(), ..client };
    let (wrong, unknown) =
        (server.post("/token", &wrong, &[GRANT]).await, server.post("/token", &unknown, &[GRANT]).await);
    assert_refused(&wrong, 401, "invalid_client");
    assert_eq!((wrong.status, &wrong.body), (unknown.status, &unknown.body));
    let names = |answer: &Answer| answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(&wrong), names(&unknown));
    let failed = server.events(EventCode::ClientAuthFailed).await;
    assert_eq!(failed.len(), 2);
    assert!(
        failed.iter().all(|event| event.actor == "anonymous" && event.ip.as_deref() == Some("127.0.0.1"))
    );
}

#[tokio::test]
async fn i07_a_secret_in_the_field_of_the_client_id_is_not_written_down() {
    let Clients { server, basic: client, .. } = clients().await;
    let mistaken = TestClient { id: client.secret.clone(), secret: client.secret.clone() };
    assert_refused(&server.post("/token", &mistaken, &[GRANT]).await, 401, "invalid_client");
    let trail = format!("{:?}", server.audit_trail().await);
    assert!(trail.contains("ClientAuthFailed") && !trail.contains(&client.secret), "{trail}");
}

#[tokio::test]
async fn o33_basic_is_form_encoded_before_base64() {
    let Clients { server, basic: client, .. } = clients().await;
    let percent = |text: &str| text.bytes().fold(String::new(), |encoded, c| encoded + &format!("%{c:02X}"));
    let (id, secret) = (client.id.as_str(), client.secret.as_str());
    let plain = basic(format!("{id}:{secret}"));
    for good in [
        basic(format!("{}:{}", percent(id), percent(secret))),
        basic(format!("{id}:{}", percent(secret).to_lowercase())),
        plain.replacen("Basic", "bAsIc", 1),
        plain.replacen(' ', "  ", 1),
    ] {
        assert_eq!(server.post_as("/token", &good, &[GRANT]).await.status, 200, "{good}");
    }
    for bad in [
        "Basic".to_owned(),
        "Basic ".to_owned(),
        "Basic !!!".to_owned(),
        "Basic\t".to_owned() + &plain[6..],
        plain.replace("Basic ", ""),
        plain.replace("Basic", "Bearer"),
        plain.replace("Basic", "Digest"),
        format!("{plain}, {plain}"),
        plain.trim_end_matches('=').to_owned() + "====",
        basic(id),
        basic(""),
        basic(":"),
        basic(format!("{id}:")),
        basic(format!(":{secret}")),
        basic(format!("{id}:{secret}%")),
        basic(format!("{id}:{secret}%zz")),
        basic(format!("{id}:%ff")),
        basic(format!("{id}:%00{secret}")),
        basic(format!("{id}:{secret} ")),
        basic(format!("{id}:{secret}\n")),
        basic(format!("{id}+:{secret}")),
        basic(format!("{id}%3A{secret}")),
        basic(format!("ü:{secret}")),
        basic([id.as_bytes(), b":\xff\xfe"].concat()),
        basic(format!("{id}:{}", "s".repeat(100_000))),
    ] {
        let answer = server.post_as("/token", &bad, &[GRANT]).await;
        assert_refused(&answer, 401, "invalid_client");
        // Up to twenty failures a minute get the usual answer.
        server.advance(10);
    }
}

#[tokio::test]
async fn o33_a_header_of_a_mebibyte_is_refused_before_it_is_kept() {
    let Clients { server, basic: client, .. } = clients().await;
    let huge = basic(format!("{}:{}", client.id, "s".repeat(1 << 20)));
    let request = server.http.post(server.url("/token")).header("authorization", huge).form(&[GRANT]);
    // The server may also close the connection while the client is still sending.
    if let Ok(answer) = request.send().await {
        assert_eq!(answer.status().as_u16(), 431);
    }
    assert_eq!(server.post("/token", &client, &[GRANT]).await.status, 200);
}

#[tokio::test]
async fn o35_twenty_failures_a_minute_stop_the_guesser_and_nobody_else() {
    let Clients { server, basic: client, post, .. } = clients().await;
    let guess = TestClient { secret: "tsr_cs_guess".to_owned(), ..client.clone() };
    for _ in 0..20 {
        assert_refused(&server.post("/token", &guess, &[GRANT]).await, 401, "invalid_client");
    }
    let answer = server.post("/token", &guess, &[GRANT]).await;
    assert_eq!((answer.status, &*answer.error()), (429, "invalid_client"));
    assert_eq!((answer.header("retry-after"), answer.header("cache-control")), ("60", "no-store"));
    let itself = server.post("/token", &client, &[GRANT]).await;
    assert_eq!(itself.status, 200, "a guesser behind the same proxy does not keep the client out");
    let written = server.events(EventCode::ClientAuthFailed).await;
    assert_eq!(written.len(), 10, "the audit trail has room for so many a minute");
    let form = [GRANT, ("client_id", &post.id), ("client_secret", &post.secret)];
    assert_eq!(server.post_form("/token", &form).await.status, 200, "another client from the same address");
    let elsewhere = server.http_from(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2)));
    let request = elsewhere.post(server.url("/token")).basic_auth(&client.id, Some(&client.secret));
    let answer = Answer::read(request.form(&[GRANT]).send().await.unwrap()).await;
    assert_eq!(answer.status, 200, "the same client from another address: {}", answer.body);
    server.advance(59);
    assert_eq!(server.post("/token", &guess, &[GRANT]).await.status, 429);
    server.advance(1);
    assert_refused(&server.post("/token", &guess, &[GRANT]).await, 401, "invalid_client");
    tessera_app::audit::flush(&server.app).await.unwrap();
    let written = server.events(EventCode::ClientAuthFailed).await;
    let sums: Vec<_> = written.iter().filter(|event| event.request_id.is_none()).collect();
    assert_eq!((written.len(), sums.len()), (12, 1), "nobody else needs to be denied for the number");
    assert_eq!((sums[0].detail.as_deref(), sums[0].ip.as_deref()), (Some("12 more"), Some("127.0.0.1")));
    assert_eq!(sums[0].client_id.as_ref().map(ToString::to_string), Some(client.id.clone()));
}

#[rstest]
#[tokio::test]
async fn s19_the_numbers_are_written_at_the_end_too(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    for number in 0..15 {
        let made_up = TestClient { id: format!("made-up-{number}"), secret: "tsr_cs_guess".to_owned() };
        server.post("/token", &made_up, &[GRANT]).await;
    }
    tessera_app::audit::flush(&server.app).await.unwrap();
    assert_eq!(server.events(EventCode::ClientAuthFailed).await.len(), 10, "the minute is not over");
    tessera_app::audit::settle(&server.app).await.unwrap();
    tessera_app::audit::settle(&server.app).await.unwrap();
    let written = server.events(EventCode::ClientAuthFailed).await;
    let sums: Vec<_> = written.iter().filter(|event| event.request_id.is_none()).collect();
    assert_eq!((written.len(), sums.len()), (11, 1));
    assert_eq!((sums[0].detail.as_deref(), &sums[0].client_id), (Some("5 more"), &None));
}

#[rstest]
#[tokio::test]
async fn two_secrets_overlap_while_a_deployment_changes_over(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server =
        TestServer::start_with(backend, |config| config.lifetimes.secret_overlap = Duration::from_secs(100))
            .await;
    let first = server.add_client(ClientKind::Service).await;
    let rotate = async || {
        let secret = tessera_app::clients::rotate_secret(&server.cli(), &first.id.parse().unwrap())
            .await
            .unwrap()
            .secret;
        server.refresh().await;
        TestClient { secret: secret.to_string(), ..first.clone() }
    };
    let works = async |client: &TestClient| server.post("/token", client, &[GRANT]).await.status == 200;
    let second = rotate().await;
    server.advance(99);
    assert!(works(&first).await && works(&second).await);
    server.advance(1);
    assert!(!works(&first).await && works(&second).await);
    let third = rotate().await;
    let fourth = rotate().await;
    assert!(!works(&first).await && !works(&second).await, "at most two at once");
    assert!(works(&third).await && works(&fourth).await);
}
