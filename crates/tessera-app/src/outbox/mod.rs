//! Messages to other systems: written with the act that causes them, sent by a job. So far there is mail.
//!
//! [`enqueue`] writes a row in the transaction of a verb (invariant I3) and makes the job due. The verb never waits for a mail server.
//! Recipient and text are sealed under the key-encryption key, because a mail may hold a link or a code that gives access. The job
//! counts an attempt, hands the letter to the [`Mailer`](crate::ports::Mailer), and removes the row once the server has taken it. A mail
//! goes out at least once: after a crash a second copy may follow, with the same id. Rows that nobody takes are given up in the end,
//! and the audit trail says so.
//! Tables: `outbox`. CLI: `mail …`. Tests: `tests/outbox`.

mod browser;
mod enqueue;
mod list;
mod mail;
pub(crate) mod send;

pub(crate) use enqueue::JOB;
pub use enqueue::{Message, enqueue, tell};
pub use list::list;
pub use mail::{Code, Letter, Link, Mail, Notice, Origin};
