//! The gate: every administrative verb refuses whoever is no administrator, and changes nothing then.

use std::path::Path;
use std::time::Duration;

use rstest::rstest;
use tessera_app::access::{AccessError, Action};
use tessera_app::apis::{self, ApiChange, ApiError};
use tessera_app::audit::{self, AuditFilter};
use tessera_app::authenticators::{self, AddError, AuthenticatorError};
use tessera_app::backup::{self, BackupError, Target};
use tessera_app::clients::{self, ClientChanges, ClientError};
use tessera_app::clock::{self, AcceptError};
use tessera_app::fobs::{self, Batch, FobError, Shown};
use tessera_app::groups::{self, GroupError};
use tessera_app::jobs;
use tessera_app::keys::rotate::{request, run_schedule};
use tessera_app::keys::{self, Kek, ManageError};
use tessera_app::login::BrowserSecret;
use tessera_app::outbox;
use tessera_app::recovery_codes::{self, MakeError};
use tessera_app::sessions::Current;
use tessera_app::totp::{self, EnrolError};
use tessera_app::users::{self, ChangePasswordError, NewUser, UserChanges, UserError};
use tessera_app::{Actor, Cx};
use tessera_model::{
    AuthenticationContext, AuthenticatorId, Client, ClientId, ClientKind, Digest, Group, PlainPassword,
    Proof, Session, SessionId, StoredKey, Timestamp, User, UserId,
};
use tessera_testkit::clock::SeededEntropy;
use tessera_testkit::server::{API, Backend, KEK, TestServer};

use crate::groups::{group, name};
use crate::keys::{ACCESS, stored};

/// Whom and what the verbs are about.
struct Scene {
    server: TestServer,
    user: UserId,
    client: ClientId,
}

/// Everything that administrators change, and how many events there are without the refusals themselves.
type Everything = (Vec<User>, Vec<Client>, Vec<tessera_model::Api>, Vec<(Group, u64)>, Vec<StoredKey>, usize);

impl Scene {
    async fn at(backend: Backend) -> Self {
        let server = TestServer::start(backend).await;
        let user = server.add_user("alice").await.id;
        let client = server.add_client(ClientKind::Web).await.id.parse().unwrap();
        groups::add(&server.cli(), group("staff")).await.unwrap();
        Self { server, user, client }
    }

    async fn everything(&self) -> Everything {
        let cx = &self.server.cli();
        let events = self.server.audit_trail().await;
        let refusals = ["access.denied", "user.password_change_failed"];
        (
            users::list(cx, None, 100).await.unwrap(),
            clients::list(cx).await.unwrap().entries,
            apis::list(cx).await.unwrap().entries,
            groups::list(cx).await.unwrap(),
            stored(&self.server).await,
            events.iter().filter(|event| !refusals.contains(&event.code.as_str())).count(),
        )
    }

