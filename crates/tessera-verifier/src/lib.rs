//! tessera-verifier
