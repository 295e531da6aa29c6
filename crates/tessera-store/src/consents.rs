//! What people have allowed clients, remembered: one row per person and client.

use tessera_model::{ClientId, Consent, UserId};

use crate::sql::Sql;
use crate::value::{Row, params};
use crate::{StoreError, Tx};

impl Tx {
    /// What a person has allowed a client.
    pub async fn consent(&self, user: UserId, client: &ClientId) -> Result<Option<Consent>, StoreError> {
        self.one_row(Sql::Consent, params![&user, client]).await?.map(read).transpose()
    }

    /// Remembers an answer in place of the one before; [`StoreError::Conflict`] if its person or client is gone.
    pub async fn put_consent(&self, consent: &Consent) -> Result<(), StoreError> {
        let scope = consent.scope.to_string();
        let params = params![&consent.user_id, &consent.client_id, &scope, consent.granted_at];
        self.execute(Sql::PutConsent, params).await.map(drop)
    }
}

fn read(mut row: Row) -> Result<Consent, StoreError> {
    Ok(Consent {
        user_id: row.id()?,
        client_id: row.parsed()?,
        scope: row.parsed()?,
        granted_at: row.time()?,
    })
}
