//! Clients. Every change bumps the catalog version, by which the servers notice it.

use serde::{Deserialize, Serialize};
use tessera_model::{Client, ClientId, ClientKind, ClientSecret, ClientStatus, Digest, Timestamp};

use crate::row::Row;
use crate::sql::clients as sql;
use crate::value::{named, params, to_json};
use crate::{Listing, StoreError, Tx, status};

/// Clients, in a transaction or a read.
#[derive(Clone, Copy)]
pub struct Clients<'t>(&'t Tx);

impl Tx {
    /// Clients.
    pub const fn clients(&self) -> Clients<'_> {
        Clients(self)
    }
}

impl Clients<'_> {
    /// Registers a client; `false` if the id is taken.
    pub async fn insert(self, client: &Client) -> Result<bool, StoreError> {
        let disabled_at = match client.status {
            ClientStatus::Active => None,
            ClientStatus::Disabled { at } => Some(at),
        };
        let (settings, secrets) = (to_json(&client.settings)?, write_secrets(&client.secrets)?);
        let values = named![
            id = &client.id,
            kind = kind_name(client.kind),
            name = &client.name,
            status = status::name(disabled_at),
            status_at = disabled_at,
            settings = &settings,
            secrets = &secrets,
            pkce_proven_at = client.pkce_proven_at,
            created_at = client.created_at,
            updated_at = client.updated_at,
        ];
        self.0.changed_catalog(&sql::INSERT, values.of(&sql::INSERT)?).await
    }

    /// One client.
    pub async fn find(self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        self.0.one_row(&sql::FIND, params![id]).await?.map(read).transpose()
    }

    /// Whether there is such a client, readable or not.
    pub async fn exists(self, id: &ClientId) -> Result<bool, StoreError> {
        Ok(self.0.one_row(&sql::EXISTS, params![id]).await?.is_some())
    }

    /// One client, held until the transaction ends: for changes that depend on what is there. Only in a write.
    pub async fn find_for_update(self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        self.0.one_row(&sql::FIND_FOR_UPDATE, params![id]).await?.map(read).transpose()
    }

    /// All clients in the order of their ids.
    pub async fn list(self) -> Result<Listing<Client>, StoreError> {
        Listing::read("id", self.0.scan(&sql::LIST, &[]).await?, read)
    }

    /// Replaces the secrets of a client.
    pub async fn set_secrets(
        self,
        id: &ClientId,
        secrets: &[ClientSecret],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let secrets = write_secrets(secrets)?;
        self.0.changed_catalog(&sql::SET_SECRETS, params![id, &secrets, now]).await
    }

    /// Replaces what an administrator chooses: name, settings, and what is known of PKCE; `false` if there is no such client.
    pub async fn update(self, client: &Client) -> Result<bool, StoreError> {
        let settings = to_json(&client.settings)?;
        let params = params![&client.id, &client.name, &settings, client.pkce_proven_at, client.updated_at];
        self.0.changed_catalog(&sql::UPDATE, params).await
    }

    /// Notes that a client has proven a PKCE challenge; `false` if that was known.
    pub async fn prove_pkce(self, id: &ClientId, now: Timestamp) -> Result<bool, StoreError> {
        self.0.changed_catalog(&sql::PROVE_PKCE, params![id, now]).await
    }

    /// Turns an active client off.
    pub async fn disable(self, id: &ClientId, now: Timestamp) -> Result<bool, StoreError> {
        self.0.changed_catalog(&sql::DISABLE, params![id, now]).await
    }

    /// Removes a client with its grants and consents.
    pub async fn delete(self, id: &ClientId) -> Result<bool, StoreError> {
        self.0.changed_catalog(&sql::DELETE, params![id]).await
    }
}

pub(crate) fn read(mut row: Row) -> Result<Client, StoreError> {
    Ok(Client {
        id: row.parsed("id")?,
        kind: row.code("kind", &KINDS, kind_name)?,
        name: row.text("name")?,
        status: status::read(&mut row)?.map_or(ClientStatus::Active, |at| ClientStatus::Disabled { at }),
        settings: row.json("settings")?,
        secrets: row
            .json::<Vec<SecretRow>>("secrets")?
            .into_iter()
            .map(|secret| secret.read(&row))
            .collect::<Result<_, _>>()?,
        pkce_proven_at: row.opt_time("pkce_proven_at")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}

const KINDS: [ClientKind; 4] = [ClientKind::Web, ClientKind::Spa, ClientKind::Native, ClientKind::Service];

const fn kind_name(kind: ClientKind) -> &'static str {
    match kind {
        ClientKind::Web => "web",
        ClientKind::Spa => "spa",
        ClientKind::Native => "native",
        ClientKind::Service => "service",
    }
}

/// A secret as it stands in the JSON list: its keyed hash, never the secret.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretRow {
    digest: Vec<u8>,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
}

impl SecretRow {
    fn read(self, row: &Row) -> Result<ClientSecret, StoreError> {
        let digest = self.digest.try_into().map_err(|_| row.unreadable("secrets", "secrets of 32 bytes"))?;
        Ok(ClientSecret {
            digest: Digest::new(digest),
            created_at: self.created_at,
            expires_at: self.expires_at,
        })
    }
}

fn write_secrets(secrets: &[ClientSecret]) -> Result<String, StoreError> {
    let row = |secret: &ClientSecret| SecretRow {
        digest: secret.digest.as_bytes().to_vec(),
        created_at: secret.created_at,
        expires_at: secret.expires_at,
    };
    to_json(&secrets.iter().map(row).collect::<Vec<_>>())
}
