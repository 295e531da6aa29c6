//! A server behind a proxy that names the address of its client.

use crate::support::{ForTests as _, Installation, Server};

async fn guess(server: &Server, header: &str, value: &str) -> u16 {
    let request = reqwest::Client::new_for_tests().post(format!("http://{}/token", server.address));
    let request = request.basic_auth("made-up", Some("guess")).header(header, value);
    request.form(&[("grant_type", "client_credentials")]).send().await.unwrap().status().as_u16()
}

fn addresses(installation: &Installation) -> Vec<String> {
    let listed = installation.json(&["audit", "list", "--code", "client.auth_failed"]);
    let events = listed["events"].as_array().unwrap().iter();
    events.map(|event| event["ip"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn l08_the_proxies_of_the_settings_are_believed() {
    let installation = Installation::init();
    let mut command = installation.command(&["serve", "--dev"]);
    command.env("TESSERA_SERVER_TRUSTED_PROXIES", "127.0.0.1, 2001:db8::/48");
    command.env("TESSERA_SERVER_CLIENT_ADDRESS_HEADER", "forwarded");
    let server = Server::start(command);
    assert_eq!(guess(&server, "forwarded", "for=\"[2001:db8:1::7]:443\"").await, 401);
    assert_eq!(addresses(&installation), ["2001:db8:1::7"]);
}

#[tokio::test]
async fn l08_a_proxy_that_is_not_in_the_settings_is_told_once() {
    let installation = Installation::init();
    let server = installation.serve();
    for number in 0..3 {
        assert_eq!(guess(&server, "x-forwarded-for", "203.0.113.7").await, 401, "{number}");
    }
    let said = server.logged("the server ignored the header of a proxy");
    assert_eq!((said["level"].as_str(), said["peer"].as_str()), (Some("WARN"), Some("127.0.0.1")), "{said}");
    assert_eq!(said["header"], "x-forwarded-for", "{said}");
    assert!(said["message"].as_str().unwrap().contains("server.trusted_proxies"), "{said}");
    server.signal(rustix::process::Signal::TERM);
    let after = server.logged_until("stopped");
    let again = after.iter().filter(|event| event["peer"].is_string()).count();
    assert_eq!(again, 0, "once: {after:#?}");
    assert_eq!(addresses(&installation), ["127.0.0.1"; 3]);
}
