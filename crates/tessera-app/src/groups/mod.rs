//! Groups of people: made, described, shown, removed, and who is in them.
//!
//! Tables: `user_groups`, `memberships`. CLI: `group …`. Tests: `tests/groups`.

mod add;
mod delete;
mod error;
mod members;
mod update;
mod view;

pub use add::{NewGroup, add};
pub use delete::delete;
pub use error::GroupError;
pub use members::{add_members, remove_members};
pub use update::describe;
pub use view::{find, list, members, of_user};

use crate::problem::{Field, Problem, ProblemKind};

/// Most characters of a description.
const MAX_DESCRIPTION: usize = 200;

/// What is wrong with a description.
fn description_problem(description: Option<&str>) -> Vec<Problem> {
    let is_bad = |text: &str| text.chars().count() > MAX_DESCRIPTION || text.chars().any(char::is_control);
    let kind = ProblemKind::Description { max: MAX_DESCRIPTION };
    description
        .filter(|text| is_bad(text))
        .map(|_| Problem::of(Field::Description, kind))
        .into_iter()
        .collect()
}
