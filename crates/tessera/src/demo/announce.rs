//! What the demo says about itself: to people, or in one line of JSON.
//!
//! The password and the secrets of the test clients are said here and nowhere else; they are not logged.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::ports::Sites;
use super::registry::Person;
use super::relying_party::Registration;

/// Everything there is to say.
pub(super) struct Announcement<'a> {
    pub(super) sites: &'a Sites,
    pub(super) person: &'a Person,
    pub(super) folder: &'a Path,
}

/// Says it to people.
pub(super) fn to_people(said: &Announcement<'_>) {
    // Nobody may be reading; the servers run all the same.
    let _ = std::io::stdout().write_all(text(said).as_bytes());
}

fn text(said: &Announcement<'_>) -> String {
    let Announcement { sites, person, folder } = said;
    let password = match &person.password {
        Some(password) => format!("{password}   (shown this once)"),
        None => "the one printed at the first start, or set since".to_owned(),
    };
    let lost = if person.password.is_some() { "" } else { "Lost the password? Set a new one:\n" };
    let set_password = if person.password.is_some() { String::new() } else { set_password(person, folder) };
    format!(
        "
Tessera demo, on this machine only

  sample application   {web}   <- start here
  sample API           {api}/orders
  issuer               {issuer}

  username   {username}
  password   {password}

{lost}{set_password}Data lie in {folder}. Ctrl-C stops the demo.
",
        web = sites.web,
        api = sites.api,
        issuer = sites.issuer,
        username = person.username,
        folder = folder.display(),
    )
}

fn set_password(person: &Person, folder: &Path) -> String {
    format!("  tessera user set-password {} --data {}\n\n", person.username, folder.display())
}

/// Says it to a program: one line.
pub(super) fn as_json(said: &Announcement<'_>, clients: &BTreeMap<&str, Registration>) {
    let mut line = json(said, clients).to_string();
    line.push('\n');
    let mut stdout = std::io::stdout();
    let _ = stdout.write_all(line.as_bytes()).and_then(|()| stdout.flush());
}

fn json(said: &Announcement<'_>, clients: &BTreeMap<&str, Registration>) -> Value {
    let client = |registration: &Registration| {
        let mut shown = json!({
            "client_id": registration.client_id,
            "client_secret": registration.client_secret,
            "scope": registration.scope,
        });
        if !registration.redirect_uri.is_empty() {
            shown["redirect_uri"] = registration.redirect_uri.clone().into();
        }
        shown
    };
    let clients: BTreeMap<&str, Value> =
        clients.iter().map(|(name, client_of)| (*name, client(client_of))).collect();
    json!({
        "ready": true,
        "issuer": said.sites.issuer,
        "web": said.sites.web,
        "api": said.sites.api,
        "username": said.person.username,
        "password": said.person.password,
        "clients": clients,
    })
}

/// Says why the demo does not run.
pub(super) fn failure(reason: &str) {
    let _ = writeln!(std::io::stderr(), "tessera demo: {reason}");
}

/// Opens a browser for somebody who sits at a terminal. That none opens is no error: the address has been printed.
pub(super) fn open_browser(url: &str) {
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
        let said = Announcement { sites: &sites(), person: &person(Some("s3cret")), folder: Path::new("d") };
        let text = text(&said);
        assert!(
            text.contains("s3cret   (shown this once)")
                && text.contains("http://localhost:2   <- start here")
        );
        assert!(!text.contains("set-password"));
    }

    #[test]
    fn a_later_start_says_how_to_set_a_new_one() {
        let said = Announcement { sites: &sites(), person: &person(None), folder: Path::new("some/folder") };
        let text = text(&said);
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
        let said = Announcement { sites: &sites(), person: &person(Some("p")), folder: Path::new("d") };
        let json = json(&said, &BTreeMap::from([("e2e-web", web), ("e2e-service", service)]));
        assert_eq!(json["ready"], true);
        assert_eq!((&json["username"], &json["password"]), (&"alice".into(), &"p".into()));
        assert_eq!(json["clients"]["e2e-web"]["redirect_uri"], "http://127.0.0.1/callback");
        assert_eq!(json["clients"]["e2e-service"].get("redirect_uri"), None);
        assert!(!json.to_string().contains('\n'));
    }
}
