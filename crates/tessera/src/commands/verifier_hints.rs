//! What an operator should know about widely used verifiers before choosing how an API's tokens look. Defaults that were
//! seen once, with an earlier version of Tessera. Of a library that is not named nothing is known beyond ES256 and RS256.

use tessera_jose::Algorithm;
use tessera_model::api::{JwtType, TokenForm};

/// A line for the algorithm and one for the type.
pub(super) fn hints(form: TokenForm) -> String {
    let TokenForm::Jwt { alg, typ } = form;
    format!("{}\n{}", of_algorithm(alg), of_type(typ))
}

const fn of_algorithm(alg: Algorithm) -> &'static str {
    match alg {
        Algorithm::EdDsa => {
            "EdDSA: Spring Security and Kafka cannot verify it; try others first. ES256 and RS256 work nearly everywhere."
        }
        Algorithm::Ed25519 => {
            "Ed25519: few libraries know this name of the algorithm yet; Spring Security and Kafka verify it under no name. ES256 and RS256 work nearly everywhere."
        }
        Algorithm::Ps256 | Algorithm::Ps384 | Algorithm::Ps512 => {
            "PS256: SmallRye JWT (Quarkus) takes only RS256 unless told; try others first. ES256 and RS256 work nearly everywhere."
        }
        Algorithm::Es256 | Algorithm::Es384 | Algorithm::Es512 => {
            "ES256: every widely used library verifies it. SmallRye JWT (Quarkus) has to be told; its default is RS256."
        }
        Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 => {
            "RS256: every widely used library verifies it."
        }
        // No API has it: whoever can verify it can sign it.
        Algorithm::Hs256 => "HS256: verifiers would need the secret.",
    }
}

const fn of_type(typ: JwtType) -> &'static str {
    match typ {
        JwtType::AtJwt => {
            "at+jwt: Spring Security refuses this type with its defaults. Change the API to --token-type jwt, or give Spring a JwtDecoder bean that takes it."
        }
        JwtType::Jwt => {
            "jwt: ID tokens say JWT too, so every verifier of this API must check the audience. tessera-verifier takes it after .accept_typ_jwt()."
        }
    }
}
