//! JOSE on one crypto provider: keys, signatures, JWK sets. Pure: no I/O, no clock.

pub mod algorithm;

pub use algorithm::Algorithm;