    /// Does what the action is about: a new action needs its verb here.
    #[expect(clippy::too_many_lines, reason = "the table of all actions")]
    async fn try_to(&self, action: Action, actor: &Actor) -> Result<(), AccessError> {
        let cx = &Cx::new(&self.server.app, actor.clone());
        let (user, client) = (self.user, &self.client);
        let password = || PlainPassword::to_set("another password".to_owned()).unwrap();
        let renamed = || Some("Mallory".to_owned());
        match action {
            Action::AddUser => of_user(users::add(cx, NewUser::new("mallory".parse().unwrap())).await),
            Action::UpdateUser => {
                let changes = &UserChanges { name: renamed(), ..UserChanges::default() };
                of_user(users::update(cx, user, changes).await)
            }
            Action::LockUser => of_user(users::lock(cx, user).await),
            Action::UnlockUser => of_user(users::unlock(cx, user).await),
            Action::DisableUser => of_user(users::disable(cx, user).await),
            Action::DeleteUser => of_user(users::delete(cx, user).await),
            Action::SetPassword => of_user(users::set_password(cx, user, password()).await),
            Action::ClearThrottle => of_user(users::clear_throttle(cx, user).await),
            Action::FindThrottle => of_user(users::find_throttle(cx, user).await),
            Action::FindUser => of_user(users::find(cx, "alice").await),
            Action::ListUsers => users::list(cx, None, 10).await.map(drop),
            Action::ListApplications => users::applications(cx, user).await.map(drop),
            Action::ChangePassword
            | Action::ListAuthenticators
            | Action::AddAuthenticator
            | Action::RenameAuthenticator
            | Action::RemoveAuthenticator
            | Action::MakeRecoveryCodes => try_to_an_authenticator(cx, &self.server, action).await,
            Action::ImportFobs
            | Action::FindFob
            | Action::ListFobs
            | Action::AssignFob
            | Action::ReturnFob
            | Action::LoseFob
            | Action::ResyncFob
            | Action::DeleteFob => try_to_a_fob(cx, user, action).await,
            Action::AddClient => of_client(clients::add(cx, crate::clients::web()).await),
            Action::UpdateClient => {
                let changes = &ClientChanges { name: renamed(), ..ClientChanges::default() };
                of_client(clients::update(cx, client, changes).await)
            }
            Action::RotateSecret => of_client(clients::rotate_secret(cx, client).await),
            Action::DisableClient => of_client(clients::disable(cx, client).await),
            Action::DeleteClient => of_client(clients::delete(cx, client).await),
            Action::FindClient => clients::find(cx, client).await.map(drop),
            Action::ListClients => clients::list(cx).await.map(drop),
            Action::AddApi | Action::UpdateApi | Action::FindApi | Action::ListApis => {
                try_to_an_api(cx, action).await
            }
            Action::AddGroup
            | Action::DescribeGroup
            | Action::DeleteGroup
            | Action::AddMembers
            | Action::RemoveMembers
            | Action::FindGroup
            | Action::ListGroups
            | Action::ListMembers
            | Action::ListGroupsOfUser => try_to_a_group(cx, user, action).await,
            Action::RotateKey => of_keys(request(cx, ACCESS).await).and(of_keys(run_schedule(cx).await)),
            Action::ListKeys => of_keys(keys::list(cx).await),
            Action::ListEvents => audit::list(cx, &AuditFilter::default(), 10).await.map(drop),
            Action::ShowClock => clock::show(cx).await.map(drop),
            Action::AcceptClock => of_clock(clock::accept_beside(cx, None).await),
            Action::ListOutbox => outbox::list(cx, 10).await.map(drop),
            Action::ListJobs => jobs::list(cx).await.map(drop),
            Action::MakeBackup => of_backup(backup::make(cx, std::io::sink(), None, |_| {}).await),
            Action::Restore => self.try_to_restore(actor.clone()).await,
        }
    }

    async fn try_to_restore(&self, actor: Actor) -> Result<(), AccessError> {
        let (location, kek) = (&self.server.location(), &Kek::new(&KEK));
        let (clock, entropy) = (&*self.server.clock, &SeededEntropy::new(9));
        of_backup(backup::promoted(&Target { location, kek, clock, entropy, actor }).await)
    }
}

/// Does what an action about APIs is about.
async fn try_to_an_api(cx: &Cx, action: Action) -> Result<(), AccessError> {
    match action {
        Action::AddApi => of_api(apis::add(cx, crate::apis::api()).await),
        Action::UpdateApi => {
            let change = &ApiChange { name: Some("Mallory".to_owned()), ..ApiChange::default() };
            of_api(apis::update(cx, API, change).await)
        }
        Action::FindApi => apis::find(cx, API).await.map(drop),
        Action::ListApis => apis::list(cx).await.map(drop),
        other => unreachable!("{other:?}"),
    }
}

