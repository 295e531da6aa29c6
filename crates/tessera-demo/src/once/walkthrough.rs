//! The steps: two logins, what their tokens open, and how they end.

use std::io::Write;
use std::time::Duration;

use tessera_openid_client::{ClientError, LoggedIn, Params, PendingLogin, RelyingParty, Tokens};

use super::StepFailed;
use super::browser::{Browser, BrowserError, Page};
use super::transcript::{Done, Transcript};
use crate::registry::Person;
use crate::running::Running;

/// The API must refuse a revoked token within this time. Usually it takes a quarter of it.
const REVOCATION_DEADLINE: Duration = Duration::from_secs(2);
/// Time between two requests to the API meanwhile.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
enum StepError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Browser(#[from] BrowserError),
    #[error("{0}")]
    Other(String),
}

/// What every step needs.
struct Scenario<'a> {
    running: &'a Running,
    application: RelyingParty,
    username: &'a str,
    password: &'a str,
}

/// Goes through all steps. The first one that fails ends it.
pub(crate) async fn walkthrough(
    running: &Running,
    person: &Person,
    transcript: &mut Transcript<impl Write>,
) -> Result<(), StepFailed> {
    let scenario = transcript
        .step("discovery", async {
            let application = running.relying_party().await?;
            let password = person.password.as_deref().unwrap_or_default();
            let scenario = Scenario { running, application, username: &person.username, password };
            Ok::<_, StepError>(Done::new(scenario, "the application knows the issuer's endpoints"))
        })
        .await?;
    let login = log_in(&scenario, transcript).await?;
    transcript.step("userinfo", userinfo(&scenario, &login)).await?;
    call_api(&scenario, transcript, &login.tokens).await?;
    let newest = refresh(&scenario, transcript, &login).await?;
    replay(&scenario, transcript, &login, &newest).await?;
    let login = log_in(&scenario, transcript).await?;
    call_api(&scenario, transcript, &login.tokens).await?;
    revoke(&scenario, transcript, &login).await
}

/// A new browser opens the application's login and goes through the issuer's pages.
async fn log_in(
    scenario: &Scenario<'_>,
    transcript: &mut Transcript<impl Write>,
) -> Result<LoggedIn, StepFailed> {
    let (mut browser, pending, page) = transcript.step("login page", login_page(scenario)).await?;
    let page = transcript.step("log in", type_password(scenario, &mut browser, &page)).await?;
    let back = if leads_back(scenario, &page) {
        page
    } else {
        transcript.step("consent", allow(scenario, &mut browser, &page)).await?
    };
    let answer = transcript.step("code", std::future::ready(read_answer(scenario, &back))).await?;
    transcript
        .step("tokens", async {
            let login = scenario.application.finish(&pending, &answer, scenario.now()).await?;
            let seconds = login.tokens.expires_in.unwrap_or_default();
            let subject = &login.subject;
            let summary = format!("ID token is good, person {subject}, access token for {seconds} s");
            Ok::<_, StepError>(Done::new(login, summary))
        })
        .await
}

async fn login_page(scenario: &Scenario<'_>) -> Result<Done<(Browser, PendingLogin, Page)>, StepError> {
    let running = scenario.running;
    let request = scenario.application.begin(|bytes| running.host.entropy.fill(bytes));
    let mut browser = Browser::new(running.fetch.clone(), &running.sites.issuer);
    let sent = browser.open(&request.url).await?;
    let page = browser.open(sent.redirect()?).await?;
    let summary = format!("GET /authorize leads to the form; cookie {}", browser.cookie_names());
    Ok(Done::new((browser, request.pending, page), summary))
}

async fn type_password(
    scenario: &Scenario<'_>,
    browser: &mut Browser,
    page: &Page,
) -> Result<Done<Page>, StepError> {
    let typed = [("username", scenario.username), ("password", scenario.password)];
    let sent = browser.submit(page, "login", &typed).await?;
    sent.redirect()?;
    let summary = format!("POST /login as {}; cookies {}", scenario.username, browser.cookie_names());
    Ok(Done::new(sent, summary))
}

/// Whether the issuer sends the browser back to the application.
fn leads_back(scenario: &Scenario<'_>, page: &Page) -> bool {
    let callback = &scenario.running.registration.redirect_uri;
    page.location.as_ref().is_some_and(|location| location.starts_with(&format!("{callback}?")))
}

async fn allow(scenario: &Scenario<'_>, browser: &mut Browser, page: &Page) -> Result<Done<Page>, StepError> {
    let consent = browser.open(page.redirect()?).await?;
    let sent = browser.submit(&consent, "consent", &[("decision", "allow")]).await?;
    sent.redirect()?;
    let scope = &scenario.running.registration.scope;
    Ok(Done::new(sent, format!("POST /consent allows {scope}; remembered for the next time")))
}

fn read_answer(scenario: &Scenario<'_>, back: &Page) -> Result<Done<Params>, StepError> {
    let location = back.redirect()?;
    let callback = &scenario.running.registration.redirect_uri;
    let query = location.strip_prefix(callback.as_str()).and_then(|rest| rest.strip_prefix('?'));
    let query = query
        .ok_or_else(|| StepError::Other("the browser is not sent back to the application".to_owned()))?;
    let answer = Params::parse(query.as_bytes()).map_err(|error| StepError::Other(error.to_string()))?;
    Ok(Done::new(answer, format!("the browser is sent back to {callback}")))
}

