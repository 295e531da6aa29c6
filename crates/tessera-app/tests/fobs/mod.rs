//! Key fobs: every verb, what it leaves in the audit trail, and what it refuses.

use rstest::rstest;
use tessera_app::authenticators::{self, AuthenticatorError};
use tessera_app::fobs::{
    self, Batch, CsvFormat, EntryError, FileForm, FileProblem, FobError, Imported, Shown, Unlock, WhichFob,
};
use tessera_app::users;
use tessera_model::{Authenticator, EventCode, Fob, FobLabel, FobState, UserId};
use tessera_otp::{Algorithm, Digits, Hotp, Period, Secret, Totp};
use tessera_testkit::server::{Backend, TestServer};
use tokio::task::JoinSet;

/// The secret of the RFCs, in hex.
const SECRET: &str = "3132333435363738393031323334353637383930";

pub(crate) fn which(serial: &str) -> WhichFob {
    WhichFob { serial: serial.parse().unwrap(), manufacturer: None }
}

fn csv(text: &str) -> Batch {
    Batch::read(text.as_bytes(), FileForm::Csv(CsvFormat::default()), None, |_| {}).unwrap()
}

/// Two fobs by counter, A-1 and A-2, and one by time, T-1.
fn three() -> Batch {
    csv(&format!("serial,secret,type\nA-1,{SECRET},hotp\nA-2,{SECRET},hotp\nT-1,{SECRET},totp\n"))
}

fn hotp(counter: u64) -> String {
    let device = Hotp::new(Secret::new(b"12345678901234567890").unwrap(), Algorithm::Sha1, Digits::Six);
    device.code(counter).reveal().to_string()
}

async fn stocked(backend: Backend) -> (TestServer, UserId) {
    let server = TestServer::start(backend).await;
    let user = server.add_user("alice").await.id;
    fobs::import(&server.cli(), &three(), |_| {}).await.unwrap();
    (server, user)
}

/// Oldest first.
async fn details(server: &TestServer, code: EventCode) -> Vec<(Option<UserId>, String)> {
    let events = server.events(code).await.into_iter().rev();
    events.map(|event| (event.user_id, event.detail.unwrap())).collect()
}

async fn theirs(server: &TestServer, user: UserId) -> Vec<Authenticator> {
    authenticators::of_user(&server.cli(), user).await.unwrap().authenticators
}

async fn fob(server: &TestServer, serial: &str) -> Fob {
    fobs::find(&server.cli(), &which(serial)).await.unwrap()
}

#[rstest]
#[tokio::test]
async fn r08_a_file_is_imported_once_however_often(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let cx = &server.cli();
    let line = |serial: &str, kind| format!("{serial},{SECRET},{kind}\n");
    let lines: String = (0..1_203).map(|number| line(&format!("{number:05}"), "hotp")).collect();
    let file = format!("serial,secret,type\n{lines}");
    let mut steps = Vec::new();
    let imported = fobs::import(cx, &csv(&file), |step| steps.push(step)).await.unwrap();
    assert_eq!((imported, steps), (Imported { added: 1_203, known: 0 }, vec![500, 500, 203]));
    let longer = file + &line("new", "totp");
    let again = fobs::import(cx, &csv(&longer), |_| {}).await.unwrap();
    assert_eq!(again, Imported { added: 1, known: 1_203 });
    let told: Vec<_> =
        details(&server, EventCode::FobsImported).await.into_iter().map(|(_, text)| text).collect();
    assert_eq!(told, ["500 fobs", "500 fobs", "203 fobs", "1 fobs"]);
    let first = fobs::list(cx, Shown::InStock, None, 1_000).await.unwrap();
    let rest = fobs::list(cx, Shown::InStock, Some(&first[999].label), 1_000).await.unwrap();
    assert_eq!((first.len(), rest.len(), rest[203].label.serial.as_str()), (1_000, 204, "new"));
}

