//! The pages through their public door, and one login from end to end.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod filling;
mod first_light;
mod form_post;
mod headers;
mod hostile;
mod markup;
mod stylesheet;
mod themes;
mod words;

use filling::{Filling, pages, without_hashes};
