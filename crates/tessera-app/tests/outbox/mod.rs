//! Mails: written with the act that causes them, sent by a job, tried again, and given up.

mod secrets;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rstest::rstest;
use tessera_app::jobs::{Outcome, run_if_due, table};
use tessera_app::outbox::{self, Code, Letter, Link, Mail, Message, Notice, Origin, enqueue};
use tessera_app::ports::{MailError, Mailer, Sending};
use tessera_app::users::{self, NewUser};
use tessera_app::{Actor, App, Cx, Fault, Parts};
use tessera_model::{EventCode, PlainPassword, User, UserId, Waiting};
use tessera_testkit::counted::Counted;
use tessera_testkit::mailbox::Mailbox;
use tessera_testkit::passwords::NEW_PASSWORD;
use tessera_testkit::server::{Backend, TestServer};
use tokio::sync::Notify;
use tokio::task::JoinSet;

const DAY: i64 = 86_400;

/// Does what a server does if the job is due.
async fn run(app: &Arc<App>) -> Outcome {
    let job = table().into_iter().find(|job| job.name == "outbox.send").unwrap();
    run_if_due(app, &job, "test").await.unwrap()
}

/// Sets a password that the person has not had before.
async fn set_password(cx: &Cx, id: UserId) {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let password = PlainPassword::to_set(format!("{NEW_PASSWORD} {number}")).unwrap();
    users::set_password(cx, id, password).await.unwrap();
}

async fn waiting(server: &TestServer) -> Vec<Waiting> {
    outbox::list(&server.cli(), 100).await.unwrap()
}

