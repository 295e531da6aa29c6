//! The markup. Every text that does not stand in this file goes through [`escape`].

use tessera_jose::{Unverified, json};
use tessera_openid_client::{LoggedIn, UserInfo};

use super::session::{Notice, Session};
use crate::ports::Sites;

/// The start page, for people who are logged in and for those who are not.
pub(super) fn start(session: &Session, sites: &Sites) -> String {
    let notice = session.notice.as_ref().map(notice).unwrap_or_default();
    let body = match &session.login {
        Some(login) => logged_in(login, session),
        None => logged_out(sites),
    };
    layout(&format!("{notice}{body}"))
}

/// A page that says what went wrong.
pub(super) fn failure(reason: &str) -> String {
    let notice = notice(&Notice::Error(reason.to_owned()));
    layout(&format!("<h1>That did not work</h1>{notice}<p><a href=\"/\">To the start page</a></p>"))
}

fn layout(body: &str) -> String {
    format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Orders – sample application</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"#
    )
}

fn notice(notice: &Notice) -> String {
    match notice {
        Notice::Done(text) => format!(r#"<p id="notice" class="notice" role="status">{}</p>"#, escape(text)),
        Notice::Error(text) => {
            format!(r#"<p id="error" class="notice error" role="alert">{}</p>"#, escape(text))
        }
    }
}

fn logged_out(sites: &Sites) -> String {
    format!(
        r#"<h1>Orders</h1>
<p>A sample application. It has no passwords of its own: people log in at the issuer, <code>{issuer}</code>.</p>
<p><a id="login-link" class="button" href="/login">Log in</a></p>"#,
        issuer = escape(&sites.issuer)
    )
}

fn logged_in(login: &LoggedIn, session: &Session) -> String {
    let button = |id: &str, text: &str| {
        format!(
            r#"<form method="post" action="/{id}"><button id="{id}" type="submit">{text}</button></form>"#
        )
    };
    let api_result = session.api_result.as_ref().map_or_else(String::new, |result| {
        format!(r#"<h2>The API answered</h2><pre id="api-result"><code>{}</code></pre>"#, escape(result))
    });
    format!(
        r#"<h1>Orders</h1>
<p>Logged in as {name}.</p>
<div class="buttons">{call_api}{refresh}{revoke}{logout}</div>
{api_result}
<section id="user-info">
<h2>UserInfo</h2>
<p>What the issuer tells about the person, as far as the consent goes. Checked: it is about the person of the ID token.</p>
{person}
</section>
<section id="tokens">
<h2>ID token</h2>
<p>Tells this application who logged in. Checked: signature, issuer, audience, time, nonce.</p>
{id_token}
<h2>Access token</h2>
<p>For the API, for {seconds} s. This application only passes it on; it is shown because you are curious.</p>
{access_token}
{to_copy}
<h2>Refresh token</h2>
<p>{refresh_token}</p>
</section>"#,
        name = escape(session.person.claims.name.as_deref().unwrap_or(&login.subject)),
        person = pretty(&session.person),
        call_api = button("call-api", "Call the API"),
        refresh = button("refresh", "Refresh"),
        revoke = button("revoke", "Revoke"),
        logout = button("logout", "Log out"),
        id_token = decoded(&login.id_token),
        access_token = decoded(&login.tokens.access_token),
        to_copy = to_copy(&login.tokens.access_token),
        seconds = login.tokens.expires_in.unwrap_or_default(),
        refresh_token = match login.tokens.refresh_token {
            Some(_) => "On the server, and never shown: whoever has it can get new tokens.",
            None => "There is none.",
        },
    )
}

/// Claims as JSON for people to read.
fn pretty(claims: &UserInfo) -> String {
    let json = serde_json::to_string_pretty(claims).unwrap_or_default();
    format!("<pre><code>{}</code></pre>", escape(&json))
}

/// A token, decoded for people to read. No decision depends on it.
fn decoded(token: &str) -> String {
    let decoded = Unverified::parse(token).ok().and_then(|unverified| {
        let claims = json::object(unverified.unverified_payload()).ok()?;
        let kid = unverified.kid().unwrap_or("none");
        let typ = unverified.typ().unwrap_or("none");
        let claims = serde_json::to_string_pretty(&claims).ok()?;
        Some(format!("typ {typ}, signed with {}, key {kid}\n{claims}", unverified.alg()))
    });
    let decoded = decoded.unwrap_or_else(|| "This token cannot be read.".to_owned());
    format!("<pre><code>{}</code></pre>", escape(&decoded))
}

/// An access token as it is sent, to try it by hand. `autocomplete="off"`: a browser that reloads the page must not fill in the
/// earlier token.
fn to_copy(token: &str) -> String {
    format!(
        r#"<p><label for="access-token">To copy, as it is sent:</label>
<textarea id="access-token" readonly rows="12" autocomplete="off" spellcheck="false">{}</textarea></p>"#,
        escape(token)
    )
}

/// Escapes text for content and for quoted attributes.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#x27;"),
            plain => safe.push(plain),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sites() -> Sites {
        let site = |port: u16| format!("http://localhost:{port}");
        Sites { issuer: site(8080), web: site(8081), api: site(8082) }
    }

    #[test]
    fn a_stranger_sees_the_way_in_and_no_tokens() {
        let html = start(&Session::default(), &sites());
        assert!(html.contains(r#"id="login-link""#) && !html.contains(r#"id="tokens""#), "{html}");
    }

    #[test]
    fn what_comes_from_outside_is_escaped() {
        let evil = r#"<script>alert("x")</script>' onclick='"#;
        for html in [notice(&Notice::Error(evil.to_owned())), failure(evil), to_copy(evil)] {
            assert!(!html.contains("<script") && !html.contains("' onclick"), "{html}");
            assert!(html.contains("&lt;script&gt;"), "{html}");
        }
    }

    #[test]
    fn a_text_that_is_no_token_is_no_problem() {
        assert!(decoded("no token").contains("cannot be read"));
    }
}
