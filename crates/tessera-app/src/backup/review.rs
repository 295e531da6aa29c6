//! What administrators did after a backup was made, and what a restore undoes with it.

use std::collections::HashSet;
use std::time::Duration;

use tessera_model::{AuditId, ClientId, EventCode, RecordedCode, RecordedEvent, Timestamp, UserId, Username};
use tessera_store::{AuditFilter, StoreError, Tx};

/// Events whose effect a restore takes back, so that somebody must look at it.
const UNDONE: [EventCode; 19] = [
    EventCode::UserCreated,
    EventCode::UserUpdated,
    EventCode::UserLocked,
    EventCode::UserUnlocked,
    EventCode::UserDisabled,
    EventCode::UserDeleted,
    EventCode::PasswordSet,
    EventCode::ClientCreated,
    EventCode::ClientUpdated,
    EventCode::ClientSecretRotated,
    EventCode::ClientDisabled,
    EventCode::ClientDeleted,
    EventCode::ApiCreated,
    EventCode::ApiUpdated,
    EventCode::GroupCreated,
    EventCode::GroupUpdated,
    EventCode::GroupDeleted,
    EventCode::MemberAdded,
    EventCode::MemberRemoved,
];
/// How far the clock may have been put back since the backup.
const CLOCK_CHANGES: Duration = Duration::from_secs(86_400);
/// Events that are read at a time.
const PAGE: u32 = 1_000;

/// Something that an administrator did after the backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: Timestamp,
    /// What.
    pub code: EventCode,
    /// The person it is about.
    pub user_id: Option<UserId>,
    /// The name of the person, unless the account was erased.
    pub username: Option<Username>,
    /// The client it is about.
    pub client_id: Option<ClientId>,
    /// The detail of the audit event.
    pub detail: Option<String>,
}

/// What the audit trail of the old database has and that of the restored one has not, oldest first.
pub(super) async fn changes(old: &Tx, restored: &Tx, made_at: Timestamp) -> Result<Vec<Change>, StoreError> {
    let since = made_at.before(CLOCK_CHANGES);
    let known: HashSet<AuditId> = events(restored, since).await?.iter().map(|event| event.id).collect();
    let mut changes = Vec::new();
    for event in events(old, since).await? {
        let RecordedCode::Known(code) = event.code else { continue };
        if known.contains(&event.id) {
            continue;
        }
        let username = match event.user_id {
            Some(id) => old.users().find(id).await?.map(|user| user.username),
            None => None,
        };
        let RecordedEvent { at, user_id, client_id, detail, .. } = event;
        changes.push(Change { at, code, user_id, username, client_id, detail });
    }
    changes.reverse();
    Ok(changes)
}

/// The events since this moment that a restore undoes, newest first.
async fn events(tx: &Tx, since: Timestamp) -> Result<Vec<RecordedEvent>, StoreError> {
    let is_undone = |event: &RecordedEvent| match event.code {
        RecordedCode::Known(code) => UNDONE.contains(&code),
        RecordedCode::Unknown(_) => false,
    };
    let mut all = Vec::new();
    let mut filter = AuditFilter { since: Some(since), ..AuditFilter::default() };
    loop {
        let page = tx.audit().page(&filter, PAGE).await?;
        all.extend(page.events.into_iter().filter(is_undone));
        match page.next {
            Some(next) => filter.after = Some(next),
            None => return Ok(all),
        }
    }
}
