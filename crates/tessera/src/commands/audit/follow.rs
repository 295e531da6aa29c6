//! `tessera audit list --follow`: events as they come.

use std::time::Duration;

use tessera_app::Cx;
use tessera_app::audit::{AuditFilter, Follower};
use tokio::time::Instant;

use super::view::EventView;
use crate::failure::Failure;
use crate::output::{Output, reader_is_gone};
use crate::text::for_terminal;

/// How often the command looks for new events.
const INTERVAL: Duration = Duration::from_secs(1);
/// The command waits this many times longer than it reads, so that it does not take the database from the server.
const REST: u32 = 4;

/// Prints events until the person interrupts it or the reader closes the pipe. Neither is a failure.
pub(super) async fn follow(cx: &Cx, output: Output, filter: AuditFilter, limit: u32) -> Result<(), Failure> {
    tokio::select! {
        ended = print_as_they_come(cx, output, filter, limit) => ended,
        _ = tokio::signal::ctrl_c() => Ok(()),
    }
}

async fn print_as_they_come(cx: &Cx, output: Output, filter: AuditFilter, limit: u32) -> Result<(), Failure> {
    let (mut follower, mut events) = Follower::begin(cx, filter, limit).await?;
    loop {
        for view in events.iter().map(EventView::from) {
            if !output.print_line(&view, || line(&view))? {
                return Ok(());
            }
        }
        tokio::time::sleep(INTERVAL).await;
        if reader_is_gone() {
            return Ok(());
        }
        let begun = Instant::now();
        events = follower.turn(cx).await?;
        tokio::time::sleep(begun.elapsed() * REST).await;
    }
}

/// The parts of an event on one line.
fn line(view: &EventView<'_>) -> String {
    let parts = view.cells().into_iter().filter(|cell| !cell.is_empty());
    for_terminal(&parts.collect::<Vec<_>>().join("  "))
}
