//! `tessera token verify`: fetches the keys of the issuer and verifies an access token as an API would.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::{Value, json};
use tessera_model::api::JwtType;
use tessera_oauth::scope::ScopeSet;
use tessera_verifier::{Claims, Verifier, VerifyError};

use super::super::args::CommonArgs;
use super::token_args::TokenArgs;
use crate::config::Environment;
use crate::failure::{Exit, Failure};
use crate::text::{for_terminal, time};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    token: TokenArgs,
    /// `aud` of the API
    #[arg(long, value_name = "URI")]
    audience: String,
    /// Issuer to trust [default: the issuer of the configuration]
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// `typ` that the token may have: at+jwt, or also jwt for an API that is registered with it
    #[arg(long, value_name = "TYPE", default_value_t = JwtType::AtJwt)]
    token_type: JwtType,
    /// Scopes that the token must have, separated by spaces
    #[arg(long, value_name = "SCOPES", default_value = "")]
    scope: String,
    /// PEM file with certificates to trust besides the system's
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
}

pub(super) async fn run(
    common: &CommonArgs,
    args: Args,
    environment: &Environment,
) -> Result<ExitCode, Failure> {
    let token = args.token.read()?;
    let issuer = match &args.issuer {
        Some(issuer) => issuer.clone(),
        None => issuer_of(common, environment)?,
    };
    let verifier = verifier(&args, &issuer)?;
    let ready = verifier.ready().await;
    ready.map_err(|error| {
        Failure::new(Exit::Unavailable, format!("{}: {error}", for_terminal(&issuer)))
            .hint("It is unknown whether the token is valid.")
    })?;
    match verifier.verify(&token).await {
        Ok(claims) => {
            common.output().print(&accepted(&claims), || text(&claims))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(VerifyError::Unavailable | VerifyError::Stale) => {
            Err(Failure::new(Exit::Unavailable, "the issuer cannot be reached")
                .hint("It is unknown whether the token is valid."))
        }
        Err(refused) => {
            let answer = json!({ "valid": false, "reason": refused.reason() });
            common
                .output()
                .print(&answer, || format!("NOT VALID: {}", for_terminal(&refused.to_string())))?;
            Ok(Exit::Data.into())
        }
    }
}

fn issuer_of(common: &CommonArgs, environment: &Environment) -> Result<String, Failure> {
    let issuer = common.configuration(environment)?.issuer;
    if issuer.is_empty() {
        Err(Failure::usage("name the issuer to trust with --issuer URL"))
    } else {
        Ok(issuer)
    }
}

fn verifier(args: &Args, issuer: &str) -> Result<Verifier, Failure> {
    let scopes: ScopeSet = args.scope.parse().map_err(|error| Failure::data(format!("--scope: {error}")))?;
    let mut builder =
        Verifier::builder(issuer).audience(&args.audience).required_scopes(&scopes).live_revocation();
    builder = match args.token_type {
        JwtType::AtJwt => builder,
        JwtType::Jwt => builder.accept_typ_jwt(),
    };
    if let Some(path) = &args.ca_file {
        builder =
            builder.extra_root_certificate(std::fs::read(path).map_err(|error| Failure::file(path, &error))?);
    }
    builder.build().map_err(|error| Failure::data(error.to_string()))
}

fn accepted(claims: &Claims) -> Value {
    let claims = tessera_jose::json::object(claims.raw_json().as_bytes()).unwrap_or_default();
    json!({ "valid": true, "claims": claims })
}

fn text(claims: &Claims) -> String {
    format!(
        "VALID until {}\n  subject   {}\n  client    {}\n  scope     {}",
        time(claims.expires_at()),
        for_terminal(claims.subject()),
        for_terminal(claims.client_id()),
        for_terminal(&claims.scopes().to_string()),
    )
}
