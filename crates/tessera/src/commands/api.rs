//! `tessera api …`: APIs that accept tokens.

use std::time::Duration;

use tessera_app::Cx;
use tessera_app::apis::{self, ApiChange, ApiError, NewApi, ScopeChange};
use tessera_jose::Algorithm;
use tessera_model::ScopeDefinition;
use tessera_model::api::JwtType;
use tessera_model::policy::DEFAULT_ACCESS_TOKEN_SECONDS;
use tessera_oauth::scope::Scope;

use super::args::{Invocation, NounArgs};
use super::verifier_hints;
use super::views::{self, ApiView};
use crate::config::{Environment, duration};
use crate::failure::Failure;
use crate::output::{Output, one, record, table};
use crate::problem::refused;
use crate::text::{for_terminal, span};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    /// Register an API
    Add(New),
    /// Change the settings that are given; running servers follow within a second
    Update(Update),
    /// Show all APIs
    List,
    /// Show one API
    Show {
        /// `aud` of its tokens
        audience: String,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct New {
    /// `aud` of its tokens: an absolute URI such as `https://api.example.com`
    audience: String,
    /// Name on the consent page
    #[arg(long)]
    name: String,
    /// Scope and its text on the consent page; may be given more than once
    #[arg(long = "scope", value_name = "NAME=DESCRIPTION", value_parser = scope)]
    scopes: Vec<ScopeDefinition>,
    /// Signature algorithm of its tokens: ES256, EdDSA, Ed25519, RS256 or PS256
    #[arg(long, value_name = "ALG", default_value = "ES256")]
    alg: Algorithm,
    /// `typ` of its tokens: at+jwt, or jwt for verifiers that accept no other (Spring Security)
    #[arg(long, value_name = "TYPE", default_value_t = JwtType::AtJwt)]
    token_type: JwtType,
    /// Lifetime of its tokens [default: 10m]
    #[arg(long, value_name = "DURATION", value_parser = duration::argument)]
    access_token_lifetime: Option<Duration>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Update {
    /// `aud` of its tokens
    audience: String,
    #[command(flatten)]
    change: Change,
}

/// The settings to change: at least one of them.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = true)]
struct Change {
    /// Name on the consent page
    #[arg(long)]
    name: Option<String>,
    /// Replace all scopes; may be given more than once
    #[arg(long = "scope", value_name = "NAME=DESCRIPTION", value_parser = scope, conflicts_with_all = ["add_scopes", "remove_scopes"])]
    scopes: Vec<ScopeDefinition>,
    /// Add a scope, or change the text of one; may be given more than once
    #[arg(long = "add-scope", value_name = "NAME=DESCRIPTION", value_parser = scope)]
    add_scopes: Vec<ScopeDefinition>,
    /// Remove a scope; may be given more than once
    #[arg(long = "remove-scope", value_name = "NAME")]
    remove_scopes: Vec<Scope>,
    /// Signature algorithm of its tokens: ES256, EdDSA, Ed25519, RS256 or PS256
    #[arg(long, value_name = "ALG")]
    alg: Option<Algorithm>,
    /// `typ` of its tokens: at+jwt, or jwt for verifiers that accept no other (Spring Security)
    #[arg(long, value_name = "TYPE")]
    token_type: Option<JwtType>,
    /// Lifetime of its tokens
    #[arg(long, value_name = "DURATION", value_parser = duration::argument)]
    access_token_lifetime: Option<Duration>,
}

pub(crate) async fn run(args: NounArgs<Verb>, environment: &Environment) -> Result<(), Failure> {
    let Invocation { ref cx, output, verb } = args.open(environment).await?;
    match verb {
        Verb::Add(new) => add(cx, output, new).await,
        Verb::Update(update) => change(cx, output, update).await,
        Verb::List => list(cx, output).await,
        Verb::Show { audience } => show(cx, output, &audience).await,
    }
}

async fn add(cx: &Cx, output: Output, new: New) -> Result<(), Failure> {
    let new = NewApi {
        audience: new.audience,
        name: new.name,
        scopes: new.scopes,
        access_token_alg: new.alg,
        token_type: new.token_type,
        access_token_seconds: new.access_token_lifetime.map_or(DEFAULT_ACCESS_TOKEN_SECONDS, seconds),
    };
    let api = apis::add(cx, new).await?;
    output.print(&ApiView::from(&api), || {
        format!(
            "Registered {}.\nClients that have --audience {0} may ask for its tokens.\n{}",
            for_terminal(&api.audience),
            verifier_hints::hints(api.settings.token_form)
        )
    })
}

async fn change(cx: &Cx, output: Output, update: Update) -> Result<(), Failure> {
    let Update { audience, change } = update;
    let new_token_form = change.alg.is_some() || change.token_type.is_some();
    let updated = apis::update(cx, &audience, &change.into()).await.map_err(|error| match error {
        ApiError::NotFound => no_such_api(&audience),
        other => other.into(),
    })?;
    output.print(&ApiView::from(&updated.api), || {
        let name = for_terminal(&audience);
        let said = match &*updated.changed {
            [] => return format!("{name} has these settings already."),
            changed => format!("Changed {name}: {}.", changed.join(", ")),
        };
        if new_token_form {
            format!("{said}\n{}", verifier_hints::hints(updated.api.settings.token_form))
        } else {
            said
        }
    })
}

fn seconds(span: Duration) -> u32 {
    u32::try_from(span.as_secs()).unwrap_or(u32::MAX)
}

impl From<Change> for ApiChange {
    fn from(change: Change) -> Self {
        let scopes = if !change.scopes.is_empty() {
            Some(ScopeChange::Replace(change.scopes))
        } else if !change.add_scopes.is_empty() || !change.remove_scopes.is_empty() {
            Some(ScopeChange::Edit { add: change.add_scopes, remove: change.remove_scopes })
        } else {
            None
        };
        Self {
            name: change.name,
            scopes,
            access_token_alg: change.alg,
            token_type: change.token_type,
            access_token_seconds: change.access_token_lifetime.map(seconds),
        }
    }
}

async fn list(cx: &Cx, output: Output) -> Result<(), Failure> {
    let apis = apis::list(cx).await?;
    let views: Vec<ApiView> = apis.entries.iter().map(ApiView::from).collect();
    let unreadable: Vec<&str> = apis.unreadable.iter().map(|row| row.name.as_str()).collect();
    output.print(&serde_json::json!({ "apis": views, "unreadable": unreadable }), || {
        if views.is_empty() && unreadable.is_empty() {
            return "No APIs yet. Register one with `tessera api add`.".to_owned();
        }
        let names = |view: &ApiView| {
            view.scopes.iter().map(|scope| scope.name.as_str()).collect::<Vec<_>>().join(" ")
        };
        let rows = views
            .iter()
            .map(|view| [view.audience.clone(), view.name.clone(), names(view), view.status.to_owned()]);
        table(["AUDIENCE", "NAME", "SCOPES", "STATUS"], rows.chain(views::unreadable(&unreadable)))
    })
}

async fn show(cx: &Cx, output: Output, audience: &str) -> Result<(), Failure> {
    let found = apis::find(cx, audience).await?.ok_or_else(|| no_such_api(audience))?;
    let view = ApiView::from(&found);
    output.print(&view, || {
        let scopes = view.scopes.iter().map(|scope| format!("{}: {}", scope.name, scope.description));
        record(
            [
                one("audience", view.audience.clone()),
                one("name", view.name.clone()),
                one("status", view.status.to_owned()),
                ("scopes", scopes.collect()),
                one("tokens", format!("{}, signed with {}", view.token_type, view.access_token_alg)),
                one("token lifetime", span(view.access_token_seconds.into())),
                one("created", view.created_at.clone()),
                one("changed", view.updated_at.clone()),
            ]
            .into_iter()
            .chain(views::not_understood(&view.not_understood)),
        )
    })
}

fn no_such_api(audience: &str) -> Failure {
    Failure::data(format!("no such API: {}", for_terminal(audience)))
        .hint("`tessera api list` shows all APIs.")
}

fn scope(text: &str) -> Result<ScopeDefinition, String> {
    let (name, description) = text.split_once('=').unwrap_or((text, text));
    let name = name.parse().map_err(|error| format!("{error}"))?;
    Ok(ScopeDefinition { name, description: description.to_owned() })
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::Invalid(problems) => refused(&problems),
            ApiError::Taken | ApiError::NotFound => Self::data(error.to_string()),
            ApiError::Key(error) => error.into(),
            ApiError::Access(error) => error.into(),
            ApiError::Store(fault) => fault.into(),
        }
    }
}
