//! Hints about widely used verifiers, for the operator who chooses the algorithm and the type of an API's tokens. They say what
//! the defaults of these libraries did in a test with an earlier version of Tessera. Of other libraries we only know ES256 and
//! RS256.

use tessera_jose::Algorithm;
use tessera_model::api::{JwtType, TokenForm};

/// One line about the algorithm and one about the type.
pub(super) fn hints(form: TokenForm) -> String {
    match form {
        TokenForm::Jwt { alg, typ } => format!("{}\n{}", of_algorithm(alg), of_type(typ)),
        TokenForm::Unknown => "A newer version of Tessera chose the form of these tokens.".to_owned(),
    }
}

const fn of_algorithm(alg: Algorithm) -> &'static str {
    match alg {
        Algorithm::EdDsa => {
            "EdDSA: Spring Security and Kafka cannot verify it; test other libraries first. ES256 and RS256 work nearly everywhere."
        }
        Algorithm::Ed25519 => {
            "Ed25519: few libraries know this name of the algorithm yet; Spring Security and Kafka verify it under neither name. ES256 and RS256 work nearly everywhere."
        }
        Algorithm::Ps256 | Algorithm::Ps384 | Algorithm::Ps512 => {
            "PS256: SmallRye JWT (Quarkus) accepts only RS256 by default; test other libraries first. ES256 and RS256 work nearly everywhere."
        }
        Algorithm::Es256 | Algorithm::Es384 | Algorithm::Es512 => {
            "ES256: every widely used library verifies it. SmallRye JWT (Quarkus) needs a setting for it; its default is RS256."
        }
        Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 => {
            "RS256: every widely used library verifies it."
        }
        // No API can have it: everybody who can verify it can also sign.
        Algorithm::Hs256 => "HS256: verifiers would need the secret.",
    }
}

const fn of_type(typ: JwtType) -> &'static str {
    match typ {
        JwtType::AtJwt => {
            "at+jwt: Spring Security refuses this type with its defaults. Change the API to --token-type jwt, or give Spring a JwtDecoder bean that accepts it."
        }
        JwtType::Jwt => {
            "jwt: ID tokens say JWT too, so every verifier of this API must check the audience. tessera-verifier accepts it after .accept_typ_jwt()."
        }
    }
}
