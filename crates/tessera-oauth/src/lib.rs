//! tessera-oauth
