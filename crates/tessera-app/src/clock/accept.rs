//! An administrator looks at the highest time seen, or accepts the clock in its place.

use tessera_model::audit::Detail;
use tessera_model::{AuditEvent, EventCode, SeenTime, Timestamp};

use super::timekeeper::ClockRefused;
use crate::Cx;
use crate::access::{AccessError, Action, Object, authorize};

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
/// Not allowed, or the database failed.
pub async fn accept(cx: &Cx) -> Result<Accepted, AccessError> {
    let allowed = &authorize(cx, Action::AcceptClock, Object::Clock).await?;
    let now = cx.app.time.clock();
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
