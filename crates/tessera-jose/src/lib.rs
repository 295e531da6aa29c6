//! tessera-jose
