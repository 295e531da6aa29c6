//! The issuance gate as a table: every grant type against everything that may have happened since (invariant I2).
//!
//! A new grant type or a new state does not compile until it is in the table.

use std::time::Duration;

use tessera_model::{ClientKind, EventCode, UserId};
use tessera_oauth::token::GrantType;
use tessera_testkit::browser::{Answer, query};
use tessera_testkit::relying_party::text;
use tessera_testkit::server::{Backend, REDIRECT_URI, TestClient, TestServer, VERIFIER};

/// What happened after a code or token was issued and before it is used.
#[derive(Clone, Copy, Debug)]
enum Since {
    Nothing,
    UserLocked,
    UserDisabled,
    UserDeleted,
    SessionEnded,
    SessionOver,
    ClientDisabled,
    ClientDeleted,
    SecretExpired,
    GrantTypeWithdrawn,
    OfflineAccessRequired,
    ScopeWithdrawn,
    ConsentWithdrawn,
    AudienceDisabled,
    AudienceWithdrawn,
}

impl Since {
    const ALL: [Self; 15] = [
        Self::Nothing,
        Self::UserLocked,
        Self::UserDisabled,
        Self::UserDeleted,
        Self::SessionEnded,
        Self::SessionOver,
        Self::ClientDisabled,
        Self::ClientDeleted,
        Self::SecretExpired,
        Self::GrantTypeWithdrawn,
        Self::OfflineAccessRequired,
        Self::ScopeWithdrawn,
        Self::ConsentWithdrawn,
        Self::AudienceDisabled,
        Self::AudienceWithdrawn,
    ];
}

/// The expected result: tokens, or an error with a reason in the audit trail.
type Outcome = Result<(), (&'static str, Why)>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// `invalid_client`, with the event `client.auth_failed`.
    Authentication,
    /// A refusal, with the event `issuance.refused` and this detail.
    Gate(&'static str),
    /// An error of the request itself. It leaves no audit event.
    Request,
}

fn expected(grant_type: GrantType, since: Since) -> Outcome {
    use Since::*;
    let client = Err(("invalid_client", Why::Authentication));
    let over = Err(("invalid_grant", Why::Gate("grant_over")));
    let withdrawn = Err(("unauthorized_client", Why::Gate("grant_type_not_allowed")));
    match grant_type {
        GrantType::AuthorizationCode | GrantType::RefreshToken => match since {
            Nothing => Ok(()),
            SessionEnded | SessionOver => Err(("invalid_grant", Why::Gate("session_ended"))),
            OfflineAccessRequired => match grant_type {
                GrantType::AuthorizationCode | GrantType::ClientCredentials => Ok(()),
                GrantType::RefreshToken => Err(("invalid_grant", Why::Gate("grant_type_not_allowed"))),
            },
            UserLocked | UserDisabled => Err(("invalid_grant", Why::Gate("user_inactive"))),
            UserDeleted => over,
            ClientDisabled | ClientDeleted | SecretExpired => client,
            GrantTypeWithdrawn => withdrawn,
            ScopeWithdrawn => Err(("invalid_grant", Why::Gate("scope_withdrawn"))),
            ConsentWithdrawn => Err(("invalid_grant", Why::Gate("consent_missing"))),
            AudienceDisabled | AudienceWithdrawn => Err(("invalid_grant", Why::Gate("no_common_audience"))),
        },
        GrantType::ClientCredentials => match since {
            // No person takes part, so nothing that happens to one matters. A withdrawn scope is not in the token.
            Nothing
            | UserLocked
            | UserDisabled
            | UserDeleted
            | SessionEnded
            | SessionOver
            | ConsentWithdrawn
            | OfflineAccessRequired
            | ScopeWithdrawn => Ok(()),
            ClientDisabled | ClientDeleted | SecretExpired => client,
            GrantTypeWithdrawn => withdrawn,
            AudienceDisabled | AudienceWithdrawn => Err(("invalid_scope", Why::Request)),
        },
    }
}

/// One person, one client, one API, and one code or token to use.
struct Case<'a> {
    server: &'a TestServer,
    client: TestClient,
    user: UserId,
    audience: String,
    presented: String,
}

async fn prepare(server: &TestServer, grant_type: GrantType, number: usize) -> Case<'_> {
    let username = format!("user{number}");
    let audience = format!("https://api{number}.example");
    let user = server.add_user(&username).await.id;
    server.add_api(&audience, &["orders.read"]).await;
    let client = server
        .add_client_with(ClientKind::Web, |new| {
            new.client_credentials = true;
            new.audiences = vec![audience.clone()];
            new.scopes = "orders.read".parse().unwrap();
            new.require_consent = true;
        })
        .await;
    let path = server.authorize_path(&client, "orders.read", &[]);
    let end = server.authorize(&mut server.browser(), &path, &username).await;
    let code = query(&end, "code").unwrap();
    let presented = match grant_type {
        GrantType::AuthorizationCode | GrantType::ClientCredentials => code,
        GrantType::RefreshToken => {
            text(&server.redeem(&client, &code).await.json(), "refresh_token").to_owned()
        }
    };
    Case { server, client, user, audience, presented }
}

