//! What a mail says: its subject, a text and the same in HTML, in the language of the recipient.

use std::path::Path;

use jiff::Timestamp as Moment;
use tessera_app::outbox::{Code, Letter, Link, Mail, Notice, Origin};
use tessera_model::{Timestamp, Username};
use tessera_templates::{Engine, Language, RenderError, Site, Theme, ThemeError, Value, context, for_mail};

/// The compiled templates of mails.
pub(crate) struct Words {
    engine: Engine,
    /// Every link begins with it.
    issuer: String,
}

/// A mail in words.
pub(crate) struct Text {
    pub(crate) subject: String,
    pub(crate) plain: String,
    pub(crate) html: String,
}

/// What the templates of one form say. Each form is a file of text and one of HTML.
struct Page {
    form: &'static str,
    values: Value,
}

impl Words {
    /// Compiles the templates. Files of `theme` replace the embedded ones of the same name.
    ///
    /// # Errors
    /// Everything that is wrong with the files, with file and line.
    pub(crate) fn load(theme: Option<&Path>, site: Site, issuer: String) -> Result<Self, ThemeError> {
        Ok(Self { engine: Engine::for_mails(&Theme::read(theme)?, site)?, issuer })
    }

    /// Renders every mail in every language, with the files of a theme.
    ///
    /// # Errors
    /// Everything that is wrong with the theme, with file and line.
    pub(crate) fn check(theme: &Path) -> Result<(), ThemeError> {
        let theme = Theme::read(Some(theme))?;
        let engine = Engine::for_mails(&theme, Site::default())?;
        let pages: Vec<Page> = samples().iter().map(|mail| page(mail, "https://login.example.com")).collect();
        let files: Vec<[String; 3]> = pages.iter().map(|page| files(page.form)).collect();
        let each = files.iter().zip(&pages);
        engine.check(
            &theme,
            each.flat_map(|(files, page)| files.iter().map(|file| (&**file, page.values.clone()))),
        )
    }

    /// The words of a letter.
    ///
    /// # Errors
    /// A theme has changed since it was checked.
    pub(crate) fn of(&self, letter: &Letter) -> Result<Text, RenderError> {
        let Page { form, values } = page(&letter.mail, &self.issuer);
        let language = Language::choose(letter.language.as_deref(), None);
        let say = |file: &str| self.engine.render(file, language, values.clone());
        let [subject, plain, html] = files(form);
        let subject = say(&subject)?.split_whitespace().collect::<Vec<_>>().join(" ");
        Ok(Text { subject, plain: say(&plain)?.trim().to_owned() + "\n", html: say(&html)? })
    }
}

fn files(form: &str) -> [String; 3] {
    ["mail/subject.txt".to_owned(), format!("mail/{form}.txt"), format!("mail/{form}.html")]
}

fn page(mail: &Mail, issuer: &str) -> Page {
    let (form, values) = match mail {
        Mail::PasswordChanged(notice) | Mail::EmailChanged(notice) | Mail::RecoveryCodesMade(notice) => {
            ("notice", of_notice(notice, None))
        }
        Mail::FactorAdded { factor, notice } | Mail::FactorRemoved { factor, notice } => {
            ("notice", of_notice(notice, Some(factor)))
        }
        Mail::VerifyEmail(link)
        | Mail::ResetPassword(link)
        | Mail::Invitation(link)
        | Mail::LoginLink(link) => ("link", of_link(link, issuer)),
        Mail::LoginCode(Code { code, expires_at }) => ("code", context! { code, when => time(*expires_at) }),
        Mail::Test => ("test", context! {}),
    };
    let texts = format!("mail-{}", mail.kind().replace('_', "-"));
    Page { form, values: context! { texts, issuer, ..values } }
}

fn of_notice(notice: &Notice, factor: Option<&str>) -> Value {
    let (by_administrator, address, browser) = match &notice.by {
        Origin::Administrator => (true, None, None),
        Origin::Person { ip, browser } => (false, ip.map(|ip| ip.to_string()), browser.as_deref()),
    };
    context! {
        account => for_mail(notice.account.as_str()),
        factor => factor.map(for_mail),
        when => time(notice.at),
        by_administrator,
        address,
        browser,
    }
}

