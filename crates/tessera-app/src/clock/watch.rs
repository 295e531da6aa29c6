//! Each server looks at its clock every few seconds, says what it did, and raises the highest time seen.

use std::sync::Arc;

use tessera_model::audit::Detail;
use tessera_model::policy::CLOCK_LEEWAY_SECONDS;
use tessera_model::{AuditEvent, EventCode, Timestamp};
use tessera_store::StoreError;

use super::timekeeper::ClockEvent;
use crate::{App, Cx};

/// A clock that went back by more is most likely the mistake of a person or of a virtual machine.
const WARN_BACK: i64 = 3_600;

/// Compares the clock with the monotonic one and with that of the database, and raises the highest time seen.
///
/// # Errors
/// The database failed.
pub async fn watch(app: &Arc<App>) -> Result<(), StoreError> {
    let before = app.now();
    let database = app.store.read(|tx| async move { tx.clock().of_database().await }).await?;
    watch_beside(app, database.map(|database| ahead_of(database, before, app.now()))).await
}

/// [`watch`], beside a clock of the database that this instance is ahead of by so many seconds, or behind below zero.
///
/// # Errors
/// The database failed.
pub async fn watch_beside(app: &Arc<App>, ahead: Option<i64>) -> Result<(), StoreError> {
    let seen = app.store.read(|tx| async move { tx.clock().seen().await }).await?;
    let cx = app.system();
    let mut told = Ok(());
    for event in app.time.take_events() {
        told = told.and(tell(&cx, event).await);
    }
    if seen.accepted != app.time.accepted() {
        app.time.adopt(seen);
        tracing::warn!("an administrator accepted the clock");
    }
    let (cx, is_quiet) = (app.system(), app.time.is_quiet());
    metrics::gauge!("tessera_clock_quiet").set(if is_quiet { 1.0 } else { 0.0 });
    told?;
    // A server that starts within the ten minutes finds the gap as well.
    if is_off(app, ahead) || is_quiet {
        return Ok(());
    }
    let (now, accepted) = (cx.now, seen.accepted);
    if seen.highest.is_none_or(|highest| highest < now) {
        app.store.write(|tx| async move { tx.clock().raise(now, accepted).await }).await?;
    }
    Ok(())
}

/// How far this instance is from a clock that was read between two of its own times.
pub(super) fn ahead_of(database: Timestamp, before: Timestamp, after: Timestamp) -> i64 {
    let (database, before, after) = (database.seconds(), before.seconds(), after.seconds());
    if database < before { before - database } else { (after - database).min(0) }
}

/// Says once what the clock did.
async fn tell(cx: &Cx, event: ClockEvent) -> Result<(), StoreError> {
    match event {
        ClockEvent::Gap(gap) => {
            let seconds = gap.as_secs();
            tracing::warn!(
                seconds,
                "time without a server, a sleep or a jump of the clock: for ten minutes nothing is purged or rotated; if the clock is wrong, put it right and restart the server"
            );
            return Ok(());
        }
        ClockEvent::Jumped(seconds @ ..0) => {
            metrics::counter!("tessera_clock_alarms_total", "kind" => "back").increment(1);
            let long = if seconds <= -WARN_BACK { " by an hour or more" } else { "" };
            tracing::error!(
                seconds,
                "the clock was put back{long}: time goes on from the highest time seen, at half speed; put the clock right, or run `tessera clock accept` if it is right now; until then nothing is purged or rotated"
            );
        }
        ClockEvent::Jumped(seconds) => {
            metrics::counter!("tessera_clock_alarms_total", "kind" => "ahead").increment(1);
            tracing::error!(
                seconds,
                "the clock jumped ahead; if it is wrong, put it right and run `tessera clock accept`"
            );
        }
    }
    let ClockEvent::Jumped(seconds) = event else { return Ok(()) };
    let detail = Some(Detail::Clock(seconds).text());
    cx.record(AuditEvent { detail, ..cx.event(EventCode::ClockJumped) }).await
}

/// Whether this instance is too far off the clock of the database. The log says when that begins and when it ends.
fn is_off(app: &App, ahead: Option<i64>) -> bool {
    let off = ahead.filter(|ahead| ahead.abs() > CLOCK_LEEWAY_SECONDS);
    let shown = i32::try_from(ahead.unwrap_or(0)).unwrap_or(i32::MAX);
    metrics::gauge!("tessera_clock_ahead_of_database_seconds").set(f64::from(shown));
    match (app.time.note_off_database(off), off) {
        (None, Some(ahead)) => {
            tracing::error!(ahead, "not ready: the clock is too far from that of the database");
        }
        (Some(_), None) => tracing::info!("the clock is that of the database again"),
        (None, None) | (Some(_), Some(_)) => {}
    }
    off.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_answer_is_no_wrong_clock() {
        let ahead = |database| {
            let [database, before, after] = [database, 100, 130].map(Timestamp::from_seconds);
            ahead_of(database, before, after)
        };
        assert_eq!([80, 99, 100, 115, 130, 131, 150].map(ahead), [20, 1, 0, 0, 0, -1, -20]);
    }
}
