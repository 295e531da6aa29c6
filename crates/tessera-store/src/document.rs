//! JSON documents in a column, which other versions of the program write too. See [`tessera_model::settings`].

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tessera_model::settings::{rewritten, versioned};

use crate::StoreError;

/// The document of new settings.
pub(crate) fn new_settings<T: Serialize + DeserializeOwned>(settings: &T) -> Result<String, StoreError> {
    let document = to_value(settings)?;
    checked::<T>(&versioned(document.clone()), &document)
}

/// The stored document of settings after a change.
pub(crate) fn changed_settings<T: Serialize + DeserializeOwned>(
    stored: &str,
    settings: &T,
) -> Result<String, StoreError> {
    let (document, after) = change(stored, settings)?;
    checked::<T>(&versioned(document), &after)
}

/// The stored document after a change, where documents have no version.
pub(crate) fn changed<T: Serialize + DeserializeOwned>(stored: &str, now: &T) -> Result<String, StoreError> {
    let (document, after) = change(stored, now)?;
    checked::<T>(&document, &after)
}

fn change<T: Serialize + DeserializeOwned>(stored: &str, now: &T) -> Result<(Value, Value), StoreError> {
    let stored = parse(stored)?;
    let (before, after) = (to_value(&read::<T>(&stored)?)?, to_value(now)?);
    Ok((rewritten(&stored, &before, &after), after))
}

/// The text of a document that reads back as what was meant.
fn checked<T: Serialize + DeserializeOwned>(document: &Value, meant: &Value) -> Result<String, StoreError> {
    match read::<T>(document) {
        Ok(written) if to_value(&written)? == *meant => Ok(document.to_string()),
        Ok(_) | Err(_) => Err(StoreError::Misuse("a document that would not read back as it was meant")),
    }
}

fn read<T: DeserializeOwned>(document: &Value) -> Result<T, StoreError> {
    T::deserialize(document).map_err(|_| StoreError::Corrupt("a document: wrong types".to_owned()))
}

/// The document in a column.
pub(crate) fn parse(text: &str) -> Result<Value, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Corrupt("a document: no JSON".to_owned()))
}

/// What this version knows of a document.
pub(crate) fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<Value, StoreError> {
    serde_json::to_value(value)
        .map_err(|error| StoreError::Corrupt(format!("cannot be written as JSON: {error}")))
}
