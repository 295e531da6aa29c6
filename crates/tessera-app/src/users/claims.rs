//! What may stand in the claims about a person (OIDC core section 5.1), and how they are changed.

use tessera_oauth::claims::{Address, ProfileClaims};

use crate::problem::{Field, Form, Problem, ProblemKind};

/// Longest claim, in characters.
const MAX_TEXT: usize = 200;

/// A change of claims: a text replaces, the empty text removes, `None` leaves as it is.
pub(super) fn merge(claims: &mut ProfileClaims, changes: &ProfileClaims) {
    let before = claims.phone_number.clone();
    for ((_, claim), (_, change)) in texts(claims).into_iter().zip(texts(&mut changes.clone())) {
        if let Some(text) = change.take() {
            *claim = Some(text).filter(|text| !text.is_empty());
        }
    }
    if changes.phone_number_verified.is_some() || claims.phone_number != before {
        claims.phone_number_verified = changes.phone_number_verified;
    }
    claims.phone_number_verified = claims.phone_number_verified.filter(|_| claims.phone_number.is_some());
    claims.address = claims.address.take().filter(|address| *address != Address::default());
}

/// Everything that is wrong.
pub(super) fn problems(claims: &ProfileClaims) -> Vec<Problem> {
    let mut claims = claims.clone();
    let wrong = texts(&mut claims).into_iter().filter_map(|(name, text)| {
        let form = form(name);
        let wrong = text.as_ref().is_some_and(|text| !form.fits(text));
        wrong.then_some(Problem::of(Field::Claim(name), ProblemKind::Form(form)))
    });
    wrong.collect()
}

/// Every claim that is a text, by its name in the standard; those of the address too.
fn texts(claims: &mut ProfileClaims) -> [(&'static str, &mut Option<String>); 18] {
    let address = claims.address.get_or_insert_default();
    [
        ("given_name", &mut claims.given_name),
        ("family_name", &mut claims.family_name),
        ("middle_name", &mut claims.middle_name),
        ("nickname", &mut claims.nickname),
        ("profile", &mut claims.profile),
        ("picture", &mut claims.picture),
        ("website", &mut claims.website),
        ("gender", &mut claims.gender),
        ("birthdate", &mut claims.birthdate),
        ("zoneinfo", &mut claims.zoneinfo),
        ("locale", &mut claims.locale),
        ("phone_number", &mut claims.phone_number),
        ("address.formatted", &mut address.formatted),
        ("address.street_address", &mut address.street_address),
        ("address.locality", &mut address.locality),
        ("address.region", &mut address.region),
        ("address.postal_code", &mut address.postal_code),
        ("address.country", &mut address.country),
    ]
}

fn form(claim: &str) -> Form {
    match claim {
        "profile" | "picture" | "website" => Form::Web,
        "birthdate" => Form::Birthdate,
        "zoneinfo" => Form::TimeZone,
        "locale" => Form::Language,
        "phone_number" => Form::Phone,
        "address.formatted" | "address.street_address" => Form::Lines(MAX_TEXT),
        _ => Form::Line(MAX_TEXT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_claim_of_the_wrong_form_is_told() {
        let claims = ProfileClaims {
            nickname: Some("a\u{1b}[2J".to_owned()),
            birthdate: Some("yesterday".to_owned()),
            locale: Some("fr_CA".to_owned()),
            zoneinfo: Some("America/Port-au-Prince".to_owned()),
            ..ProfileClaims::default()
        };
        let told: Vec<_> = problems(&claims).into_iter().map(|problem| problem.field).collect();
        assert_eq!(told, ["nickname", "birthdate", "locale"].map(Field::Claim));
    }

    #[test]
    fn a_change_sets_removes_and_leaves() {
        let of = |nickname: Option<&str>, city: Option<&str>, phone: Option<&str>| ProfileClaims {
            nickname: nickname.map(str::to_owned),
            phone_number: phone.map(str::to_owned),
            address: city.map(|city| Address { locality: Some(city.to_owned()), ..Address::default() }),
            ..ProfileClaims::default()
        };
        let mut claims = of(Some("Al"), Some("Paris"), Some("+331234"));
        claims.phone_number_verified = Some(true);
        merge(&mut claims, &ProfileClaims { gender: Some("x".to_owned()), ..ProfileClaims::default() });
        assert_eq!((claims.gender.as_deref(), claims.phone_number_verified), (Some("x"), Some(true)));
        merge(&mut claims, &of(Some(""), Some("Lyon"), Some("+335678")));
        assert_eq!((&claims.nickname, claims.phone_number_verified), (&None, None), "{claims:?}");
        assert_eq!(claims.address.clone().and_then(|address| address.locality).as_deref(), Some("Lyon"));
        merge(&mut claims, &of(None, Some(""), Some("")));
        assert_eq!(claims, ProfileClaims { gender: Some("x".to_owned()), ..ProfileClaims::default() });
    }
}
