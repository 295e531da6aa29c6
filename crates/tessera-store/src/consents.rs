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

    /// Remembers an answer beside the ones before, which stay good; [`StoreError::Conflict`] if its person or client is gone.
    ///
    /// The first statement holds the row, so that of two answers at the same moment none is lost.
    pub async fn allow(&self, consent: &Consent) -> Result<(), StoreError> {
        let (user, client, scope) = (&consent.user_id, &consent.client_id, consent.scope.to_string());
        let params = params![user, client, &scope, consent.granted_at];
        let Some(row) = self.one_row(Sql::AllowConsent, params).await? else { return Ok(()) };
        let allowed = read(row)?.scope;
        if consent.scope.is_subset(&allowed) {
            return Ok(());
        }
        let scope = allowed.union(&consent.scope).to_string();
        self.execute(Sql::WidenConsent, params![user, client, &scope]).await.map(drop)
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
