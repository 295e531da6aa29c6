//! `GET /`: who is logged in here, and which applications have access.

use axum::response::Response;
use tessera_app::Actor;
use tessera_app::access::AccessError;
use tessera_app::users::applications;
use tessera_model::Timestamp;

use crate::page_request::{PageError, PageRequest};
use crate::pages::{ApplicationLine, Home, LOGIN_PATH};
use crate::request::see_other;

pub(crate) async fn get(request: PageRequest) -> Response {
    request.answer(show(&request).await)
}

async fn show(request: &PageRequest) -> Result<Response, PageError> {
    let Some(current) = request.current().await? else { return Ok(see_other(LOGIN_PATH)) };
    let cx = &request.cx.clone().acting_as(Actor::User(current.user.id));
    let applications = applications(cx, current.user.id).await.map_err(|error| match error {
        AccessError::Denied | AccessError::NotRecent | AccessError::Clock(_) => PageError::BadRequest,
        AccessError::Store(fault) => fault.into(),
    })?;
    let since: Vec<String> = applications.iter().map(|application| day(application.since)).collect();
    let lines = applications.iter().zip(&since);
    let lines: Vec<ApplicationLine<'_>> =
        lines.map(|(application, since)| ApplicationLine { name: &application.name, since }).collect();
    let page = Home { username: current.user.username.as_str(), applications: &lines };
    Ok(request.with_browser_cookie(page.render(&request.server.pages, request.language(None))))
}

/// The date as `2026-01-31`, in UTC, which is read the same everywhere.
fn day(at: Timestamp) -> String {
    let day = jiff::Timestamp::from_second(at.seconds()).map(|at| at.strftime("%Y-%m-%d").to_string());
    day.unwrap_or_default()
}
