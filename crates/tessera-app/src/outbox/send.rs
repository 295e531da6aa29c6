//! The job that sends what waits.
//!
//! It counts an attempt before it makes it, and writes down what came of it afterwards. So an instance that dies in between leaves a row that is
//! due again after its pause, and an instance that has lost the job sends nothing more.

use std::time::Duration;

use tessera_model::audit::Detail;
use tessera_model::{AuditEvent, Channel, EventCode, Timestamp, Waiting};
use tessera_store::{StoreError, Tx};

use super::enqueue::open;
use crate::App;
use crate::jobs::{JobError, Run};
use crate::ports::MailError;

/// How many rows are read at a time. After these, urgent ones that came meanwhile have their turn.
const BATCH: u32 = 10;
/// The longest that one attempt may take. The lease of the job lasts longer.
const LONGEST_ATTEMPT: Duration = Duration::from_secs(30);
/// How long the job rests if the server takes nothing from anybody. The mails that wait behind this one would only wait longer.
const REST: Duration = Duration::from_secs(5);
/// While the clock may be wrong, no mail is given up because its time is over. It is looked at again after this.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// Whether the next mail has a chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Server {
    Works,
    TakesNothing,
}

/// Sends every mail that is due, and says when the next one is.
pub(crate) async fn send(run: Run) -> Result<(), JobError> {
    let app = &run.cx.app;
    loop {
        let now = app.now();
        let due =
            app.store.read(|tx| async move { tx.outbox().due(Channel::Mail, now, BATCH).await }).await?;
        if due.is_empty() {
            break;
        }
        for waiting in &due {
            if deliver(&run, waiting).await? == Server::TakesNothing {
                run.due_again_at(app.now().after(REST));
                return Ok(());
            }
        }
    }
    let next = app.store.read(|tx| async move { tx.outbox().next_attempt_at(Channel::Mail).await }).await?;
    if let Some(at) = next {
        run.due_again_at(at);
    }
    Ok(())
}

async fn deliver(run: &Run, waiting: &Waiting) -> Result<Server, JobError> {
    let (app, id, made) = (&run.cx.app, waiting.id, waiting.attempts);
    let now = app.now();
    if now >= waiting.expires_at && app.time.is_quiet() {
        let later = now.after(LOOK_AGAIN);
        run.step(|tx| async move { tx.outbox().attempt(id, made, later).await.map(|_| 0) }).await?;
        return Ok(Server::Works);
    }
    if now >= waiting.expires_at {
        give_up(run, waiting, made, waiting.last_error.as_deref().unwrap_or("expired"), now).await?;
        return Ok(Server::Works);
    }
    let next = waiting.attempt_after(now);
    let count = |tx: Tx| async move { tx.outbox().attempt(id, made, next).await.map(u64::from) };
    if run.step(count).await? == 0 {
        return Ok(Server::Works);
    }
    let attempt = made + 1;
    let Err(error) = attempt_to_send(app, waiting).await else {
        run.step(|tx| async move { tx.outbox().remove(id, attempt).await.map(|_| 0) }).await?;
        count_outcome("sent");
        return Ok(Server::Works);
    };
    if error.is_final() {
        give_up(run, waiting, attempt, error.as_str(), app.now()).await?;
        return Ok(Server::Works);
    }
    run.step(|tx| async move { tx.outbox().fail(id, attempt, error.as_str()).await.map(|_| 0) }).await?;
    count_outcome("retried");
    Ok(if error.is_about_the_server() { Server::TakesNothing } else { Server::Works })
}

async fn attempt_to_send(app: &App, waiting: &Waiting) -> Result<(), MailError> {
    let mailer = app.mailer.as_ref().ok_or(MailError::NotConfigured)?;
    let letter = open(app, waiting).ok_or(MailError::Unreadable)?;
    match tokio::time::timeout(LONGEST_ATTEMPT, mailer.send(&letter)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(MailError::TimedOut),
    }
}

/// Removes a mail that will not go out, and writes that down.
async fn give_up(
    run: &Run,
    waiting: &Waiting,
    attempt: u32,
    reason: &str,
    at: Timestamp,
) -> Result<(), JobError> {
    let event = &AuditEvent {
        at,
        user_id: waiting.user_id,
        detail: Some(Detail::Mail(&waiting.kind, reason).text()),
        ..run.cx.event(EventCode::MailFailed)
    };
    let id = waiting.id;
    let remove = |tx: Tx| async move {
        if tx.outbox().remove(id, attempt).await? {
            tx.audit().append(event).await?;
        }
        Ok::<_, StoreError>(0)
    };
    run.step(remove).await?;
    count_outcome("failed");
    Ok(())
}

fn count_outcome(outcome: &'static str) {
    metrics::counter!("tessera_mails_total", "outcome" => outcome).increment(1);
}