#[test]
fn r08_everything_that_is_wrong_with_a_file_is_told_with_its_line() {
    let batch =
        csv(&format!("serial,secret,type\nA-1,{SECRET},hotp\nA-2,31,hotp\n\nA-3\nA-1,{SECRET},hotp\n"));
    let bad: Vec<_> = batch.bad.iter().map(|bad| (bad.line, bad.serial.as_deref(), &bad.problem)).collect();
    assert_eq!(bad[1..], [(5, None, &EntryError::Row), (6, Some("A-1"), &EntryError::Duplicate)]);
    assert_eq!((batch.len(), bad[0].0, bad[0].1), (1, 3, Some("A-2")));
    let pskc = |text: &str| Batch::read(text.as_bytes(), FileForm::Pskc(Unlock::Nothing), None, |_| {});
    assert!(matches!(pskc("<x/>").unwrap_err().problem, FileProblem::NotPskc));
    let key = |serial: &str, dates: &str, id: &str| {
        format!(
            "<KeyPackage><DeviceInfo><Manufacturer>Maker</Manufacturer><SerialNo>{serial}</SerialNo>{dates}</DeviceInfo>\
             <Key Id=\"{id}\" Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:hotp\"><AlgorithmParameters>\
             <ResponseFormat Length=\"6\" Encoding=\"DECIMAL\"/></AlgorithmParameters><Data><Secret><PlainValue>\
             MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret></Data></Key></KeyPackage>"
        )
    };
    let keys = [
        key("A-1", "<ExpiryDate>2030-01-01T00:00:00Z</ExpiryDate>", "1"),
        key("A-1", "", "2"),
        key("A-2", "<ExpiryDate>soon</ExpiryDate>", "3"),
    ];
    let file = format!(
        "<KeyContainer Version=\"1.0\" xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\">{}</KeyContainer>",
        keys.concat()
    );
    let batch = pskc(&file).unwrap();
    let bad: Vec<_> = batch.bad.into_iter().map(|bad| bad.problem).collect();
    // A device with two keys would need two labels.
    assert_eq!((bad.len(), &bad[0]), (2, &EntryError::Duplicate), "{bad:?}");
    assert!(matches!(bad[1], EntryError::Wrong(_)), "{bad:?}");
}

#[rstest]
#[tokio::test]
async fn r09_a_fob_is_given_to_one_person_and_taken_back(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, alice) = stocked(backend).await;
    let (cx, bob) = (&server.cli(), server.add_user("bob").await.id);
    let missing = UserId::from_random([9; 16]);
    assert!(matches!(fobs::assign(cx, &which("A-1"), missing, None).await, Err(FobError::NoSuchUser(_))));
    assert!(matches!(fobs::assign(cx, &which("A-9"), alice, None).await, Err(FobError::NotFound)));
    assert!(matches!(fobs::take_back(cx, &which("A-1")).await, Err(FobError::NotAssigned)));
    let name = "Blue".parse().unwrap();
    fobs::assign(cx, &which("A-1"), alice, Some(&name)).await.unwrap();
    for user in [alice, bob] {
        assert!(matches!(fobs::assign(cx, &which("A-1"), user, None).await, Err(FobError::Assigned)));
    }
    assert!(matches!(fobs::delete(cx, &which("A-1")).await, Err(FobError::Assigned)));
    assert_eq!(theirs(&server, alice).await[0].name, name);
    let of = |user| fobs::list(cx, Shown::Of(user), None, 10);
    assert_eq!((of(alice).await.unwrap().len(), of(bob).await.unwrap().len()), (1, 0));
    fobs::take_back(cx, &which("A-1")).await.unwrap();
    assert_eq!(theirs(&server, alice).await, []);
    fobs::assign(cx, &which("A-1"), bob, None).await.unwrap();
    assert_eq!(theirs(&server, bob).await[0].name.as_str(), "A-1");
    users::disable(cx, bob).await.unwrap();
    assert_eq!(fob(&server, "A-1").await.state, FobState::InStock, "a closed account gives it back");
    assert!(matches!(fobs::assign(cx, &which("A-1"), bob, None).await, Err(FobError::NoSuchUser(_))));
    let assigned = details(&server, EventCode::FobAssigned).await;
    assert_eq!(assigned, [(Some(alice), "A-1".to_owned()), (Some(bob), "A-1".to_owned())]);
    assert_eq!(details(&server, EventCode::FobReturned).await, [(Some(alice), "A-1".to_owned())]);
    assert_eq!(server.count("authenticator.added").await, 0, "one event for one outcome");
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r09_of_many_who_give_away_one_fob_one_succeeds(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, _) = stocked(backend).await;
    let mut racers = JoinSet::new();
    for number in 0..8 {
        let user = server.add_user(&format!("user{number}")).await.id;
        let cx = server.cli();
        racers.spawn(async move { fobs::assign(&cx, &which("A-1"), user, None).await });
    }
    let outcomes = racers.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    assert_eq!(server.count("fob.assigned").await, 1);
}

