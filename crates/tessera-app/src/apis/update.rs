//! Settings of an API are changed. Servers follow within a second. Tokens that were issued before stay as they are.

use tessera_jose::Algorithm;
use tessera_model::api::{JwtType, ScopeDefinition, TokenForm};
use tessera_model::audit::Detail;
use tessera_model::{Api, AuditEvent, EventCode, KeyPurpose};
use tessera_oauth::scope::Scope;

use super::{ApiError, settings};
use crate::access::{Action, Object, authorize};
use crate::keys::KeyFactory;
use crate::problem::{Field, Problem, ProblemKind, differing};
use crate::{Cx, problem};

/// What changes; `None` stays as it is.
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
    /// These take the place of all that there were.
    Replace(Vec<ScopeDefinition>),
    /// Some are removed, then some are added.
    Edit {
        /// New ones. One that is there already gets the new description.
        add: Vec<ScopeDefinition>,
        /// Names of those to remove.
        remove: Vec<Scope>,
    },
}

/// An API after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Updated {
    /// As it is now.
    pub api: Api,
    /// Names of the settings that differ from before. If there are none, nothing was written.
    pub changed: Vec<&'static str>,
}

/// Changes an API, and makes the key that its tokens need from now on. Two changes at the same time both count.
///
/// # Errors
/// See [`ApiError`].
pub async fn update(cx: &Cx, audience: &str, change: &ApiChange) -> Result<Updated, ApiError> {
    let allowed = &authorize(cx, Action::UpdateApi, Object::Api(audience)).await?;
    // A change that is refused makes no key.
    let found = allowed.read(|tx| async move { tx.apis().find(audience).await }).await?;
    change.applied_to(&found.ok_or(ApiError::NotFound)?)?;
    if let Some(alg) = change.access_token_alg {
        KeyFactory::of(allowed).ensure(&[KeyPurpose::Access(alg)]).await?;
    }
    allowed
        .write(|tx| async move {
            let before = tx.apis().find_for_update(audience).await?.ok_or(ApiError::NotFound)?;
            let api = Api { updated_at: cx.now, ..change.applied_to(&before)? };
            let changed = differences(&before, &api);
            if changed.is_empty() {
                return Ok(Updated { api: before, changed });
            }
            tx.apis().update(&api).await?;
            let detail = Some(Detail::ChangedApi(&changed, audience).text());
            tx.audit().append(&AuditEvent { detail, ..allowed.event(EventCode::ApiUpdated) }).await?;
            Ok(Updated { api, changed })
        })
        .await
}

impl ApiChange {
    /// The API as it would be.
    fn applied_to(&self, api: &Api) -> Result<Api, ApiError> {
        let mut api = api.clone();
        if let Some(name) = &self.name {
            api.name.clone_from(name);
        }
        let mut problems =
            self.scopes.as_ref().map_or_else(Vec::new, |change| change.apply(&mut api.settings.scopes));
        match &mut api.settings.token_form {
            TokenForm::Jwt { alg, typ } => {
                *alg = self.access_token_alg.unwrap_or(*alg);
                *typ = self.token_type.unwrap_or(*typ);
            }
            TokenForm::Unknown if self.access_token_alg.is_some() || self.token_type.is_some() => {
                problems.push(Problem::of(Field::AccessTokenAlg, ProblemKind::OfNewerVersion));
            }
            TokenForm::Unknown => {}
        }
        api.settings.access_token_seconds =
            self.access_token_seconds.unwrap_or(api.settings.access_token_seconds);
        let problems = [problems, settings::problems(&api.name, &api.settings)].concat();
        problem::require_none(problems, ApiError::Invalid)?;
        Ok(api)
    }
}

impl ScopeChange {
    /// Changes the list, and answers what is wrong with the change.
    fn apply(&self, scopes: &mut Vec<ScopeDefinition>) -> Vec<Problem> {
        let (add, remove) = match self {
            Self::Replace(all) => {
                scopes.clone_from(all);
                return Vec::new();
            }
            Self::Edit { add, remove } => (add, remove),
        };
        let unknown = remove.iter().filter(|name| !scopes.iter().any(|scope| scope.name == **name));
        let unknown = unknown.map(|name| Problem::in_entry(Field::Scopes, name, ProblemKind::NoSuchScope));
        let problems = unknown.collect();
        scopes.retain(|scope| !remove.contains(&scope.name) && !add.iter().any(|new| new.name == scope.name));
        scopes.extend_from_slice(add);
        problems
    }
}

/// The names of what has changed.
fn differences(before: &Api, after: &Api) -> Vec<&'static str> {
    let jwt = |api: &Api| match api.settings.token_form {
        TokenForm::Jwt { alg, typ } => (Some(alg), Some(typ)),
        TokenForm::Unknown => (None, None),
    };
    let ((old_alg, old_typ), (alg, typ)) = (jwt(before), jwt(after));
    differing(&[
        ("name", before.name != after.name),
        ("scopes", before.settings.scopes != after.settings.scopes),
        ("alg", old_alg != alg),
        ("token_type", old_typ != typ),
        (
            "access_token_lifetime",
            before.settings.access_token_seconds != after.settings.access_token_seconds,
        ),
    ])
}
