//! One mail over one connection. Each stage has errors of its own, because an answer means another thing in each.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::Path;
use std::time::Duration;

use lettre::Message;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use tessera_app::ports::MailError;

use crate::config::{MailSecurity, MailSettings};
use crate::secret_file;

/// The longest that a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest that all of it may take, until the server has taken the mail.
const SEND_TIMEOUT: Duration = Duration::from_secs(25);
/// How long the server may take to say goodbye. The mail is sent by then.
const GOODBYE_TIMEOUT: Duration = Duration::from_secs(2);
/// The answer to a mail that the server has taken (RFC 5321 section 4.3.2).
const TAKEN: u16 = 250;
/// With STARTTLS, somebody on the way can send answers before TLS begins. They must not count for what is asked afterwards.
const FALSE_ANSWER: &str = "an answer came that the server has not given";
/// Answers that ask for a login, or refuse it (RFC 4954 section 6, RFC 3207 section 4).
const ABOUT_LOGIN: [u16; 4] = [530, 534, 535, 538];

/// Why the server did not take a mail.
#[derive(Debug)]
pub(crate) struct Failed {
    /// For the outbox.
    pub(crate) error: MailError,
    /// For an administrator who tries it out. May repeat what the server said.
    said: String,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error, self.said)
    }
}

impl Failed {
    pub(super) fn new(error: MailError, said: &dyn fmt::Display) -> Self {
        Self { error, said: said.to_string() }
    }
}

/// Hands a mail to the server. `name` is what we call ourselves.
pub(super) async fn deliver(settings: &MailSettings, name: &ClientId, mail: &Message) -> Result<(), Failed> {
    let sent = tokio::time::timeout(SEND_TIMEOUT, send(settings, name, mail)).await;
    let mut connection = sent.unwrap_or_else(|elapsed| Err(Failed::new(MailError::TimedOut, &elapsed)))?;
    // Whatever comes of it, the server has the mail.
    let _ = tokio::time::timeout(GOODBYE_TIMEOUT, connection.quit()).await;
    Ok(())
}

async fn send(
    settings: &MailSettings,
    name: &ClientId,
    mail: &Message,
) -> Result<AsyncSmtpConnection, Failed> {
    let mut connection = connect(settings, name).await?;
    if let Some(login) = &settings.login {
        let password = secret_file::password(&login.password_file)
            .map_err(|error| Failed::new(MailError::Login, &error))?;
        let credentials = Credentials::new(login.username.clone(), (*password).clone());
        let mechanisms = [Mechanism::Plain, Mechanism::Login];
        connection.auth(&mechanisms, &credentials).await.map_err(|error| failed(&error, MailError::Login))?;
    }
    let sent = connection.send(mail.envelope(), &mail.formatted()).await;
    let answer = sent.map_err(|error| failed(&error, answer_to_mail(&error)))?;
    // Another code answers another command: somebody has put an answer in.
    if answer.has_code(TAKEN) { Ok(connection) } else { Err(Failed::new(MailError::Tls, &FALSE_ANSWER)) }
}

async fn connect(settings: &MailSettings, name: &ClientId) -> Result<AsyncSmtpConnection, Failed> {
    let address = (&*settings.host, settings.port);
    let open = async |tls| {
        let opened =
            AsyncSmtpConnection::connect_tokio1(address, Some(CONNECT_TIMEOUT), name, tls, None).await;
        opened.map_err(|error| failed(&error, MailError::Unreachable))
    };
    match settings.security {
        MailSecurity::Tls => open(Some(tls(settings)?)).await,
        MailSecurity::None => open(None).await,
        MailSecurity::StartTls => {
            let mut connection = open(None).await?;
            if !connection.can_starttls() {
                return Err(Failed::new(MailError::Tls, &"the server does not offer STARTTLS"));
            }
            let upgraded = connection.starttls(tls(settings)?, name).await;
            upgraded.map_err(|error| failed(&error, MailError::Tls))?;
            // A server does not speak unasked. What is there already was sent before TLS began, by anybody.
            let unasked = tokio::time::timeout(Duration::ZERO, connection.read_response()).await;
            if unasked.is_ok() { Err(Failed::new(MailError::Tls, &FALSE_ANSWER)) } else { Ok(connection) }
        }
    }
}

fn tls(settings: &MailSettings) -> Result<TlsParameters, Failed> {
    let wrong = |error: &dyn fmt::Display| Failed::new(MailError::Tls, error);
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(file) = &settings.ca_file {
        let certificates = certificates(file).map_err(|error| wrong(&error))?;
        builder = builder.certificate_store(CertificateStore::None).add_root_certificate(certificates);
    }
    builder.build().map_err(|error| wrong(&error))
}

/// Reads certificates that others must chain to.
///
/// # Errors
/// What is wrong with the file, in words.
pub(crate) fn certificates(file: &Path) -> Result<Certificate, String> {
    let wrong = |error: &dyn fmt::Display| format!("{}: {error}", file.display());
    let pem = std::fs::read(file).map_err(|error| wrong(&error))?;
    if !pem.windows(11).any(|bytes| bytes == b"CERTIFICATE") {
        return Err(wrong(&"holds no certificate in PEM form"));
    }
    Certificate::from_pem(&pem).map_err(|error| wrong(&error))
}

/// What failed at a stage, unless time or TLS was the reason.
fn failed(error: &SmtpError, at_this_stage: MailError) -> Failed {
    let kind = if error.is_timeout() {
        MailError::TimedOut
    } else if is_about_tls(error) {
        MailError::Tls
    } else {
        at_this_stage
    };
    Failed::new(kind, error)
}

fn is_about_tls(error: &SmtpError) -> bool {
    let mut source: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = source {
        let inside = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if error.is::<rustls::Error>() || inside.is_some_and(<dyn Error + Send + Sync>::is::<rustls::Error>) {
            return true;
        }
        source = error.source();
    }
    error.is_tls()
}

/// What it means if the server does not take the mail itself.
fn answer_to_mail(error: &SmtpError) -> MailError {
    let code = error.status().map(u16::from);
    if code.is_some_and(|code| ABOUT_LOGIN.contains(&code)) {
        MailError::Login
    } else if error.is_permanent() || error.is_client() {
        // The client's own reason: this server cannot take an address with letters beyond ASCII.
        MailError::Rejected
    } else if error.is_transient() {
        MailError::Deferred
    } else {
        MailError::Unreachable
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn settings(port: u16, security: MailSecurity) -> MailSettings {
        let from = "login@example.com".parse().unwrap();
        let host = "127.0.0.1".to_owned();
        MailSettings { host, port, security, login: None, ca_file: None, from, reply_to: None }
    }

    #[tokio::test(start_paused = true)]
    async fn f35_a_server_that_says_nothing_is_left_after_a_while() {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = silent.local_addr().unwrap().port();
        let mail = Message::builder()
            .from("login@example.com".parse().unwrap())
            .to("ada@example.com".parse().unwrap())
            .body(String::new())
            .unwrap();
        let name = ClientId::Domain("login.example.com".to_owned());
        for security in [MailSecurity::StartTls, MailSecurity::Tls, MailSecurity::None] {
            let begun = tokio::time::Instant::now();
            let failed = deliver(&settings(port, security), &name, &mail).await.unwrap_err();
            assert_eq!(failed.error, MailError::TimedOut, "{security:?} {failed}");
            assert!(begun.elapsed() <= SEND_TIMEOUT + Duration::from_secs(1), "{:?}", begun.elapsed());
        }
    }
}
