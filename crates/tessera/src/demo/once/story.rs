//! The story: two logins, what their tokens open, and how they end.

use std::io::Write;
use std::time::Duration;

use tessera_oauth::params::Params;

use super::Failed;
use super::browser::{Browser, BrowserError, Page};
use super::transcript::{Done, Transcript};
use crate::demo::registry::Person;
use crate::demo::relying_party::{ClientError, LoggedIn, Pending, RelyingParty, Tokens};
use crate::demo::running::{Running, relying_party};

/// Within this time a revoked token must be refused; it usually takes a quarter of it.
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(20);

/// Why a step did not end as it must.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Browser(#[from] BrowserError),
    #[error("{0}")]
    Other(String),
}

/// Everybody in the story.
struct Cast<'a> {
    running: &'a Running,
    application: RelyingParty,
    username: &'a str,
    password: &'a str,
}

/// Tells it. The first step that does not end as it must ends the story.
pub(in crate::demo) async fn tell(
    running: &Running,
    person: &Person,
    told: &mut Transcript<impl Write>,
) -> Result<(), Failed> {
    let cast = told
        .step("discovery", async {
            let application = relying_party(&running.sites, running.registration.clone()).await?;
            let password = person.password.as_deref().unwrap_or_default();
            let cast = Cast { running, application, username: &person.username, password };
            Ok::<_, Trouble>(Done::new(cast, "the application knows the issuer's endpoints"))
        })
        .await?;
    let login = log_in(&cast, told).await?;
    told.step("userinfo", user_info(&cast, &login)).await?;
    call_api(&cast, told, &login.tokens).await?;
    let newest = refresh(&cast, told, &login.tokens).await?;
    replay(&cast, told, &login.tokens, &newest).await?;
    let login = log_in(&cast, told).await?;
    call_api(&cast, told, &login.tokens).await?;
    revoke(&cast, told, &login.tokens).await
}

/// A new browser comes to the application's login and goes through the issuer's pages.
async fn log_in(cast: &Cast<'_>, told: &mut Transcript<impl Write>) -> Result<LoggedIn, Failed> {
    let (mut browser, pending, page) = told.step("login page", login_page(cast)).await?;
    let page = told.step("log in", type_password(cast, &mut browser, &page)).await?;
    let back = if leads_back(cast, &page) {
        page
    } else {
        told.step("consent", allow(cast, &mut browser, &page)).await?
    };
    let answer = told.step("code", std::future::ready(read_answer(cast, &back))).await?;
    told.step("tokens", async {
        let login = cast.application.finish(&pending, &answer).await?;
        let words = format!(
            "ID token is good, person {}, access token for {} s",
            login.subject, login.tokens.expires_in
        );
        Ok::<_, Trouble>(Done::new(login, words))
    })
    .await
}

async fn login_page(cast: &Cast<'_>) -> Result<Done<(Browser, Pending, Page)>, Trouble> {
    let departure = cast.application.begin();
    let mut browser = Browser::new(&cast.running.sites.issuer)?;
    let sent = browser.open(&departure.url).await?;
    let page = browser.open(sent.next()?).await?;
    let words = format!("GET /authorize leads to the form; cookie {}", browser.cookie_names());
    Ok(Done::new((browser, departure.pending, page), words))
}

async fn type_password(cast: &Cast<'_>, browser: &mut Browser, page: &Page) -> Result<Done<Page>, Trouble> {
    let typed = [("username", cast.username), ("password", cast.password)];
    let sent = browser.submit(page, "login", &typed).await?;
    sent.next()?;
    Ok(Done::new(sent, format!("POST /login as {}; cookies {}", cast.username, browser.cookie_names())))
}

/// Whether the issuer sends the browser back to the application.
fn leads_back(cast: &Cast<'_>, page: &Page) -> bool {
    let callback = &cast.running.registration.redirect_uri;
    page.location.as_ref().is_some_and(|location| location.starts_with(&format!("{callback}?")))
}

async fn allow(cast: &Cast<'_>, browser: &mut Browser, page: &Page) -> Result<Done<Page>, Trouble> {
    let asked = browser.open(page.next()?).await?;
    let sent = browser.submit(&asked, "consent", &[("decision", "allow")]).await?;
    sent.next()?;
    let scope = &cast.running.registration.scope;
    Ok(Done::new(sent, format!("POST /consent allows {scope}; remembered for the next time")))
}

fn read_answer(cast: &Cast<'_>, back: &Page) -> Result<Done<Params>, Trouble> {
    let location = back.next()?;
    let callback = &cast.running.registration.redirect_uri;
    let query = location.strip_prefix(callback.as_str()).and_then(|rest| rest.strip_prefix('?'));
    let query =
        query.ok_or_else(|| Trouble::Other("the browser is not sent back to the application".to_owned()))?;
    let answer = Params::parse(query.as_bytes()).map_err(|error| Trouble::Other(error.to_string()))?;
    Ok(Done::new(answer, format!("the browser is sent back to {callback}")))
}