/// Does what an action about groups is about.
async fn try_to_a_group(cx: &Cx, user: UserId, action: Action) -> Result<(), AccessError> {
    let staff = &name("staff");
    match action {
        Action::AddGroup => of_group(groups::add(cx, group("mallory")).await),
        Action::DescribeGroup => of_group(groups::describe(cx, staff, Some("Mallory")).await),
        Action::DeleteGroup => of_group(groups::delete(cx, staff).await),
        Action::AddMembers => of_group(groups::add_members(cx, staff, &[user].into()).await),
        Action::RemoveMembers => of_group(groups::remove_members(cx, staff, &[user].into()).await),
        Action::FindGroup => of_group(groups::find(cx, staff).await),
        Action::ListGroups => groups::list(cx).await.map(drop),
        Action::ListMembers => groups::members(cx, staff, None, 10).await.map(drop),
        Action::ListGroupsOfUser => groups::of_user(cx, user).await.map(drop),
        other => unreachable!("{other:?}"),
    }
}

/// Does what an action about authenticators is about, with a session that has just begun.
async fn try_to_an_authenticator(cx: &Cx, server: &TestServer, action: Action) -> Result<(), AccessError> {
    let user = users::find(&server.cli(), "alice").await.unwrap();
    let current = &Current { session: session_of(&user, cx.now), user };
    let missing = AuthenticatorId::from_random([8; 16]);
    match action {
        Action::ChangePassword => {
            let typed = || PlainPassword::to_check("wrong password".to_owned()).unwrap();
            match users::change_own_password(cx, current, typed(), typed()).await {
                Err(ChangePasswordError::Access(error)) => Err(error),
                Err(ChangePasswordError::WrongCurrent) => Ok(()),
                other => other.map(drop).map_err(|error| panic!("{error:?}")),
            }
        }
        Action::ListAuthenticators => authenticators::of_user(cx, current.user.id).await.map(drop),
        Action::AddAuthenticator => match totp::begin(cx, current, &BrowserSecret::fresh(cx)).await {
            Err(EnrolError::Add(AddError::Access(error))) => Err(error),
            other => other.map(drop).map_err(|error| panic!("{error:?}")),
        },
        Action::RenameAuthenticator => {
            of_authenticator(authenticators::rename_own(cx, current, missing, "Mallory").await)
        }
        Action::RemoveAuthenticator => {
            of_authenticator(authenticators::remove(cx, current.user.id, missing).await)
        }
        Action::MakeRecoveryCodes => match recovery_codes::make(cx, current).await {
            Err(MakeError::Access(error)) => Err(error),
            Err(MakeError::NoSecondFactor) => Ok(()),
            other => other.map(drop).map_err(|error| panic!("{error:?}")),
        },
        other => unreachable!("{other:?}"),
    }
}

/// Does what an action about fobs is about. There is none, and whoever may change one finds that out.
async fn try_to_a_fob(cx: &Cx, user: UserId, action: Action) -> Result<(), AccessError> {
    let missing = &crate::fobs::which("A-9");
    match action {
        Action::ImportFobs => of_fob(fobs::import(cx, &Batch::default(), |_| {}).await),
        Action::FindFob => of_fob(fobs::find(cx, missing).await),
        Action::ListFobs => fobs::list(cx, Shown::All, None, 10).await.map(drop),
        Action::AssignFob => of_fob(fobs::assign(cx, missing, user, None).await),
        Action::ReturnFob => of_fob(fobs::take_back(cx, missing).await),
        Action::LoseFob => of_fob(fobs::lose(cx, missing).await),
        Action::ResyncFob => of_fob(fobs::resync(cx, missing, ["000000", "000000"]).await),
        Action::DeleteFob => of_fob(fobs::delete(cx, missing).await),
        other => unreachable!("{other:?}"),
    }
}

fn of_fob<T: std::fmt::Debug>(outcome: Result<T, FobError>) -> Result<(), AccessError> {
    match outcome {
        Err(FobError::Access(error)) => Err(error),
        Ok(_) | Err(FobError::NotFound) => Ok(()),
        other => panic!("{other:?}"),
    }
}