#[rstest]
#[tokio::test]
async fn r08_two_codes_in_a_row_set_a_fob_right(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, alice) = stocked(backend).await;
    let cx = &server.cli();
    let resync = async |serial: &str, first: &str, second: &str| {
        fobs::resync(&server.cli(), &which(serial), [first, second]).await
    };
    // In stock, and with its person.
    assert_eq!(resync("A-1", &hotp(300), &hotp(301)).await.unwrap().counter, 302);
    fobs::assign(cx, &which("A-1"), alice, None).await.unwrap();
    assert_eq!(theirs(&server, alice).await[0].counter, 302);
    for (first, second) in [(300, 301), (301, 302), (400, 402), (401, 400), (1_303, 1_304)] {
        let refused = resync("A-1", &hotp(first), &hotp(second)).await;
        assert!(matches!(refused, Err(FobError::WrongCodes)), "{first} {second}: {refused:?}");
    }
    resync("A-1", &hotp(1_302), &hotp(1_303)).await.unwrap();
    assert_eq!((theirs(&server, alice).await[0].counter, fob(&server, "A-1").await.counter), (1_304, 1_304));
    let clock = Totp::new(
        Secret::new(b"12345678901234567890").unwrap(),
        Algorithm::Sha1,
        Digits::Six,
        Period::Seconds30,
    );
    let ahead = clock.step_at(u64::try_from(server.app.now().seconds()).unwrap()) + 100;
    let shows = |step| clock.code(step).reveal().to_string();
    resync("T-1", &shows(ahead), &shows(ahead + 1)).await.unwrap();
    let tessera_model::AuthenticatorKind::Totp(secret) = fob(&server, "T-1").await.kind else { panic!() };
    assert_eq!(secret.drift, 101);
    assert_eq!(server.count("fob.resynced").await, 3);
    // It was used, so it stays.
    assert!(matches!(fobs::delete(cx, &which("T-1")).await, Err(FobError::Used)));
    fobs::delete(cx, &which("A-2")).await.unwrap();
    assert!(matches!(fobs::find(cx, &which("A-2")).await, Err(FobError::NotFound)));
}

#[tokio::test]
async fn r09_a_lost_fob_comes_back_in_no_way() {
    let (server, alice) = stocked(Backend::Sqlite).await;
    let cx = &server.cli();
    fobs::assign(cx, &which("A-1"), alice, None).await.unwrap();
    fobs::lose(cx, &which("A-1")).await.unwrap();
    assert_eq!(theirs(&server, alice).await, []);
    assert_eq!(details(&server, EventCode::FobLost).await, [(Some(alice), "A-1".to_owned())]);
    let again = fobs::import(cx, &three(), |_| {}).await.unwrap();
    assert_eq!(again, Imported { added: 0, known: 3 });
    let lost = |error: Result<Fob, FobError>| assert!(matches!(error, Err(FobError::Lost)), "{error:?}");
    lost(fobs::assign(cx, &which("A-1"), alice, None).await);
    lost(fobs::take_back(cx, &which("A-1")).await);
    lost(fobs::lose(cx, &which("A-1")).await);
    lost(fobs::delete(cx, &which("A-1")).await);
    lost(fobs::resync(cx, &which("A-1"), [&hotp(3), &hotp(4)]).await);
}

#[tokio::test]
async fn r09_two_manufacturers_may_use_one_number() {
    let (server, alice) = stocked(Backend::Sqlite).await;
    let cx = &server.cli();
    let text = format!("serial,secret,type\nA-1,{SECRET},hotp\n");
    let maker = "Manufactura".parse().unwrap();
    let form = FileForm::Csv(CsvFormat::default());
    let batch = Batch::read(text.as_bytes(), form, Some(&maker), |_| {}).unwrap();
    assert_eq!(fobs::import(cx, &batch, |_| {}).await.unwrap(), Imported { added: 1, known: 0 });
    assert!(matches!(fobs::assign(cx, &which("A-1"), alice, None).await, Err(FobError::Ambiguous)));
    let one = WhichFob { manufacturer: Some(maker.clone()), ..which("A-1") };
    let given = fobs::assign(cx, &one, alice, None).await.unwrap();
    assert_eq!(given.label, FobLabel { manufacturer: Some(maker), ..given.label.clone() });
}

#[tokio::test]
async fn r09_an_administrator_may_remove_a_fob_like_any_authenticator() {
    let (server, alice) = stocked(Backend::Sqlite).await;
    let cx = &server.cli();
    fobs::assign(cx, &which("A-1"), alice, None).await.unwrap();
    let id = theirs(&server, alice).await[0].id;
    authenticators::remove(cx, alice, id).await.unwrap();
    assert_eq!(fob(&server, "A-1").await.state, FobState::InStock);
    let gone = authenticators::remove(cx, alice, id).await;
    assert!(matches!(gone, Err(AuthenticatorError::NotFound)), "{gone:?}");
}