async fn user_info(cast: &Cast<'_>, login: &LoggedIn) -> Result<Done<()>, Trouble> {
    let claims = cast.application.user_info(login).await?.claims;
    let (Some(name), Some(email)) = (claims.name, claims.email) else {
        return Err(Trouble::Other("name or e-mail address is missing".to_owned()));
    };
    Ok(Done::new((), format!("GET /userinfo: {name}, {email}, the person of the ID token")))
}

async fn call_api(cast: &Cast<'_>, told: &mut Transcript<impl Write>, tokens: &Tokens) -> Result<(), Failed> {
    told.step("API", async {
        match ask_api(cast, tokens).await? {
            200 => Ok(Done::new((), "GET /orders: 200, verified without asking the issuer")),
            status => Err(Trouble::Other(format!("GET /orders: {status} instead of 200"))),
        }
    })
    .await
}

async fn ask_api(cast: &Cast<'_>, tokens: &Tokens) -> Result<u16, ClientError> {
    let url = format!("{}/orders", cast.running.sites.api);
    Ok(cast.application.call_api(&url, &tokens.access_token).await?.status)
}

/// Refreshes twice: the answer to the second one proves that the first one arrived.
async fn refresh(
    cast: &Cast<'_>,
    told: &mut Transcript<impl Write>,
    first: &Tokens,
) -> Result<Tokens, Failed> {
    let second = told
        .step("refresh", async {
            let second = cast.application.refresh(refresh_token(first)).await?;
            if second.access_token == first.access_token || second.refresh_token == first.refresh_token {
                return Err(Trouble::Other("the tokens are the old ones".to_owned()));
            }
            Ok(Done::new(second, "new access token, new refresh token"))
        })
        .await?;
    told.step("refresh again", async {
        let third = cast.application.refresh(refresh_token(&second)).await?;
        Ok::<_, Trouble>(Done::new(third, "with the new refresh token"))
    })
    .await
}

/// Somebody presents the first refresh token, long used up: a thief, or the owner after a theft. Both are out.
async fn replay(
    cast: &Cast<'_>,
    told: &mut Transcript<impl Write>,
    first: &Tokens,
    newest: &Tokens,
) -> Result<(), Failed> {
    told.step("replay", async {
        must_refuse(cast, refresh_token(first)).await?;
        Ok::<_, Trouble>(Done::new((), "the first refresh token again: invalid_grant"))
    })
    .await?;
    told.step("family ended", async {
        must_refuse(cast, refresh_token(newest)).await?;
        Ok::<_, Trouble>(Done::new((), "the newest one too: invalid_grant"))
    })
    .await?;
    refused_by_api(cast, told, newest).await
}

async fn revoke(cast: &Cast<'_>, told: &mut Transcript<impl Write>, tokens: &Tokens) -> Result<(), Failed> {
    told.step("revoke", async {
        cast.application.revoke(refresh_token(tokens)).await?;
        Ok::<_, Trouble>(Done::new((), "POST /revoke with the refresh token"))
    })
    .await?;
    refused_by_api(cast, told, tokens).await?;
    told.step("refresh refused", async {
        must_refuse(cast, refresh_token(tokens)).await?;
        Ok::<_, Trouble>(Done::new((), "invalid_grant"))
    })
    .await
}

/// The API hears of it through the issuer's signed rules.
async fn refused_by_api(
    cast: &Cast<'_>,
    told: &mut Transcript<impl Write>,
    tokens: &Tokens,
) -> Result<(), Failed> {
    told.step("API refuses", async {
        let refused = async {
            loop {
                match ask_api(cast, tokens).await? {
                    401 => return Ok(()),
                    200 => tokio::time::sleep(PAUSE).await,
                    status => return Err(Trouble::Other(format!("GET /orders: {status} instead of 401"))),
                }
            }
        };
        let late = |_| Trouble::Other(format!("still accepted after {} s", PATIENCE.as_secs()));
        tokio::time::timeout(PATIENCE, refused).await.map_err(late)??;
        Ok::<_, Trouble>(Done::new((), "GET /orders: 401 although the access token has not expired"))
    })
    .await
}

async fn must_refuse(cast: &Cast<'_>, refresh_token: &str) -> Result<(), Trouble> {
    match cast.application.refresh(refresh_token).await {
        Err(error) if error.is_refusal("invalid_grant") => Ok(()),
        Err(error) => Err(error.into()),
        Ok(_) => Err(Trouble::Other("the issuer gave new tokens".to_owned())),
    }
}

/// Empty if there is none, which the issuer refuses.
fn refresh_token(tokens: &Tokens) -> &str {
    tokens.refresh_token.as_deref().unwrap_or_default()
}