fn session_of(user: &User, now: Timestamp) -> Session {
    Session {
        id: SessionId::from_random([7; 16]),
        secret: Digest::new([7; 32]),
        user_id: user.id,
        authentication: AuthenticationContext::new(vec![Proof::password(now)]),
        created_at: now,
        last_seen_at: now,
        idle_expires_at: now.after(Duration::from_secs(60)),
        expires_at: now.after(Duration::from_secs(60)),
        ended_at: None,
        user_agent: None,
        ip: None,
    }
}

/// The person has no authenticator, and whoever may change it finds that out.
fn of_authenticator<T: std::fmt::Debug>(outcome: Result<T, AuthenticatorError>) -> Result<(), AccessError> {
    match outcome {
        Err(AuthenticatorError::Access(error)) => Err(error),
        Err(AuthenticatorError::NotFound) => Ok(()),
        other => panic!("{other:?}"),
    }
}

fn of_clock<T>(outcome: Result<T, AcceptError>) -> Result<(), AccessError> {
    match outcome {
        Err(AcceptError::Access(error)) => Err(error),
        other => other.map(drop).map_err(|error| panic!("{error:?}")),
    }
}

fn of_user<T>(outcome: Result<T, UserError>) -> Result<(), AccessError> {
    match outcome {
        Err(UserError::Access(error)) => Err(error),
        other => other.map(drop).map_err(|error| panic!("{error:?}")),
    }
}

fn of_client<T>(outcome: Result<T, ClientError>) -> Result<(), AccessError> {
    match outcome {
        Err(ClientError::Access(error)) => Err(error),
        other => other.map(drop).map_err(|error| panic!("{error:?}")),
    }
}

fn of_api<T>(outcome: Result<T, ApiError>) -> Result<(), AccessError> {
    match outcome {
        Err(ApiError::Access(error)) => Err(error),
        other => other.map(drop).map_err(|error| panic!("{error:?}")),
    }
}

fn of_group<T>(outcome: Result<T, GroupError>) -> Result<(), AccessError> {
    match outcome {
        Err(GroupError::Access(error)) => Err(error),
        other => other.map(drop).map_err(|error| panic!("{error:?}")),
    }
}

fn of_backup<T>(outcome: Result<T, BackupError>) -> Result<(), AccessError> {
    match outcome {
        Err(BackupError::Access(error)) => Err(error),
        other => other.map(drop).map_err(|error| panic!("{error:?}")),
    }
}

fn of_keys<T>(outcome: Result<T, ManageError>) -> Result<(), AccessError> {
    match outcome {
        Err(ManageError::Access(error)) => Err(error),
        other => other.map(drop).map_err(|error| panic!("{error:?}")),
    }
}

#[rstest]
#[tokio::test]
async fn whoever_is_no_administrator_is_refused_every_verb_and_changes_nothing(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let scene = Scene::at(backend).await;
    let before = scene.everything().await;
    let stranger = UserId::from_random([9; 16]);
    let strangers = [Actor::Anonymous, Actor::User(stranger), Actor::Client(scene.client.clone())];
    for actor in &strangers {
        for action in Action::ALL {
            let outcome = scene.try_to(action, actor).await;
            assert!(matches!(outcome, Err(AccessError::Denied)), "{actor} {action:?}: {outcome:?}");
        }
        // The next one has a budget of denials of their own.
        scene.server.advance(60);
    }
    assert_eq!(scene.everything().await, before);
}

#[tokio::test]
async fn a_person_may_do_to_their_own_account_what_is_self_service_and_no_more() {
    let scene = Scene::at(Backend::Sqlite).await;
    let before = scene.everything().await;
    for action in Action::ALL {
        let outcome = scene.try_to(action, &Actor::User(scene.user)).await;
        // What an administrator does to remove an authenticator is none of theirs: they have to prove again who they are.
        let is_their_own = matches!(
            action,
            Action::ListApplications
                | Action::ChangePassword
                | Action::ListAuthenticators
                | Action::AddAuthenticator
                | Action::RenameAuthenticator
                | Action::MakeRecoveryCodes
        );
        assert_eq!(outcome.is_ok(), is_their_own, "{action:?}: {outcome:?}");
    }
    assert_eq!(scene.everything().await, before);
}

