//! Faults that need access to the writing connection.

use std::path::PathBuf;
use std::pin::Pin;
use std::task::Poll;

use tessera_model::{Digest, Throttle, Timestamp};

use super::file::BUSY_WAIT;
use super::*;
use crate::location::Location;
use crate::store::Store;
use crate::tx::{Backend, Tx};

const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

fn digest(number: u32) -> Digest {
    let mut bytes = [7; 32];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    Digest::new(bytes)
}

struct Bed {
    sqlite: Arc<Sqlite>,
    path: PathBuf,
    _home: tempfile::TempDir,
}

fn bed() -> Bed {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("tessera.db");
    Bed { sqlite: Arc::new(Sqlite::open(&path, Opening::New).unwrap()), path, _home: home }
}

/// A small write: one login attempt with a key of its own.
async fn attempt(sqlite: &Sqlite, number: u32) -> Result<(), StoreError> {
    let open = sqlite.begin().await?;
    let begun = Tx::new(Backend::SqliteWrite(open.handle()))
        .throttles()
        .begin(&digest(number), &digest(number), Throttle::MOST_PASSWORDS, NOW)
        .await;
    match begun {
        Ok(_) => open.commit().await,
        Err(error) => open.rollback().await.and(Err(error)),
    }
}

fn stored(sqlite: &Arc<Sqlite>) -> i64 {
    let count = |conn: &Connection| {
        conn.query_row("SELECT count(*) FROM throttles", [], |row| row.get(0)).map_err(store_error)
    };
    sqlite.with_reader(count).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn f12_a_full_disk_is_reported_and_writing_goes_on_when_there_is_room_again() {
    let bed = bed();
    bed.sqlite.writer.lock().await.limit_pages(40);
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..4_000 {
        let sqlite = Arc::clone(&bed.sqlite);
        tasks.spawn(async move { attempt(&sqlite, number).await });
    }
    let answers = tasks.join_all().await;
    let acknowledged = answers.iter().filter(|answer| answer.is_ok()).count();
    let refused =
        answers.iter().filter(|answer| answer.as_ref().is_err_and(StoreError::is_unavailable)).count();
    assert!(acknowledged > 0 && refused > 0, "{acknowledged} {refused}");
    assert_eq!(acknowledged + refused, 4_000);
    assert_eq!(stored(&bed.sqlite), i64::try_from(acknowledged).unwrap(), "reads go on");
    bed.sqlite.writer.lock().await.limit_pages(1_000_000);
    assert_eq!(attempt(&bed.sqlite, 1_000_000).await, Ok(()), "no restart needed");
}

/// Polls a future exactly once, without letting other tasks run. Returns whether it still waits.
async fn is_pending<F: Future>(mut future: Pin<&mut F>) -> bool {
    std::future::poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_pending())).await
}

async fn begin_attempt(open: &OpenWrite, number: u32) -> Result<Option<Throttle>, StoreError> {
    Tx::new(Backend::SqliteWrite(open.handle()))
        .throttles()
        .begin(&digest(number), &digest(number), Throttle::MOST_PASSWORDS, NOW)
        .await
}

/// Two members of one batch. The second is in the queue before the commit task.
async fn two_of_one_batch(
    sqlite: &Sqlite,
) -> (Pin<Box<impl Future<Output = Result<(), StoreError>>>>, OpenWrite) {
    let first = sqlite.begin().await.unwrap();
    assert!(begin_attempt(&first, 1).await.unwrap().is_some());
    let mut second = Box::pin(sqlite.begin());
    assert!(is_pending(second.as_mut()).await, "one writer at a time");
    let mut first = Box::pin(first.commit());
    assert!(is_pending(first.as_mut()).await, "not before the commit");
    (first, second.await.unwrap())
}

