//! Clients. Every change bumps the catalog version, by which the servers notice it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tessera_model::{Client, ClientId, ClientKind, ClientSecret, ClientStatus, Digest, Timestamp, settings};

use crate::row::Row;
use crate::sql::clients as sql;
use crate::value::{named, params};
use crate::{Listing, StoreError, Tx, document, status};

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
        let settings = document::new_settings(&client.settings)?;
        let secrets = secret_rows(&client.secrets)?.to_string();
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

    /// Replaces the secrets of a client. What this version does not know of the stored secrets stays.
    pub async fn set_secrets(
        self,
        id: &ClientId,
        secrets: &[ClientSecret],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let stored = self.0.one_row(&sql::SECRETS_FOR_UPDATE, params![id]).await?;
        let Some(mut stored) = stored else { return Ok(false) };
        let document = stored.json::<Value>("secrets")?;
        let before = secret_rows(&read_secrets(&document, &stored)?)?;
        let secrets = settings::rewritten(&document, &before, &secret_rows(secrets)?).to_string();
        self.0.changed_catalog(&sql::SET_SECRETS, params![id, &secrets, now]).await
    }

    /// Replaces what an administrator chooses: name, settings, and what is known of PKCE; `false` if there is no such client. What
    /// this version does not know of the stored settings stays.
    pub async fn update(self, client: &Client) -> Result<bool, StoreError> {
        let stored = self.0.one_row(&sql::SETTINGS_FOR_UPDATE, params![&client.id]).await?;
        let Some(mut stored) = stored else { return Ok(false) };
        let settings = document::changed_settings(&stored.text("settings")?, &client.settings)?;
        let params = params![&client.id, &client.name, &settings, client.pkce_proven_at, client.updated_at];
        self.0.changed_catalog(&sql::UPDATE, params).await
    }

    /// Notes that a client has proven a PKCE challenge; `false` if that was known.
    pub async fn prove_pkce(self, id: &ClientId, now: Timestamp) -> Result<bool, StoreError> {
        self.0.changed_catalog(&sql::PROVE_PKCE, params![id, now]).await
    }

    /// Turns an active client off for good.
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
        secrets: row.json::<Value>("secrets").and_then(|secrets| read_secrets(&secrets, &row))?,
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
#[derive(Serialize)]
struct SecretRow<'a> {
    digest: &'a [u8; 32],
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
}

impl<'a> From<&'a ClientSecret> for SecretRow<'a> {
    fn from(secret: &'a ClientSecret) -> Self {
        let ClientSecret { digest, created_at, expires_at, understood: _ } = secret;
        Self { digest: digest.as_bytes(), created_at: *created_at, expires_at: *expires_at }
    }
}

fn secret_rows(secrets: &[ClientSecret]) -> Result<Value, StoreError> {
    document::to_value(&secrets.iter().map(SecretRow::from).collect::<Vec<_>>())
}

/// A secret as any version stores it.
#[derive(Deserialize)]
struct StoredSecret {
    #[serde(default)]
    digest: Value,
    #[serde(default)]
    created_at: Value,
    #[serde(default)]
    expires_at: Value,
    #[serde(flatten)]
    unknown: BTreeMap<String, Value>,
}

/// Leaves out what a newer version stored instead of a secret.
fn read_secrets(document: &Value, row: &Row) -> Result<Vec<ClientSecret>, StoreError> {
    let stored = Vec::<StoredSecret>::deserialize(document);
    let stored = stored.map_err(|_| row.unreadable("secrets", "a list of secrets"))?;
    let mut secrets = Vec::with_capacity(stored.len());
    for secret in stored {
        let understood = secret.unknown.is_empty();
        match secret.read() {
            Some(secret) => secrets.push(ClientSecret { understood, ..secret }),
            None if understood => {
                return Err(row.unreadable("secrets", "secrets of 32 bytes with their times"));
            }
            None => {}
        }
    }
    Ok(secrets)
}

impl StoredSecret {
    fn read(&self) -> Option<ClientSecret> {
        let digest = Digest::new(Deserialize::deserialize(&self.digest).ok()?);
        let created_at = Deserialize::deserialize(&self.created_at).ok()?;
        let expires_at = Deserialize::deserialize(&self.expires_at).ok()?;
        Some(ClientSecret { expires_at, ..ClientSecret::new(digest, created_at) })
    }
}
