//! The table of public endpoints.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use http::HeaderMap;
use tessera_oauth::endpoint::{
    AUTHORIZATION_PATH, END_SESSION_PATH, JWKS_PATH, OAUTH_METADATA_PATH, OPENID_CONFIGURATION_PATH,
    REVOCATION_PATH, REVOCATION_RULES_PATH, TOKEN_PATH, USERINFO_PATH, WELL_KNOWN_JWKS_PATH,
};

use crate::account::{authenticator, overview, passkey, password, recovery_codes, totp};
use crate::assets;
use crate::middleware::{Cors, Endpoint, Endpoints, Needs};
use crate::oauth::{authorize, consent, feed, json, metadata, revocation, token, userinfo};
use crate::pages::{
    ACCOUNT_PATH, AUTHENTICATOR_PATH, CONSENT_PATH, HOME_PATH, LOGIN_PATH, LOGIN_STEP_PATH, PASSKEY_PATH,
    PASSWORD_PATH, RECOVERY_CODES_PATH, TOTP_PATH,
};
use crate::refusal::Refusal;
use crate::request::RequestCx;
use crate::state::Server;
use crate::{home, login, login_step, logout};

/// Every public endpoint.
pub fn endpoints(server: Arc<Server>) -> Endpoints {
    let transport = server.transport;
    let table = [
        Endpoint::new(TOKEN_PATH, Cors::AnyOrigin, post(token::post)).needing(Needs::Turn),
        Endpoint::new(REVOCATION_PATH, Cors::AnyOrigin, post(revocation::post)).needing(Needs::Turn),
        Endpoint::new(USERINFO_PATH, Cors::AnyOrigin, get(userinfo::answer).post(userinfo::answer))
            .needing(Needs::Turn),
        Endpoint::new(JWKS_PATH, Cors::AnyOrigin, get(metadata::jwks)).needing(Needs::Nothing),
        // Some libraries fetch the keys here without reading the metadata.
        Endpoint::new(WELL_KNOWN_JWKS_PATH, Cors::AnyOrigin, get(metadata::jwks)).needing(Needs::Nothing),
        Endpoint::new(REVOCATION_RULES_PATH, Cors::AnyOrigin, get(feed::get)).needing(Needs::Nothing),
        Endpoint::new(OPENID_CONFIGURATION_PATH, Cors::AnyOrigin, get(metadata::get)).needing(Needs::Nothing),
        Endpoint::new(OAUTH_METADATA_PATH, Cors::AnyOrigin, get(metadata::get)).needing(Needs::Nothing),
        Endpoint::new(AUTHORIZATION_PATH, Cors::SameOrigin, get(authorize::get).post(authorize::post))
            .keeping_opener(),
        Endpoint::new(LOGIN_PATH, Cors::SameOrigin, get(login::get).post(login::post)).keeping_opener(),
        Endpoint::new(LOGIN_STEP_PATH, Cors::SameOrigin, get(login_step::get).post(login_step::post))
            .keeping_opener(),
        Endpoint::new(CONSENT_PATH, Cors::SameOrigin, get(consent::get).post(consent::post)).keeping_opener(),
        Endpoint::new(END_SESSION_PATH, Cors::SameOrigin, get(logout::get).post(logout::post))
            .keeping_opener(),
        Endpoint::new(HOME_PATH, Cors::SameOrigin, get(home::get)),
        Endpoint::new(ACCOUNT_PATH, Cors::SameOrigin, get(overview::get)),
        Endpoint::new(PASSKEY_PATH, Cors::SameOrigin, get(passkey::get).post(passkey::post)),
        Endpoint::new(PASSWORD_PATH, Cors::SameOrigin, get(password::get).post(password::post)),
        Endpoint::new(TOTP_PATH, Cors::SameOrigin, get(totp::get).post(totp::post)),
        Endpoint::new(
            RECOVERY_CODES_PATH,
            Cors::SameOrigin,
            get(recovery_codes::get).post(recovery_codes::post),
        ),
        Endpoint::new(
            AUTHENTICATOR_PATH,
            Cors::SameOrigin,
            get(authenticator::get).post(authenticator::post),
        ),
        Endpoint::new(assets::PATH, Cors::SameOrigin, assets::methods(server.pages.assets())),
    ];
    let (app, admission) = (Arc::clone(&server.app), Arc::clone(&server.admission));
    Endpoints::new(table, Router::new().fallback(not_found), server, transport).refusing(move |needs| {
        if needs == Needs::Nothing {
            None
        } else if app.database_is_lost() {
            Some(Refusal::database_is_lost())
        } else if needs == Needs::Turn {
            let (overloaded, at) = admission.refusal()?;
            Some(Refusal { answer: json::overloaded(overloaded), at })
        } else {
            None
        }
    })
}

async fn not_found(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    RequestCx(cx): RequestCx,
) -> Response {
    server.not_found(&cx, &headers)
}
