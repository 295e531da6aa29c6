//! An administrator looks at the highest time seen, or accepts the clock in its place.

use std::time::Duration;

use tessera_model::audit::Detail;
use tessera_model::policy::CLOCK_LEEWAY_SECONDS;
use tessera_model::{AuditEvent, EventCode, SeenTime, Timestamp};
use tessera_store::StoreError;

use super::timekeeper::ClockRefused;
use super::watch::ahead_of;
use crate::Cx;
use crate::access::{AccessError, Action, Allowed, Object, authorize};

/// The clock of this machine beside the highest time seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockState {
    /// What the clock says.
    pub clock: Timestamp,
    /// What the database remembers.
    pub seen: SeenTime,
    /// Why a server would not start now.
    pub refused: Option<ClockRefused>,
}

/// A clock that was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The highest time seen until now.
    pub before: Option<Timestamp>,
    /// The time that counts from now on.
    pub now: Timestamp,
}

/// Why a clock was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// A server with this clock would not be ready, however often it is accepted.
    #[error("the clock is more than {CLOCK_LEEWAY_SECONDS} s off that of the database")]
    OffDatabase {
        /// What the clock says.
        clock: Timestamp,
        /// What that of the database says.
        database: Timestamp,
    },
    /// Not allowed, or the database failed.
    #[error(transparent)]
    Access(#[from] AccessError),
}

impl From<StoreError> for AcceptError {
    fn from(error: StoreError) -> Self {
        Self::Access(error.into())
    }
}

/// The clock beside the highest time seen.
///
/// # Errors
/// Not allowed, or the database failed.
pub async fn show(cx: &Cx) -> Result<ClockState, AccessError> {
    let allowed = authorize(cx, Action::ShowClock, Object::Clock).await?;
    let seen = allowed.read(|tx| async move { tx.clock().seen().await }).await?;
    Ok(ClockState { clock: cx.app.time.clock(), seen, refused: cx.app.time.refused() })
}

/// Makes what the clock says the highest time seen. Servers that run follow within seconds.
///
/// If that is less than before, keys that were made or moved on at a later time are brought back to now, and what happens to them
/// next is planned anew.
///
/// # Errors
/// Not allowed, the clock is too far from that of the database, or the database failed.
pub async fn accept(cx: &Cx) -> Result<Accepted, AcceptError> {
    let allowed = authorize(cx, Action::AcceptClock, Object::Clock).await?;
    let before = cx.app.time.clock();
    let database = allowed.read(|tx| async move { tx.clock().of_database().await }).await?;
    let ahead = database.map(|database| ahead_of(database, before, cx.app.time.clock()));
    accept_if_near(&allowed, ahead).await
}

/// [`accept`], beside a clock of the database that this one is ahead of by so many seconds, or behind below zero.
///
/// # Errors
/// As for [`accept`].
pub async fn accept_beside(cx: &Cx, ahead: Option<i64>) -> Result<Accepted, AcceptError> {
    let allowed = authorize(cx, Action::AcceptClock, Object::Clock).await?;
    accept_if_near(&allowed, ahead).await
}

async fn accept_if_near(allowed: &Allowed<'_>, ahead: Option<i64>) -> Result<Accepted, AcceptError> {
    let now = allowed.cx().app.time.clock();
    if let Some(ahead) = ahead.filter(|ahead| ahead.abs() > CLOCK_LEEWAY_SECONDS) {
        let apart = Duration::from_secs(ahead.unsigned_abs());
        let database = if ahead > 0 { now.before(apart) } else { now.after(apart) };
        return Err(AcceptError::OffDatabase { clock: now, database });
    }
    let before = allowed
        .write(|tx| async move {
            let before = tx.clock().seen().await?.highest;
            tx.clock().accept(now).await?;
            tx.keys().bring_back(now).await?;
            let moved = now.seconds().saturating_sub(before.unwrap_or(now).seconds());
            let detail = Some(Detail::Clock(moved).text());
            tx.audit()
                .append(&AuditEvent { at: now, detail, ..allowed.event(EventCode::ClockAccepted) })
                .await?;
            Ok::<_, AccessError>(before)
        })
        .await?;
    Ok(Accepted { before, now })
}