#[tokio::test]
async fn i03_when_sqlite_takes_a_batch_back_every_member_is_told() {
    let bed = bed();
    let (first, second) = two_of_one_batch(&bed.sqlite).await;
    second.handle().rollback_all();
    assert!(begin_attempt(&second, 2).await.unwrap_err().is_unavailable(), "never a commit of its own");
    assert!(second.commit().await.unwrap_err().is_unavailable());
    assert!(first.await.unwrap_err().is_unavailable());
    assert_eq!(stored(&bed.sqlite), 0);
    assert_eq!(attempt(&bed.sqlite, 3).await, Ok(()));
}

#[tokio::test]
async fn i03_a_refusal_that_rests_on_lost_work_is_no_answer() {
    let bed = bed();
    let (first, second) = two_of_one_batch(&bed.sqlite).await;
    assert_eq!(
        begin_attempt(&second, 1).await,
        Ok(None),
        "it sees the first attempt, which is not yet durable"
    );
    second.handle().rollback_all();
    assert!(second.rollback().await.unwrap_err().is_unavailable());
    assert!(first.await.unwrap_err().is_unavailable());
}

#[tokio::test]
async fn a_member_that_gives_up_takes_nothing_of_its_mates_with_it() {
    let bed = bed();
    let (first, second) = two_of_one_batch(&bed.sqlite).await;
    assert!(begin_attempt(&second, 2).await.unwrap().is_some());
    drop(second);
    assert_eq!(first.await, Ok(()));
    assert_eq!(stored(&bed.sqlite), 1);
}

#[tokio::test]
async fn a_first_member_that_gives_up_leaves_the_next_one_a_batch_of_its_own() {
    let bed = bed();
    let first = bed.sqlite.begin().await.unwrap();
    assert!(begin_attempt(&first, 1).await.unwrap().is_some());
    let mut second = Box::pin(bed.sqlite.begin());
    assert!(is_pending(second.as_mut()).await, "one writer at a time");
    assert_eq!(first.rollback().await, Ok(()), "nobody else's work was lost");
    let second = second.await.unwrap();
    assert!(begin_attempt(&second, 1).await.unwrap().is_some(), "it does not see the first attempt");
    assert_eq!(second.commit().await, Ok(()));
    assert_eq!(stored(&bed.sqlite), 1);
}

#[tokio::test]
async fn a_first_member_whose_statement_failed_cannot_commit() {
    let bed = bed();
    let first = bed.sqlite.begin().await.unwrap();
    assert!(begin_attempt(&first, 2).await.unwrap().is_some());
    first.handle().rollback_all();
    assert!(begin_attempt(&first, 3).await.unwrap_err().is_unavailable(), "never a commit of its own");
    assert!(first.commit().await.unwrap_err().is_unavailable());
    assert_eq!(stored(&bed.sqlite), 0);
}

