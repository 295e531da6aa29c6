//! From a letter to a message on the wire.

use std::fmt;

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, Message};
use tessera_app::outbox::Letter;
use tessera_app::ports::{MailError, Mailer, Sending};
use tessera_model::MailAddress;
use tessera_templates::ThemeError;
use url::{Host, Url};

use super::smtp::{Failed, deliver};
use super::words::Words;
use crate::config::{Config, MailSettings};

/// Sends mail by the server of the settings.
pub(crate) struct SmtpMailer {
    settings: MailSettings,
    /// The name beside the sender.
    sender: String,
    /// The host of the issuer: what we call ourselves, and the end of each message id.
    host: String,
    /// A server does not start with a broken theme. Commands do.
    words: Result<Words, ThemeError>,
}

impl SmtpMailer {
    /// `None` if the configuration names no mail server.
    pub(crate) fn of(config: &Config) -> Option<Self> {
        let settings = config.mail.clone()?;
        let host = Url::parse(&config.issuer).ok().and_then(|issuer| issuer.host_str().map(str::to_owned));
        Some(Self {
            settings,
            sender: config.site.organization.clone().unwrap_or_else(|| "Tessera".to_owned()),
            host: host.unwrap_or_else(|| "localhost".to_owned()),
            words: Words::load(config.theme.dir.as_deref(), config.site.clone(), config.issuer.clone()),
        })
    }

    /// Hands a letter to the server, and tells an administrator why not.
    pub(crate) async fn deliver(&self, letter: &Letter) -> Result<(), Failed> {
        let message = self.message(letter)?;
        deliver(&self.settings, &ClientId::Domain(self.host.clone()), &message).await
    }

    /// The id of every copy of a letter (RFC 5322 section 3.6.4).
    pub(crate) fn message_id(&self, letter: &Letter) -> String {
        format!("<{}@{}>", letter.id, self.host)
    }

    fn message(&self, letter: &Letter) -> Result<Message, Failed> {
        let unrenderable = |error: &dyn fmt::Display| Failed::new(MailError::Unrenderable, error);
        let words = self.words.as_ref().map_err(|error| unrenderable(error))?;
        let text = words.of(letter).map_err(|error| unrenderable(&error))?;
        let mut message = Message::builder()
            .message_id(Some(self.message_id(letter)))
            .from(mailbox(Some(&self.sender), &self.settings.from)?)
            .to(mailbox(None, &letter.to)?)
            .subject(text.subject)
            // RFC 3834 section 5: no program answers.
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ));
        if let Some(reply_to) = &self.settings.reply_to {
            message = message.reply_to(mailbox(None, reply_to)?);
        }
        let body = MultiPart::alternative_plain_html(text.plain, text.html);
        message.multipart(body).map_err(|error| unrenderable(&error))
    }
}

/// The domain is in ASCII then, so that only a local part beyond ASCII needs a server that takes one (RFC 6531).
fn mailbox(name: Option<&str>, address: &MailAddress) -> Result<Mailbox, Failed> {
    let rejected = |error: &dyn fmt::Display| Failed::new(MailError::Rejected, error);
    let (local, domain) = address.as_str().split_once('@').unwrap_or_default();
    let domain = Host::parse(domain).map_err(|error| rejected(&error))?;
    let address = Address::new(local, domain.to_string()).map_err(|error| rejected(&error))?;
    Ok(Mailbox::new(name.map(str::to_owned), address))
}

impl Mailer for SmtpMailer {
    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a> {
        Box::pin(async move { self.deliver(letter).await.map_err(|failed| failed.error) })
    }
}

#[cfg(test)]
mod tests {
    use tessera_app::outbox::Mail;
    use tessera_model::OutboxId;

    use super::*;
    use crate::config::MailSecurity;

    fn mailer(sender: &str) -> SmtpMailer {
        let settings = MailSettings {
            host: "smtp.example.com".to_owned(),
            port: 587,
            security: MailSecurity::StartTls,
            login: None,
            ca_file: None,
            from: "login@example.com".parse().unwrap(),
            reply_to: Some("help@example.com".parse().unwrap()),
        };
        let words =
            Words::load(None, tessera_http::pages::Site::default(), "https://login.example.com".to_owned());
        SmtpMailer { settings, sender: sender.to_owned(), host: "login.example.com".to_owned(), words }
    }

    fn letter(to: &str) -> Letter {
        let id = OutboxId::from_random([1; 16]);
        Letter { id, to: to.parse().unwrap(), language: None, mail: Mail::Test }
    }

    fn headers(message: &Message) -> Vec<String> {
        let text = String::from_utf8(message.formatted()).unwrap();
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        head.replace("\r\n ", " ").split("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn l25_a_mail_has_one_recipient_and_no_header_that_somebody_chose() {
        // The configuration takes one line.
        let sender = "Müller, \"Söhne\" <evil@evil.example>; Bcc: evil@evil.example";
        for to in ["ada@example.com", "ünï@bücher.example", "a'b+c@example.com"] {
            let message = mailer(sender).message(&letter(to)).unwrap();
            assert_eq!(message.envelope().to().len(), 1);
            assert_eq!(message.envelope().from().unwrap().to_string(), "login@example.com");
            let headers = headers(&message);
            let names: Vec<_> = headers.iter().filter_map(|line| line.split(':').next()).collect();
            let expected = [
                "Message-ID",
                "From",
                "To",
                "Subject",
                "Auto-Submitted",
                "Reply-To",
                "MIME-Version",
                "Date",
                "Content-Type",
            ];
            assert_eq!(names, expected, "{headers:#?}");
        }
    }

    #[test]
    fn the_domain_of_a_recipient_is_in_ascii() {
        let message = mailer("Tessera").message(&letter("ada@bücher.example")).unwrap();
        assert_eq!(message.envelope().to()[0].to_string(), "ada@xn--bcher-kva.example");
    }

    #[test]
    fn copies_of_a_letter_have_one_id() {
        let headers = |id| {
            let letter = Letter { id, ..letter("ada@example.com") };
            headers(&mailer("Tessera").message(&letter).unwrap()).remove(0)
        };
        let [one, again, other] = [1, 1, 2].map(|n| headers(OutboxId::from_random([n; 16])));
        assert_eq!(one, again);
        assert_ne!(one, other);
        assert!(one.starts_with("Message-ID: <") && one.ends_with("@login.example.com>"), "{one}");
    }
}
