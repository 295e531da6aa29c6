//! APIs. Every change bumps the catalog version, by which the servers notice it.

use tessera_model::{Api, ApiStatus};

use crate::row::Row;
use crate::sql::apis as sql;
use crate::value::{named, params};
use crate::{Listing, StoreError, Tx, document, status};

/// APIs, in a transaction or a read.
#[derive(Clone, Copy)]
pub struct Apis<'t>(&'t Tx);

impl Tx {
    /// APIs.
    pub const fn apis(&self) -> Apis<'_> {
        Apis(self)
    }
}

impl Apis<'_> {
    /// Registers an API; `false` if the audience is taken.
    pub async fn insert(self, api: &Api) -> Result<bool, StoreError> {
        let disabled_at = match api.status {
            ApiStatus::Active => None,
            ApiStatus::Disabled { at } => Some(at),
        };
        let settings = document::new_settings(&api.settings)?;
        let values = named![
            audience = &api.audience,
            name = &api.name,
            status = status::name(disabled_at),
            status_at = disabled_at,
            settings = &settings,
            created_at = api.created_at,
            updated_at = api.updated_at,
        ];
        self.0.changed_catalog(&sql::INSERT, values.of(&sql::INSERT)?).await
    }

    /// The API with this audience.
    pub async fn find(self, audience: &str) -> Result<Option<Api>, StoreError> {
        self.0.one_row(&sql::FIND, params![audience]).await?.map(read).transpose()
    }

    /// The API with this audience, held until the transaction ends: for changes that depend on what is there. Only in a write.
    pub async fn find_for_update(self, audience: &str) -> Result<Option<Api>, StoreError> {
        self.0.one_row(&sql::FIND_FOR_UPDATE, params![audience]).await?.map(read).transpose()
    }

    /// Replaces name and settings of an API; `false` if there is none. What this version does not know of the stored settings stays.
    pub async fn update(self, api: &Api) -> Result<bool, StoreError> {
        let stored = self.0.one_row(&sql::SETTINGS_FOR_UPDATE, params![&api.audience]).await?;
        let Some(mut stored) = stored else { return Ok(false) };
        let settings = document::changed_settings(&stored.text("settings")?, &api.settings)?;
        self.0
            .changed_catalog(&sql::UPDATE, params![&api.audience, &api.name, &settings, api.updated_at])
            .await
    }

    /// All APIs in the order of their audiences.
    pub async fn list(self) -> Result<Listing<Api>, StoreError> {
        Listing::read("audience", self.0.scan(&sql::LIST, &[]).await?, read)
    }
}

pub(crate) fn read(mut row: Row) -> Result<Api, StoreError> {
    Ok(Api {
        audience: row.text("audience")?,
        name: row.text("name")?,
        status: status::read(&mut row)?.map_or(ApiStatus::Active, |at| ApiStatus::Disabled { at }),
        settings: row.json("settings")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}