#[test]
fn a_batch_whose_runtime_went_away_is_taken_back_by_the_next_writer() {
    let bed = bed();
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let gone = runtime();
    gone.block_on(async {
        let open = bed.sqlite.begin().await.unwrap();
        assert!(begin_attempt(&open, 1).await.unwrap().is_some());
        assert!(is_pending(Box::pin(open.commit()).as_mut()).await);
    });
    drop(gone);
    runtime().block_on(async {
        assert_eq!(attempt(&bed.sqlite, 2).await, Ok(()));
        assert_eq!(stored(&bed.sqlite), 1);
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn f16_while_another_process_writes_we_wait_a_quarter_second_at_most() {
    let bed = bed();
    let store = Store::open(&Location::Sqlite { path: bed.path.clone() }).await.unwrap();
    let other = Connection::open(&bed.path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let started = tokio::time::Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..20 {
        let store = store.clone();
        tasks.spawn(async move {
            store
                .write(|tx| async move {
                    tx.throttles()
                        .begin(&digest(number), &digest(number), Throttle::MOST_PASSWORDS, NOW)
                        .await
                })
                .await
        });
    }
    let answers = tasks.join_all().await;
    let waited = started.elapsed();
    assert!(
        answers.iter().all(|answer| answer.as_ref().is_err_and(StoreError::is_unavailable)),
        "{answers:?}"
    );
    assert!(
        waited >= BUSY_WAIT && waited < BUSY_WAIT * 3,
        "all of them together, not one after the other: {waited:?}"
    );
    let read = store.read(|tx| async move { tx.catalog().version().await }).await;
    assert!(read.is_ok(), "reading goes on");
    other.execute_batch("COMMIT").unwrap();
    let first = Throttle {
        day: Throttle::day(NOW),
        failures: 1,
        blocked_until: Throttle::next_attempt(1, NOW),
        pending_until: Some(NOW.after(Throttle::LONGEST_ATTEMPT)),
    };
    let begun = store
        .write(|tx| async move {
            tx.throttles().begin(&digest(1), &digest(1), Throttle::MOST_PASSWORDS, NOW).await
        })
        .await;
    assert_eq!(begun, Ok(Some(first)));
}

/// A partial index makes SQLite ask whether a value fits it, unless it is told not to.
#[test]
fn no_statement_is_planned_anew_for_another_value() {
    let planned_anew = |conn: &Connection| {
        let mut found = Vec::new();
        let in_two = |sql: &'static crate::sql::Statement| {
            sql.sqlite_in_two().into_iter().flat_map(|in_two| [&*in_two.update, &in_two.select])
        };
        for text in crate::sql::all().flat_map(|sql| in_two(sql).chain([sql.sqlite()])) {
            let mut statement = conn.prepare(text).map_err(store_error)?;
            for value in ["code", "active", "session", ""] {
                for parameter in 1..=statement.parameter_count() {
                    statement.raw_bind_parameter(parameter, value).map_err(store_error)?;
                }
                // Some refuse such values, and this connection refuses every write. The plan comes first.
                let _ = statement.raw_query().next();
            }
            if statement.get_status(rusqlite::StatementStatus::RePrepare) > 0 {
                found.push(text);
            }
        }
        Ok(found)
    };
    assert_eq!(bed().sqlite.with_reader(planned_anew), Ok(Vec::new()));
}

/// What `EXPLAIN` says in a column about each step of a statement.
fn explain(how: &str, text: &str, column: &'static str) -> Vec<String> {
    let question = format!("{how} {text}");
    let explained = move |conn: &Connection| {
        let mut statement = conn.prepare(&question).map_err(store_error)?;
        let rows = statement.raw_query().mapped(|row| row.get::<_, String>(column));
        rows.collect::<Result<Vec<_>, _>>().map_err(store_error)
    };
    bed().sqlite.with_reader(explained).unwrap()
}

/// SQLite puts a list of more than two values, such as one in the condition of an index, into a table that it makes for the statement.
/// It does the same with what an update returns.
#[test]
fn an_audit_event_and_a_refresh_need_no_table_of_their_own() {
    let in_two = crate::sql::all().filter(|sql| sql.sqlite_in_two().is_some());
    let names: Vec<_> = in_two.map(|sql| format!("{sql:?}")).collect();
    // Look at the condition of a new one: it must be of one row.
    assert_eq!(names, ["grants::REDEEM_CODE", "grants::FAIL_CODE", "grants::ROTATE_REFRESH"]);
    let refresh = crate::sql::grants::ROTATE_REFRESH.sqlite_in_two().unwrap();
    for text in [&refresh.update, &refresh.select, crate::sql::audit::APPEND.sqlite()] {
        let operations = explain("EXPLAIN", text, "opcode");
        assert!(!operations.iter().any(|operation| operation == "OpenEphemeral"), "{text}: {operations:?}");
    }
}

#[test]
fn the_reference_of_an_audit_event_has_an_index() {
    let plan = explain("EXPLAIN QUERY PLAN", crate::sql::audit::REFERENCE.sqlite(), "detail");
    assert!(plan[0].contains("audit_reference"), "{plan:?}");
}
