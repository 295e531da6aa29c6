//! tessera-model