#[tokio::test]
async fn a_schedule_rotates_keys_and_does_no_more() {
    let scene = Scene::at(Backend::Sqlite).await;
    for action in Action::ALL {
        let outcome = scene.try_to(action, &Actor::System).await;
        assert_eq!(outcome.is_ok(), action == Action::RotateKey, "{action:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn at_the_command_line_everything_is_allowed() {
    let scene = Scene::at(Backend::Sqlite).await;
    // Account and group must still be there for what comes after their end.
    let last = [Action::DeleteGroup, Action::DisableUser, Action::DeleteUser, Action::DeleteClient];
    for action in Action::ALL.into_iter().filter(|action| !last.contains(action)).chain(last) {
        let outcome = scene.try_to(action, &Actor::Cli).await;
        assert!(outcome.is_ok(), "{action:?}: {outcome:?}");
    }
    assert_eq!(scene.server.count("access.denied").await, 0);
}

#[tokio::test]
async fn i09_a_refusal_is_written_down_within_the_budget_of_denials() {
    let scene = Scene::at(Backend::Sqlite).await;
    let actor = Actor::Client(scene.client.clone());
    for _ in 0..15 {
        scene.try_to(Action::LockUser, &actor).await.unwrap_err();
    }
    scene.server.advance(60);
    let trail = scene.server.audit_trail().await;
    let denied: Vec<_> = trail.into_iter().filter(|event| event.code.as_str() == "access.denied").collect();
    let (rows, number): (Vec<_>, Vec<_>) = denied.iter().partition(|event| event.request_id.is_some());
    assert_eq!(
        (rows.len(), number.len(), number[0].detail.as_deref()),
        (10, 1, Some("5 more")),
        "{denied:?}"
    );
    for row in rows {
        assert_eq!((&row.actor, row.user_id), (&actor.to_string(), Some(scene.user)), "{row:?}");
        assert_eq!(row.detail.as_deref(), Some("users.lock"), "{row:?}");
    }
}

/// A verb that reaches the database by another way than the gate is found here.
#[test]
fn only_the_gate_opens_the_transactions_of_administrative_verbs() {
    // Rooms of people and programs, whose gate is the login or `oauth/issue.rs`.
    let others = ["access", "login", "oauth", "sessions"];
    // Batches, leases, what a job sends and the highest time seen belong to no verb. The costs of passwords are noted by a job, and keys
    // are made at the start of the server too. Whoever uses a passkey logs in.
    let exempt = [
        "audit/budget.rs",
        "audit/mod.rs",
        "clock/watch.rs",
        "jobs/claimed_job.rs",
        "jobs/run.rs",
        "keys/factory.rs",
        "passkeys/verify.rs",
        "outbox/send.rs",
        "users/costs.rs",
    ];
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut seen = 0;
    for room in std::fs::read_dir(&source).unwrap().map(|entry| entry.unwrap().path()) {
        let name = room.file_name().unwrap().to_str().unwrap().to_owned();
        if !room.is_dir() || others.contains(&name.as_str()) {
            continue;
        }
        for path in std::fs::read_dir(&room).unwrap().map(|entry| entry.unwrap().path()) {
            let name = format!("{name}/{}", path.file_name().unwrap().to_str().unwrap());
            if exempt.contains(&name.as_str()) {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(!text.contains(".store"), "{name} goes to the store without the gate");
            assert!(!text.contains("cx.event("), "{name} begins an event without the gate");
            assert!(!text.contains("cx.record("), "{name} writes an event without the gate");
            seen += 1;
        }
    }
    assert!(seen > 25, "only {seen} files were found");
}
