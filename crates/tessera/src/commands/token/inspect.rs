//! `tessera token inspect`: takes a JWT apart and says what it would mean if it were genuine.

use serde_json::{Map, Value, json};
use tessera_app::ports::Clock as _;
use tessera_jose::{Unverified, base64url};
use tessera_model::PresentedKind;

use crate::adapters::SystemClock;
use crate::failure::Failure;
use crate::output::{Output, one, record};
use crate::text::{for_terminal, for_terminal_json, span, time};

/// Header or claims.
type Object = Map<String, Value>;

/// Claims that are moments (RFC 7519 section 4.1, OIDC core section 2).
const MOMENTS: [&str; 5] = ["iat", "nbf", "exp", "auth_time", "updated_at"];

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
    output.print(&answer, || people(&header, &claims, objection.as_deref(), now))
}

/// Header and claims, of any JWT that can be read at all; what we would refuse is shown, too.
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
    let moment = |name: &str| Some((name.to_owned(), Value::from(time(claims.get(name)?.as_i64()?))));
    MOMENTS.into_iter().filter_map(moment).collect()
}

fn people(header: &Object, claims: &Object, objection: Option<&str>, now: i64) -> String {
    let mut text = "NOT VERIFIED: anybody can write a token that says this.\n\nheader\n".to_owned();
    text.push_str(&object(header, now));
    text.push_str("\n\nclaims\n");
    text.push_str(&object(claims, now));
    if let Some(objection) = objection {
        text.push_str("\n\nWould be refused whatever its signature: ");
        text.push_str(&for_terminal(objection));
    }
    text
}

fn object(object: &Object, now: i64) -> String {
    record(object.iter().map(|(name, value)| {
        let text = match value {
            Value::String(text) => text.clone(),
            other => for_terminal_json(&other.to_string()),
        };
        let moment = value.as_i64().filter(|_| MOMENTS.contains(&name.as_str()));
        let meaning = moment.map_or_else(String::new, |at| format!("  {}, {}", time(at), relative(at, now)));
        one(name, format!("{text}{meaning}"))
    }))
}

fn relative(at: i64, now: i64) -> String {
    let distance = span(at.abs_diff(now));
    if at > now { format!("in {distance}") } else { format!("{distance} ago") }
}
