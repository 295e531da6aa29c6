//! Changed settings of an API. Servers follow within a second; tokens that are out stay as they are until they end.

use tessera_jose::Algorithm;
use tessera_model::api::{JwtType, ScopeDefinition, TokenForm};
use tessera_model::{Api, AuditEvent, EventCode, KeyPurpose};
use tessera_oauth::scope::Scope;
use tessera_store::StoreError;

use super::settings;
use crate::Cx;
use crate::keys::KeyError;
use crate::keys::rotate::KeyFactory;

/// Most characters of an audit event's detail.
const MAX_DETAIL: usize = 256;

/// What becomes different; `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiChange {
    /// Shown on the consent page.
    pub name: Option<String>,
    /// The scopes it understands.
    pub scopes: Option<ScopeChange>,
    /// Signature of its tokens; its key is made if there is none.
    pub access_token_alg: Option<Algorithm>,
    /// `typ` of its tokens.
    pub token_type: Option<JwtType>,
    /// Lifetime of its tokens, 10..=86,400 s.
    pub access_token_seconds: Option<u32>,
}

/// How the scopes of an API change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScopeChange {
    /// These instead of all that there were.
    Replace(Vec<ScopeDefinition>),
    /// Some less, then some more.
    Edit {
        /// New ones; one that is there already is described anew.
        add: Vec<ScopeDefinition>,
        /// Names of those that go.
        remove: Vec<Scope>,
    },
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Updated {
    /// As it is now.
    pub api: Api,
    /// Names of the settings that differ from before; none if everything was so already, and then nothing was written.
    pub changed: Vec<&'static str>,
}

/// Why an API was not changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// No API has this audience.
    #[error("no such API")]
    NotFound,
    /// The change is empty.
    #[error("say what to change")]
    Nothing,
    /// Some of it cannot be; all reasons at once.
    #[error("{}", .0.join("\n"))]
    Invalid(Vec<String>),
    /// A key for its algorithm could not be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Changes an API, and makes the key that its tokens need from now on. All of it is done or nothing; of changes at the same time
/// none is lost.
///
/// # Errors
/// See [`UpdateError`]; the API stays as it is then.
pub async fn update(cx: &Cx, audience: &str, change: &ApiChange) -> Result<Updated, UpdateError> {
    if *change == ApiChange::default() {
        return Err(UpdateError::Nothing);
    }
    // Refused before a key is made for it.
    let found = super::find(cx, audience).await?.ok_or(UpdateError::NotFound)?;
    change.applied_to(&found)?;
    if let Some(alg) = change.access_token_alg {
        KeyFactory::of(cx).ensure(&[KeyPurpose::Access(alg)]).await?;
    }
    cx.app
        .store
        .write(|tx| async move {
            let before = tx.apis().find_for_update(audience).await?.ok_or(UpdateError::NotFound)?;
            let api = Api { updated_at: cx.now, ..change.applied_to(&before)? };
            let changed = differences(&before, &api);
            if changed.is_empty() {
                return Ok(Updated { api: before, changed });
            }
            tx.apis().update(&api).await?;
            let detail = format!("{}: {audience}", changed.join(", "));
            let detail = Some(detail.chars().take(MAX_DETAIL).collect());
            tx.audit().append(&AuditEvent { detail, ..cx.event(EventCode::ApiUpdated) }).await?;
            Ok(Updated { api, changed })
        })
        .await
}

impl ApiChange {
    /// The API as it would be.
    fn applied_to(&self, api: &Api) -> Result<Api, UpdateError> {
        let mut api = api.clone();
        if let Some(name) = &self.name {
            api.name.clone_from(name);
        }
        let problems =
            self.scopes.as_ref().map_or_else(Vec::new, |change| change.apply(&mut api.settings.scopes));
        let TokenForm::Jwt { alg, typ } = &mut api.settings.token_form;
        *alg = self.access_token_alg.unwrap_or(*alg);
        *typ = self.token_type.unwrap_or(*typ);
        api.settings.access_token_seconds =
            self.access_token_seconds.unwrap_or(api.settings.access_token_seconds);
        let problems = [problems, settings::problems(&api.name, &api.settings)].concat();
        if problems.is_empty() { Ok(api) } else { Err(UpdateError::Invalid(problems)) }
    }
}

impl ScopeChange {
    /// Changes the list, and says what of it cannot be.
    fn apply(&self, scopes: &mut Vec<ScopeDefinition>) -> Vec<String> {
        let (add, remove) = match self {
            Self::Replace(all) => {
                scopes.clone_from(all);
                return Vec::new();
            }
            Self::Edit { add, remove } => (add, remove),
        };
        let unknown = remove.iter().filter(|name| !scopes.iter().any(|scope| scope.name == **name));
        let problems = unknown.map(|name| format!("scope {name}: this API has no such scope")).collect();
        scopes.retain(|scope| !remove.contains(&scope.name) && !add.iter().any(|new| new.name == scope.name));
        scopes.extend_from_slice(add);
        problems
    }
}

fn differences(before: &Api, after: &Api) -> Vec<&'static str> {
    let TokenForm::Jwt { alg: old_alg, typ: old_typ } = before.settings.token_form;
    let TokenForm::Jwt { alg, typ } = after.settings.token_form;
    let table = [
        ("name", before.name != after.name),
        ("scopes", before.settings.scopes != after.settings.scopes),
        ("alg", old_alg != alg),
        ("token_type", old_typ != typ),
        (
            "access_token_lifetime",
            before.settings.access_token_seconds != after.settings.access_token_seconds,
        ),
    ];
    table.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
}