/// Writes a mail to a person in a transaction of its own.
pub(crate) async fn write(server: &TestServer, user: &User, mail: &Mail) {
    let cx = &server.cli();
    let message = &Message::to_user(user, mail.clone()).unwrap();
    server.store().await.write(|tx| async move { enqueue(cx, &tx, message).await }).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn i03_a_new_password_is_told_to_its_owner_once_it_is_committed(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    assert_eq!(run(&server.app).await, Outcome::Succeeded, "nothing waits yet");
    let alice = server.add_user("alice").await;
    let locale = "fr-CA".to_owned();
    let changes = users::UserChanges {
        claims: tessera_oauth::claims::ProfileClaims { locale: Some(locale.clone()), ..Default::default() },
        ..Default::default()
    };
    users::update(&server.cli(), alice.id, &changes).await.unwrap();
    set_password(&server.cli(), alice.id).await;
    let now = server.clock_now();
    let rows = waiting(&server).await;
    let [row] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!((&*row.kind, row.user_id, row.attempts), ("password_changed", Some(alice.id), 0));
    assert_eq!((row.next_attempt_at, row.expires_at.seconds()), (now, now.seconds() + DAY));

    assert_eq!(run(&server.app).await, Outcome::Succeeded, "the verb has made the job due");
    let notice = Notice { account: alice.username, at: now, by: Origin::Administrator };
    let to = "alice@example.com".parse().unwrap();
    let letter = Letter { id: row.id, to, language: Some(locale), mail: Mail::PasswordChanged(notice) };
    assert_eq!(server.mailbox.take(), [letter]);
    assert_eq!(waiting(&server).await, []);
    server.advance(3_600);
    assert_eq!((run(&server.app).await, server.mailbox.take().len()), (Outcome::Succeeded, 0));
}

#[rstest]
#[tokio::test]
async fn i03_an_act_that_is_taken_back_is_not_told(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let alice = server.add_user("alice").await;
    let cx = &server.cli();
    let message = &Message::to_user(&alice, Mail::Test).unwrap();
    let failed = server.store().await;
    let failed = failed.write(|tx| async move {
        enqueue(cx, &tx, message).await?;
        Err::<(), _>(Fault::Conflict)
    });
    failed.await.unwrap_err();
    assert_eq!(waiting(&server).await, []);
}

#[tokio::test]
async fn nobody_is_told_who_has_no_address_or_where_no_mail_is_sent() {
    let server = TestServer::start(Backend::Sqlite).await;
    let new = NewUser::new("bob".parse().unwrap());
    let bob = users::add(&server.cli(), new).await.unwrap();
    set_password(&server.cli(), bob.id).await;
    let alice = server.add_user("alice").await;
    let silent = App::start(Parts { mailer: None, ..server.parts(7).await }).await.unwrap();
    assert!(!silent.can_send_mail() && server.app.can_send_mail());
    set_password(&Cx::new(&silent, Actor::Cli), alice.id).await;
    assert_eq!(waiting(&server).await, []);
}

#[rstest]
#[tokio::test]
async fn f35_a_mail_is_tried_again_with_growing_pauses_and_the_same_id(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let alice = server.add_user("alice").await;
    set_password(&server.cli(), alice.id).await;
    let counted = Counted::new("tessera_mails_total").labelled("outcome", "retried");
    let _heard = metrics::set_default_local_recorder(&counted);
    server.mailbox.refuse(Some(MailError::Deferred));
    assert_eq!(run(&server.app).await, Outcome::Succeeded, "the job itself works");
    let mut letters = server.mailbox.take();
    for pause in [5, 30, 120, 600, 3_600] {
        let row = waiting(&server).await.remove(0);
        assert_eq!(row.next_attempt_at, server.clock_now().after(Duration::from_secs(pause)));
        assert_eq!(row.last_error.as_deref(), Some("deferred"));
        server.advance(pause - 1);
        run(&server.app).await;
        assert_eq!(server.mailbox.take(), [], "not before {pause} s are over");
        server.advance(1);
        assert_eq!(run(&server.app).await, Outcome::Succeeded);
        letters.extend(server.mailbox.take());
    }
    assert_eq!(letters.len(), 6);
    assert!(letters.iter().all(|letter| *letter == letters[0]), "{letters:?}");
    assert_eq!(counted.total(), 6);
    server.mailbox.refuse(None);
    server.advance(3 * 3_600);
    run(&server.app).await;
    assert_eq!((server.mailbox.take(), waiting(&server).await), (vec![letters[0].clone()], vec![]));
    assert_eq!(server.events(EventCode::MailFailed).await, []);
}

#[rstest]
#[tokio::test]
async fn f35_a_mail_that_is_refused_for_good_or_too_old_is_given_up_and_written_down(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let alice = server.add_user("alice").await;
    server.mailbox.refuse(Some(MailError::Rejected));
    set_password(&server.cli(), alice.id).await;
    run(&server.app).await;
    assert_eq!((server.mailbox.take().len(), waiting(&server).await), (1, vec![]));

    server.mailbox.refuse(Some(MailError::Deferred));
    let expires_at = server.clock_now().after(Duration::from_secs(300));
    write(&server, &alice, &Mail::LoginCode(Code { code: "123456".to_owned(), expires_at })).await;
    for _ in 0..300 {
        run(&server.app).await;
        server.advance(1);
    }
    assert_eq!(server.mailbox.take().len(), 4, "at 0, 5, 35 and 155 s");
    assert_eq!(waiting(&server).await.len(), 1);
    run(&server.app).await;
    assert_eq!((server.mailbox.take(), waiting(&server).await), (vec![], vec![]), "its code is over");
    let events = server.events(EventCode::MailFailed).await;
    let said: Vec<_> = events.iter().map(|event| (event.detail.as_deref(), event.user_id)).collect();
    let of = |detail| (Some(detail), Some(alice.id));
    assert_eq!(said, [of("login_code: deferred"), of("password_changed: rejected")]);
    assert!(events.iter().all(|event| event.unlisted().is_empty() && event.actor == "system"), "{events:?}");
}

#[rstest]
#[tokio::test]
async fn f35_a_server_that_is_away_is_asked_once_a_run(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    for name in ["alice", "bob", "carol"] {
        let user = server.add_user(name).await;
        set_password(&server.cli(), user.id).await;
    }
    server.mailbox.refuse(Some(MailError::TimedOut));
    for _ in 0..3 {
        run(&server.app).await;
        assert_eq!(server.mailbox.take().len(), 1);
        server.advance(5);
    }
    server.mailbox.refuse(None);
    server.advance(30);
    run(&server.app).await;
    assert_eq!((server.mailbox.take().len(), waiting(&server).await), (3, vec![]));
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i01_of_two_servers_one_sends_a_mail(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let server = TestServer::start(backend).await;
    let alice = server.add_user("alice").await;
    for round in 0..20 {
        set_password(&server.cli(), alice.id).await;
        let mut polls = JoinSet::new();
        for app in [Arc::clone(&server.app), server.second_process(|_| ()).await].iter().cycle().take(8) {
            let app = Arc::clone(app);
            polls.spawn(async move { run(&app).await });
        }
        polls.join_all().await;
        assert_eq!(server.mailbox.take().len(), 1, "round {round}");
        server.advance(1);
    }
}

/// A connection that the mail server has taken the letter from, and that never says so.
struct TakesAndSaysNothing(Arc<Mailbox>, Notify);

impl Mailer for TakesAndSaysNothing {
    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a> {
        Box::pin(async {
            self.0.send(letter).await?;
            self.1.notify_one();
            std::future::pending().await
        })
    }
}

#[rstest]
#[tokio::test]
async fn f35_after_a_crash_the_same_mail_goes_out_once_more(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let alice = server.add_user("alice").await;
    set_password(&server.cli(), alice.id).await;
    let mailer = Arc::new(TakesAndSaysNothing(Arc::clone(&server.mailbox), Notify::new()));
    let parts = Parts { mailer: Some(Arc::clone(&mailer) as _), ..server.parts(7).await };
    let app = App::start(parts).await.unwrap();
    let dying = tokio::spawn(async move { run(&app).await });
    mailer.1.notified().await;
    dying.abort();
    assert!(dying.await.unwrap_err().is_cancelled());
    assert_eq!(waiting(&server).await[0].attempts, 1, "counted before it was made");
    assert_eq!(run(&server.app).await, Outcome::NotNow, "the dead one has the job");
    server.advance(71);
    assert_eq!(run(&server.app).await, Outcome::Succeeded);
    let letters = server.mailbox.take();
    assert_eq!((letters.len(), &letters[0]), (2, &letters[1]));
    assert_eq!(waiting(&server).await, []);
}

#[rstest]
#[tokio::test]
async fn what_somebody_waits_for_goes_before_what_only_tells(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let alice = server.add_user("alice").await;
    let expires_at = server.clock_now().after(Duration::from_secs(600));
    let invitation = Mail::Invitation(Link::new("/join", ("token", "x"), expires_at));
    for _ in 0..25 {
        write(&server, &alice, &invitation).await;
    }
    server.advance(1);
    write(&server, &alice, &Mail::LoginCode(Code { code: "123456".to_owned(), expires_at })).await;
    run(&server.app).await;
    let sent = server.mailbox.take();
    assert_eq!((sent.len(), sent[0].mail.kind()), (26, "login_code"));
}

#[tokio::test]
async fn while_the_clock_may_be_wrong_mail_goes_out_and_none_is_given_up() {
    let server = TestServer::start(Backend::Sqlite).await;
    let alice = server.add_user("alice").await;
    set_password(&server.cli(), alice.id).await;
    server.clock.advance(Duration::from_secs(25 * 3_600));
    assert_eq!(run(&server.app).await, Outcome::Succeeded);
    assert_eq!(
        (server.mailbox.take(), waiting(&server).await.len()),
        (vec![], 1),
        "over, if the clock is right"
    );
    set_password(&server.cli(), alice.id).await;
    run(&server.app).await;
    assert_eq!((server.mailbox.take().len(), waiting(&server).await.len()), (1, 1));
    server.advance(660);
    run(&server.app).await;
    assert_eq!((waiting(&server).await, server.events(EventCode::MailFailed).await.len()), (vec![], 1));
}

#[tokio::test]
async fn a_server_without_mail_leaves_what_waits_to_the_others_until_it_is_over() {
    let server = TestServer::start(Backend::Sqlite).await;
    let alice = server.add_user("alice").await;
    set_password(&server.cli(), alice.id).await;
    let silent = App::start(Parts { mailer: None, ..server.parts(7).await }).await.unwrap();
    run(&silent).await;
    assert_eq!(waiting(&server).await[0].last_error.as_deref(), Some("not_configured"));
    server.advance(5);
    run(&server.app).await;
    assert_eq!(server.mailbox.take().len(), 1);
}

#[tokio::test]
async fn l25_a_notice_says_who_did_it_and_repeats_no_text_of_a_browser() {
    let server = TestServer::start(Backend::Sqlite).await;
    let alice = server.add_user("alice").await;
    let cx = |actor| {
        let mut cx = Cx::new(&server.app, actor);
        cx.ip = Some([192, 0, 2, 1].into());
        cx.user_agent = Some("https://evil.example/ Firefox/1 (Windows)".to_owned());
        cx
    };
    let by = |actor| Notice::of(&cx(actor), &alice).by;
    let owner =
        Origin::Person { ip: Some([192, 0, 2, 1].into()), browser: Some("Firefox, Windows".to_owned()) };
    assert_eq!([by(Actor::Anonymous), by(Actor::User(alice.id))], [owner.clone(), owner]);
    let other = UserId::from_random([9; 16]);
    assert_eq!([by(Actor::Cli), by(Actor::User(other))], [Origin::Administrator, Origin::Administrator]);
}

#[tokio::test]
async fn l25_an_address_that_is_none_is_refused_and_gets_no_mail() {
    let server = TestServer::start(Backend::Sqlite).await;
    let alice = server.add_user("alice").await;
    for bad in ["a@b.example\r\nBcc: e@evil.example", "a@b.example,e@evil.example", "A <a@b.example>"] {
        let email = Some(bad.to_owned());
        let new = NewUser { email: email.clone(), ..NewUser::new("eve".parse().unwrap()) };
        let refused = users::add(&server.cli(), new).await;
        assert!(matches!(refused, Err(users::UserError::Invalid(_))), "{bad:?}");
        assert!(Message::to_user(&User { email, ..alice.clone() }, Mail::Test).is_none(), "{bad:?}");
    }
}

#[tokio::test]
async fn a_mail_is_removed_with_its_person() {
    let server = TestServer::start(Backend::Sqlite).await;
    let alice = server.add_user("alice").await;
    let link = Link::new("/reset", ("token", "x"), server.clock_now().after(Duration::from_secs(60)));
    write(&server, &alice, &Mail::ResetPassword(link)).await;
    users::delete(&server.cli(), alice.id).await.unwrap();
    assert_eq!(waiting(&server).await, []);
}