impl Case<'_> {
    async fn happen(&self, grant_type: GrantType, since: Since) {
        let (cli, id) = (&self.server.cli(), &self.client.id.parse().unwrap());
        match since {
            Since::Nothing => {}
            Since::UserLocked => drop(tessera_app::users::lock(cli, self.user).await.unwrap()),
            Since::UserDisabled => drop(tessera_app::users::disable(cli, self.user).await.unwrap()),
            Since::UserDeleted => drop(tessera_app::users::delete(cli, self.user).await.unwrap()),
            Since::SessionEnded => self.server.log_out_everywhere(self.user).await,
            Since::SessionOver => {
                self.server.sql(&format!(
                    "UPDATE sessions SET expires_at = 1 WHERE user_id = '\\x{}'",
                    hex(self.user)
                ));
            }
            Since::OfflineAccessRequired => {
                self.settings("refresh_tokens", "|| '{\"refresh_tokens\": \"offline_access\"}'");
            }
            Since::ClientDisabled => drop(tessera_app::clients::disable(cli, id).await.unwrap()),
            Since::ClientDeleted => drop(tessera_app::clients::delete(cli, id).await.unwrap()),
            Since::SecretExpired => {
                tessera_app::clients::rotate_secret(cli, id).await.unwrap();
                self.server.advance(5);
            }
            Since::GrantTypeWithdrawn => {
                self.settings("grant_types", &format!("#- '{{grant_types,{}}}'", place(grant_type)));
            }
            Since::ScopeWithdrawn => self.settings("scopes", "|| '{\"scopes\": \"\"}'"),
            Since::AudienceWithdrawn => self.settings("audiences", "|| '{\"audiences\": []}'"),
            Since::ConsentWithdrawn => {
                self.server.sql(&format!("DELETE FROM consents WHERE client_id = '{}'", self.client.id));
            }
            Since::AudienceDisabled => self.server.sql(&format!(
                "UPDATE apis SET status = 'disabled', status_at = 1 WHERE audience = '{}'",
                self.audience
            )),
        }
        self.server.sql("UPDATE counters SET value = value + 1 WHERE name = 'catalog'");
        self.server.refresh().await;
    }

    /// Changes a member of the client's settings with a JSON operator of PostgreSQL.
    fn settings(&self, member: &str, operator: &str) {
        let id = &self.client.id;
        let has = format!("(SELECT settings::jsonb ? '{member}' FROM clients WHERE id = '{id}')");
        self.server.sql(&format!("DO $$ BEGIN ASSERT {has}; END $$"));
        self.server.sql(&format!(
            "UPDATE clients SET settings = (settings::jsonb {operator})::text WHERE id = '{id}'"
        ));
    }

    async fn present(&self, grant_type: GrantType) -> Answer {
        let presented = self.presented.as_str();
        let form = match grant_type {
            GrantType::AuthorizationCode => {
                vec![("code", presented), ("redirect_uri", REDIRECT_URI), ("code_verifier", VERIFIER)]
            }
            GrantType::RefreshToken => vec![("refresh_token", presented)],
            GrantType::ClientCredentials => Vec::new(),
        };
        let form = [&[("grant_type", grant_type.as_str())][..], &form].concat();
        self.server.post("/token", &self.client, &form).await
    }

    /// The reason in the audit trail why this client was refused.
    async fn why(&self) -> Option<Why> {
        let mine = |event: &tessera_model::RecordedEvent| {
            event.client_id.as_ref().is_some_and(|id| id.as_str() == self.client.id)
        };
        let refused: Vec<_> =
            self.server.events(EventCode::IssuanceRefused).await.into_iter().filter(mine).collect();
        let failed = self.server.events(EventCode::ClientAuthFailed).await.into_iter().filter(mine).count();
        let false_alarms = self.server.events(EventCode::CodeReuse).await.into_iter().filter(mine).count();
        assert_eq!(false_alarms, 0, "nothing was used twice");
        match (refused.len(), failed) {
            (0, 0) => None,
            (0, 1) => Some(Why::Authentication),
            (1, 0) => {
                let known = ["grant_over", "user_inactive", "grant_type_not_allowed", "scope_withdrawn"];
                let known =
                    known.into_iter().chain(["consent_missing", "no_common_audience", "session_ended"]);
                let detail = refused[0].detail.clone().unwrap();
                Some(Why::Gate(known.into_iter().find(|word| *word == detail).expect("a known reason")))
            }
            more => panic!("one event for one refusal, not {more:?}"),
        }
    }
}

fn hex(id: UserId) -> String {
    id.to_string().replace('-', "")
}

/// The index of a grant type in the settings of a web client.
const fn place(grant_type: GrantType) -> usize {
    match grant_type {
        GrantType::AuthorizationCode => 0,
        GrantType::RefreshToken => 1,
        GrantType::ClientCredentials => 2,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i2_no_grant_type_gets_past_anything_that_has_ended() {
    let server = TestServer::start_with(Backend::Postgres, |config| {
        config.lifetimes.secret_overlap = Duration::from_secs(5);
    })
    .await;
    let mut number = 0;
    for (at, since) in Since::ALL.into_iter().enumerate() {
        assert_eq!(since as usize, at, "the list of states is complete and in order");
        for grant_type in GrantType::ALL {
            number += 1;
            let case = prepare(&server, grant_type, number).await;
            case.happen(grant_type, since).await;
            let answer = case.present(grant_type).await;
            let row = format!("{grant_type:?} since {since:?}: {} {}", answer.status, answer.body);
            match expected(grant_type, since) {
                Ok(()) => assert_eq!((answer.status, case.why().await), (200, None), "{row}"),
                Err((error, why)) => {
                    let status = if error == "invalid_client" { 401 } else { 400 };
                    assert_eq!((answer.status, &*answer.error()), (status, error), "{row}");
                    assert!(!answer.body.contains("token\""), "{row}");
                    assert_eq!(case.why().await, (why != Why::Request).then_some(why), "{row}");
                }
            }
        }
    }
    assert_eq!(Since::ALL.len(), Since::AudienceWithdrawn as usize + 1);
}
