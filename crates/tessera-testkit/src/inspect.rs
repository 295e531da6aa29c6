//! What only the database and the audit trail can tell.

use tessera_model::{
    EventCode, Grant, GrantId, GrantStage, Presented, PresentedKind, RecordedEvent, Refresh, UserId,
};
use tessera_store::StoreError;

use crate::server::TestServer;

/// The grant id and the number in a refresh token.
///
/// # Panics
/// If it is none.
pub fn refresh_number(token: &str) -> (GrantId, i64) {
    let presented = Presented::parse(PresentedKind::RefreshToken, token).expect("a refresh token");
    let (grant, rest) = presented.body().split_first_chunk::<16>().expect("a grant");
    let (number, _) = rest.split_first_chunk::<8>().expect("a number");
    (GrantId::from_bytes(*grant), i64::from_be_bytes(*number))
}

/// The grant id in a code.
///
/// # Panics
/// If it is none.
pub fn grant_of_code(code: &str) -> GrantId {
    let presented = Presented::parse(PresentedKind::AuthorizationCode, code).expect("a code");
    GrantId::from_bytes(*presented.body().first_chunk::<16>().expect("a grant"))
}

impl TestServer {
    /// The row of a grant.
    ///
    /// # Panics
    /// If the database fails.
    pub async fn grant(&self, id: GrantId) -> Option<Grant> {
        self.store().await.read(|tx| async move { tx.grants().find(id).await }).await.expect("a database")
    }

    /// Adds so many grants like this one, as many silent authorizations and exchanges would.
    ///
    /// # Panics
    /// If the database fails.
    pub async fn copy_grant(&self, one: &Grant, count: u32) {
        let store = self.store().await;
        for first in (0..count).step_by(1_000) {
            let numbers = first..count.min(first + 1_000);
            let written = store.write(|tx| {
                let numbers = numbers.clone();
                async move {
                    for number in numbers {
                        let mut id = [0; 16];
                        id[..4].copy_from_slice(&number.to_be_bytes());
                        let stage = GrantStage::Active(Some(Refresh::first(one.created_at, one.expires_at)));
                        tx.grants()
                            .insert(&Grant { id: GrantId::from_random(id), stage, ..one.clone() })
                            .await?;
                    }
                    Ok::<_, StoreError>(())
                }
            });
            written.await.expect("copies of a grant");
        }
    }

    /// Audit codes, newest first.
    ///
    /// # Panics
    /// If the database fails.
    pub async fn audit_codes(&self) -> Vec<String> {
        self.audit_trail().await.iter().map(|event| event.code.as_str().to_owned()).collect()
    }

    /// Every audit event with this code, newest first.
    ///
    /// # Panics
    /// If the database fails.
    pub async fn events(&self, code: EventCode) -> Vec<RecordedEvent> {
        self.audit_trail().await.into_iter().filter(|event| event.code == code).collect()
    }

    /// Ends every session of a person, like a logout at each browser.
    ///
    /// # Panics
    /// If the database fails.
    pub async fn log_out_everywhere(&self, user: UserId) {
        let store = self.store().await;
        let sessions = store.read(|tx| async move { tx.sessions().list_of_user(user).await }).await;
        for session in sessions.expect("sessions") {
            tessera_app::sessions::end(&self.cli(), &session).await.expect("a logout");
        }
    }
}
