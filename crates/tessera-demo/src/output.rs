//! What the demo prints about itself: text for people, or one line of JSON.
//!
//! The password and the secrets of the test clients are printed here and nowhere else. They are never logged.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tessera_openid_client::Registration;

use crate::ports::Sites;
use crate::registry::Person;

/// What there is to print.
pub(crate) struct Summary<'a> {
    pub(crate) sites: &'a Sites,
    pub(crate) person: &'a Person,
    pub(crate) data_dir: &'a Path,
}

/// Prints it for people.
pub(crate) fn print_text(summary: &Summary<'_>) {
    // If nobody reads it, the servers run all the same.
    let _ = std::io::stdout().write_all(text(summary).as_bytes());
}

fn text(summary: &Summary<'_>) -> String {
    let Summary { sites, person, data_dir } = summary;
    let (username, data_dir) = (&person.username, data_dir.display());
    let (password, set_password) = match &person.password {
        Some(password) => (format!("{password}   (shown this once)"), String::new()),
        None => (
            "the one printed at the first start, or set since".to_owned(),
            format!(
                "Lost the password? Set a new one:\n  tessera user set-password {username} --data {data_dir}\n\n"
            ),
        ),
    };
    format!(
        "
Tessera demo, on this machine only

  sample application   {web}   <- start here
  sample API           {api}/orders
  issuer               {issuer}

  username   {username}
  password   {password}

{set_password}The data are in {data_dir}. Ctrl-C stops the demo.
",
        web = sites.web,
        api = sites.api,
        issuer = sites.issuer,
    )
}

/// Prints it for a program: one line.
pub(crate) fn print_json(summary: &Summary<'_>, clients: &BTreeMap<&str, Registration>) {
    let mut line = json(summary, clients).to_string();
    line.push('\n');
    let mut stdout = std::io::stdout();
    let _ = stdout.write_all(line.as_bytes()).and_then(|()| stdout.flush());
}

fn json(summary: &Summary<'_>, clients: &BTreeMap<&str, Registration>) -> Value {
    let client = |registration: &Registration| {
        let mut client = json!({
            "client_id": registration.client_id,
            "client_secret": registration.client_secret,
            "scope": registration.scope,
        });
        if !registration.redirect_uri.is_empty() {
            client["redirect_uri"] = registration.redirect_uri.clone().into();
        }
        client
    };
    let clients: BTreeMap<&str, Value> =
        clients.iter().map(|(name, client_of)| (*name, client(client_of))).collect();
    json!({
        "ready": true,
        "issuer": summary.sites.issuer,
        "web": summary.sites.web,
        "api": summary.sites.api,
        "username": summary.person.username,
        "password": summary.person.password,
        "clients": clients,
    })
}

/// Opens a browser if somebody sits at a terminal. It is no error if none opens: the address has been printed.
pub(crate) fn open_browser(url: &str) {
    if !std::io::stdout().is_terminal() {
        return;
    }
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let quiet = Command::new(opener)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if let Err(error) = quiet {
        tracing::debug!(%error, "no browser was opened");
    }
}

#[cfg(test)]
mod tests {
    use tessera_jose::Algorithm;

    use super::*;

    fn sites() -> Sites {
        let site = |port: u16| format!("http://localhost:{port}");
        Sites { issuer: site(1), web: site(2), api: site(3) }
    }

    fn person(password: Option<&str>) -> Person {
        Person { username: "alice".to_owned(), password: password.map(str::to_owned) }
    }

    #[test]
    fn the_first_start_shows_the_password() {
        let summary = Summary { sites: &sites(), person: &person(Some("s3cret")), data_dir: Path::new("d") };
        let text = text(&summary);
        assert!(
            text.contains("s3cret   (shown this once)")
                && text.contains("http://localhost:2   <- start here")
        );
        assert!(!text.contains("set-password"));
    }

    #[test]
    fn a_later_start_says_how_to_set_a_new_one() {
        let summary = Summary { sites: &sites(), person: &person(None), data_dir: Path::new("some/folder") };
        let text = text(&summary);
        assert!(text.contains("printed at the first start"));
        assert!(text.contains("tessera user set-password alice --data some/folder"), "{text}");
    }

    #[test]
    fn programs_read_one_object() {
        let web = Registration {
            client_id: "e2e-web".to_owned(),
            client_secret: "hidden".to_owned(),
            redirect_uri: "http://127.0.0.1/callback".to_owned(),
            scope: "openid".to_owned(),
            id_token_alg: Algorithm::Rs256,
        };
        let service = Registration { redirect_uri: String::new(), ..web.clone() };
        let summary = Summary { sites: &sites(), person: &person(Some("p")), data_dir: Path::new("d") };
        let json = json(&summary, &BTreeMap::from([("e2e-web", web), ("e2e-service", service)]));
        assert_eq!(json["ready"], true);
        assert_eq!((&json["username"], &json["password"]), (&"alice".into(), &"p".into()));
        assert_eq!(json["clients"]["e2e-web"]["redirect_uri"], "http://127.0.0.1/callback");
        assert_eq!(json["clients"]["e2e-service"].get("redirect_uri"), None);
        assert!(!json.to_string().contains('\n'));
    }
}