async fn userinfo(scenario: &Scenario<'_>, login: &LoggedIn) -> Result<Done<()>, StepError> {
    let claims = scenario.application.userinfo(login).await?.claims;
    let (Some(name), Some(email)) = (claims.name, claims.email) else {
        return Err(StepError::Other("name or e-mail address is missing".to_owned()));
    };
    Ok(Done::new((), format!("GET /userinfo: {name}, {email}, the person of the ID token")))
}

async fn call_api(
    scenario: &Scenario<'_>,
    transcript: &mut Transcript<impl Write>,
    tokens: &Tokens,
) -> Result<(), StepFailed> {
    transcript
        .step("API", async {
            match scenario.api_status(tokens).await? {
                200 => Ok(Done::new((), "GET /orders: 200, verified without asking the issuer")),
                status => Err(StepError::Other(format!("GET /orders: {status} instead of 200"))),
            }
        })
        .await
}

/// Refreshes twice: the second request proves to the issuer that the first answer arrived.
async fn refresh(
    scenario: &Scenario<'_>,
    transcript: &mut Transcript<impl Write>,
    login: &LoggedIn,
) -> Result<Tokens, StepFailed> {
    let first = &login.tokens;
    let second = transcript
        .step("refresh", async {
            let second = scenario.refresh(login, first).await?;
            if second.access_token == first.access_token || second.refresh_token == first.refresh_token {
                return Err(StepError::Other("the tokens are the old ones".to_owned()));
            }
            Ok(Done::new(second, "new access token, new refresh token, ID token of the same person"))
        })
        .await?;
    transcript
        .step("refresh again", async {
            let third = scenario.refresh(login, &second).await?;
            Ok::<_, StepError>(Done::new(third, "with the new refresh token"))
        })
        .await
}

/// Presents the first refresh token again, which is used up. The issuer cannot know who of the two holders is the thief, so it ends
/// the grant for both.
async fn replay(
    scenario: &Scenario<'_>,
    transcript: &mut Transcript<impl Write>,
    login: &LoggedIn,
    newest: &Tokens,
) -> Result<(), StepFailed> {
    transcript
        .step("replay", async {
            must_refuse(scenario, login, &login.tokens).await?;
            Ok::<_, StepError>(Done::new((), "the first refresh token again: invalid_grant"))
        })
        .await?;
    transcript
        .step("family ended", async {
            must_refuse(scenario, login, newest).await?;
            Ok::<_, StepError>(Done::new((), "the newest one too: invalid_grant"))
        })
        .await?;
    refused_by_api(scenario, transcript, newest).await
}

async fn revoke(
    scenario: &Scenario<'_>,
    transcript: &mut Transcript<impl Write>,
    login: &LoggedIn,
) -> Result<(), StepFailed> {
    let tokens = &login.tokens;
    transcript
        .step("revoke", async {
            scenario.application.revoke(refresh_token(tokens)).await?;
            Ok::<_, StepError>(Done::new((), "POST /revoke with the refresh token"))
        })
        .await?;
    refused_by_api(scenario, transcript, tokens).await?;
    transcript
        .step("refresh refused", async {
            must_refuse(scenario, login, tokens).await?;
            Ok::<_, StepError>(Done::new((), "invalid_grant"))
        })
        .await
}

/// The API learns of the revocation through the issuer's signed rules.
async fn refused_by_api(
    scenario: &Scenario<'_>,
    transcript: &mut Transcript<impl Write>,
    tokens: &Tokens,
) -> Result<(), StepFailed> {
    transcript
        .step("API refuses", async {
            let refused = async {
                loop {
                    match scenario.api_status(tokens).await? {
                        401 => return Ok(()),
                        200 => tokio::time::sleep(POLL_INTERVAL).await,
                        status => {
                            return Err(StepError::Other(format!("GET /orders: {status} instead of 401")));
                        }
                    }
                }
            };
            let seconds = REVOCATION_DEADLINE.as_secs();
            let late = |_| StepError::Other(format!("still accepted after {seconds} s"));
            tokio::time::timeout(REVOCATION_DEADLINE, refused).await.map_err(late)??;
            Ok::<_, StepError>(Done::new((), "GET /orders: 401 although the access token has not expired"))
        })
        .await
}

async fn must_refuse(scenario: &Scenario<'_>, login: &LoggedIn, tokens: &Tokens) -> Result<(), StepError> {
    match scenario.refresh(login, tokens).await {
        Err(error) if error.is_refusal("invalid_grant") => Ok(()),
        Err(error) => Err(error.into()),
        Ok(_) => Err(StepError::Other("the issuer gave new tokens".to_owned())),
    }
}

/// Empty if there is none, which the issuer refuses.
fn refresh_token(tokens: &Tokens) -> &str {
    tokens.refresh_token.as_deref().unwrap_or_default()
}

impl Scenario<'_> {
    fn now(&self) -> i64 {
        self.running.host.now()
    }

    async fn refresh(&self, login: &LoggedIn, tokens: &Tokens) -> Result<Tokens, ClientError> {
        self.application.refresh(&login.subject, refresh_token(tokens), self.now()).await
    }

    async fn api_status(&self, tokens: &Tokens) -> Result<u16, ClientError> {
        let url = self.running.sites.orders();
        Ok(self.application.call_api(&url, &tokens.access_token).await?.status)
    }
}