fn of_link(link: &Link, issuer: &str) -> Value {
    let account = link.account.as_ref().map(|account| for_mail(account.as_str()));
    context! { link => link.url(issuer), when => time(link.expires_at), account }
}

/// The same in every language, so that nobody takes the day for the month.
fn time(at: Timestamp) -> String {
    let moment = Moment::from_second(at.seconds()).unwrap_or_default();
    moment.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// A mail of each kind, and all that it can say.
fn samples() -> Vec<Mail> {
    let at = Timestamp::from_seconds(1_767_225_600);
    let Ok(account) = "alice".parse::<Username>() else { return Vec::new() };
    let notice = |by| Notice { account: account.clone(), at, by };
    let person =
        || Origin::Person { ip: Some([192, 0, 2, 1].into()), browser: Some("Firefox, Linux".to_owned()) };
    let link = || Link::new("/sample", ("token", "x"), at);
    let factor = || "Work phone".to_owned();
    vec![
        Mail::PasswordChanged(notice(Origin::Administrator)),
        Mail::PasswordChanged(notice(Origin::Person { ip: None, browser: None })),
        Mail::FactorAdded { factor: factor(), notice: notice(person()) },
        Mail::FactorRemoved { factor: factor(), notice: notice(person()) },
        Mail::EmailChanged(notice(person())),
        Mail::RecoveryCodesMade(notice(person())),
        Mail::VerifyEmail(link()),
        Mail::ResetPassword(link().for_account(account.clone())),
        Mail::Invitation(link()),
        Mail::LoginLink(link()),
        Mail::LoginCode(Code { code: "123456".to_owned(), expires_at: at }),
        Mail::Test,
    ]
}

#[cfg(test)]
mod tests {
    use tessera_model::OutboxId;

    use super::*;

    const ISSUER: &str = "https://login.example.com";
    const AT: Timestamp = Timestamp::from_seconds(1_767_225_600);

    fn words(theme: Option<&Path>) -> Words {
        let site = Site {
            organization: Some("Müller & Söhne".to_owned()),
            help_text: Some("Call 123.".to_owned()),
            help_url: Some("https://help.example/".to_owned()),
        };
        Words::load(theme, site, ISSUER.to_owned()).unwrap()
    }

    fn say(words: &Words, language: &str, mail: &Mail) -> Text {
        let (id, to) = (OutboxId::from_random([1; 16]), "ada@example.com".parse().unwrap());
        words.of(&Letter { id, to, language: Some(language.to_owned()), mail: mail.clone() }).unwrap()
    }

    fn notice() -> Notice {
        let browser = Some("Firefox, Linux".to_owned());
        let by = Origin::Person { ip: Some([192, 0, 2, 1].into()), browser };
        Notice { account: "ada@work".parse().unwrap(), at: AT, by }
    }

    #[test]
    fn a_notice_can_be_read_in_a_terminal() {
        let text = say(&words(None), "en-GB", &Mail::PasswordChanged(notice()));
        assert_eq!(text.subject, "Müller & Söhne: Your password was changed");
        let expected = "The password of your account was changed.\n\n\
            If this was you, there is nothing to do. If it was not you, somebody else may be using your account: \
            tell the people who run this service.\n\
            Call 123.\n\
            https://help.example/\n\n\
            Account: ada@\u{200b}work\n\
            Time: 2026-01-01 00:00 UTC\n\
            Network address: 192.0.2.1\n\
            Browser: Firefox, Linux\n\n\
            -- \n\
            Müller & Söhne\n\
            https://login.example.com\n";
        assert_eq!(text.plain, expected);
        assert!(text.html.contains("<p>The password of your account was changed.</p>"), "{}", text.html);
        assert!(text.html.contains("Müller &amp; Söhne"), "{}", text.html);
    }

    #[test]
    fn every_kind_is_said_in_every_language_and_without_help_too() {
        let silent = Words::load(None, Site::default(), ISSUER.to_owned()).unwrap();
        let mut subjects = std::collections::BTreeSet::new();
        for words in [words(None), silent] {
            for (mail, language) in
                samples().iter().flat_map(|mail| Language::ALL.map(|language| (mail, language)))
            {
                let text = say(&words, language.tag(), mail);
                for plain in [&text.subject, &text.plain] {
                    assert!(!plain.contains(['\u{2068}', '\u{2069}']), "{plain}");
                    assert!(!plain.contains("\n\n\n") && !plain.contains("{{"), "{plain}");
                }
                assert_eq!(text.subject.lines().count(), 1);
                assert!(text.html.contains(&format!("<html lang=\"{}\"", language.tag())), "{}", text.html);
                assert!(!text.html.contains("src=") && !text.html.contains("url("), "{}", text.html);
                subjects.insert(text.subject);
            }
        }
        // A new password is told in two ways.
        assert!(subjects.len() > 180, "{}", subjects.len());
    }

    #[test]
    fn l25_a_name_is_text_wherever_it_comes_from() {
        let factor = "{{ 7 * 7 }}<a href=\"https://evil.example\">x</a>\r\nBcc: e@evil.example".to_owned();
        for language in Language::ALL {
            let mail = Mail::FactorAdded { factor: factor.clone(), notice: notice() };
            let text = say(&words(None), language.tag(), &mail);
            for said in [&text.plain, &text.html] {
                assert!(said.contains("7 * 7") && !said.contains("49"), "{said}");
                assert!(!said.contains("evil.example") && !said.contains("\nBcc"), "{said}");
            }
            assert!(!text.html.contains("<a href=\"https:&#x2f;&#x2f;e"), "{}", text.html);
            assert_eq!(text.html.matches("<a ").count(), 1, "only the help: {}", text.html);
            assert!(!text.subject.contains("7 * 7"), "{}", text.subject);
        }
    }

    #[test]
    fn l25_l27_no_name_stands_before_a_link_and_it_leads_to_the_issuer() {
        let link =
            Link::new("/reset", ("token", "a&b=//evil.example"), AT).for_account("ada.x".parse().unwrap());
        let url = "https://login.example.com/reset?token=a%26b%3D%2F%2Fevil.example";
        let escaped = url.replace('/', "&#x2f;");
        for language in Language::ALL {
            for mail in [
                Mail::VerifyEmail(link.clone()),
                Mail::ResetPassword(link.clone()),
                Mail::Invitation(link.clone()),
                Mail::LoginLink(link.clone()),
            ] {
                let text = say(&words(None), language.tag(), &mail);
                let (before, after) = text.plain.split_once(url).unwrap();
                assert!(!before.contains("ada") && after.contains("ada"), "{}", text.plain);
                assert!(text.plain.contains(&format!("\n{url}\n")), "on a line of its own: {}", text.plain);
                let before = text.html.split_once(&format!("href=\"{escaped}\"")).unwrap().0;
                assert!(!before.contains("ada"), "{}", text.html);
            }
        }
    }

    #[test]
    fn a_code_stands_alone_and_not_in_the_subject() {
        let code = Code { code: "314159".to_owned(), expires_at: AT };
        let text = say(&words(None), "ja", &Mail::LoginCode(code));
        assert!(text.plain.contains("\n    314159\n") && !text.subject.contains("314159"), "{}", text.plain);
    }

    #[test]
    fn a_theme_replaces_what_a_mail_says_and_its_mistakes_are_found() {
        let theme = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            std::fs::create_dir_all(theme.path().join("mail")).unwrap();
            std::fs::write(theme.path().join("mail").join(name), text).unwrap();
        };
        write("test.txt", "Ours: {{ t(texts ~ '-lead') }}\n");
        Words::check(theme.path()).unwrap();
        let text = say(&words(Some(theme.path())), "en", &Mail::Test);
        assert_eq!(text.plain, "Ours: This is a test. Mail goes out.\n");
        write("link.html", "{% if language == 'pl' %}\n{{ lnk }}{% endif %}");
        let said = Words::check(theme.path()).unwrap_err().to_string();
        assert!(said.contains("mail/link.html, line 2: undefined value"), "{said}");
    }
}
