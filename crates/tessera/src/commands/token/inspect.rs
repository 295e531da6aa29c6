//! `tessera token inspect`: decodes a JWT without verifying it.

use serde_json::{Map, Value, json};
use tessera_app::ports::Clock as _;
use tessera_jose::{Unverified, base64url};
use tessera_model::PresentedKind;

use crate::adapters::SystemClock;
use crate::failure::Failure;
use crate::output::{Output, one, record};
use crate::text::{for_terminal, for_terminal_json, span, time};

/// The header or the claims.
type Object = Map<String, Value>;

/// Claims that are times (RFC 7519 section 4.1, OIDC core section 2).
const TIME_CLAIMS: [&str; 5] = ["iat", "nbf", "exp", "auth_time", "updated_at"];

const KINDS: [(PresentedKind, &str); 5] = [
    (PresentedKind::AuthorizationCode, "an authorization code"),
    (PresentedKind::RefreshToken, "a refresh token"),
    (PresentedKind::ClientSecret, "a client secret"),
    (PresentedKind::Session, "a session cookie"),
    (PresentedKind::Browser, "a browser cookie"),
];

pub(super) fn run(output: Output, token: &str) -> Result<(), Failure> {
    if let Some((_, kind)) = KINDS.iter().find(|(kind, _)| token.starts_with(kind.prefix())) {
        return Err(Failure::data(format!("this is {kind} of Tessera: only its issuer can read it")));
    }
    let (header, claims) = parts(token)?;
    let objection = Unverified::parse(token).err().map(|error| error.to_string());
    let now = SystemClock.now().seconds();
    let answer = json!({
        "verified": false,
        "header": header,
        "claims": claims,
        "times": times(&claims),
        "expired": expiry(&claims).map(|at| at <= now),
        "refused_because": objection,
    });
    output.print(&answer, || text(&header, &claims, objection.as_deref(), now))
}

/// Decodes header and claims of any JWT, also of one that we would refuse.
fn parts(token: &str) -> Result<(Object, Object), Failure> {
    let not_a_jwt =
        || Failure::data("this is not a JWT: expected three parts of base64url with dots between them");
    let mut segments = token.split('.');
    let (Some(header), Some(claims), Some(_), None) =
        (segments.next(), segments.next(), segments.next(), segments.next())
    else {
        return Err(not_a_jwt());
    };
    let read = |segment: &str| {
        let bytes = base64url::decode(segment).map_err(|_| not_a_jwt())?;
        tessera_jose::json::object(&bytes)
            .map_err(|error| Failure::data(format!("this is not a JWT: {error}")))
    };
    Ok((read(header)?, read(claims)?))
}

fn expiry(claims: &Object) -> Option<i64> {
    claims.get("exp").and_then(Value::as_i64)
}

fn times(claims: &Object) -> Object {
    let time_of = |name: &str| Some((name.to_owned(), Value::from(time(claims.get(name)?.as_i64()?))));
    TIME_CLAIMS.into_iter().filter_map(time_of).collect()
}

fn text(header: &Object, claims: &Object, objection: Option<&str>, now: i64) -> String {
    let mut lines = "NOT VERIFIED: anybody can write a token with these claims.\n\nheader\n".to_owned();
    lines.push_str(&object(header, now));
    lines.push_str("\n\nclaims\n");
    lines.push_str(&object(claims, now));
    if let Some(objection) = objection {
        lines.push_str("\n\nTessera would refuse this token whatever its signature: ");
        lines.push_str(&for_terminal(objection));
    }
    lines
}

fn object(object: &Object, now: i64) -> String {
    record(object.iter().map(|(name, value)| {
        let text = match value {
            Value::String(text) => text.clone(),
            other => for_terminal_json(&other.to_string()),
        };
        let seconds = value.as_i64().filter(|_| TIME_CLAIMS.contains(&name.as_str()));
        let meaning = seconds.map_or_else(String::new, |at| format!("  {}, {}", time(at), relative(at, now)));
        one(name, format!("{text}{meaning}"))
    }))
}

fn relative(at: i64, now: i64) -> String {
    let distance = span(at.abs_diff(now));
    if at > now { format!("in {distance}") } else { format!("{distance} ago") }
}
