//! The plan as one page of HTML that needs nothing besides itself: no request leaves it, and without script all of it
//! can still be read.

mod action;
mod escape;
mod left_alone;
mod page;
mod plot;
mod pools;
#[cfg(test)]
mod tests;
mod top;
mod week;

use std::fmt::{self, Display};
use std::io::{self, Write};

use super::{Objection, Plan, PoolLoad};

/// Writes the plan, what apply will refuse of it, and what the pools of the repository are asked for.
pub fn write(plan: &Plan, objections: &[Objection], pools: &[PoolLoad], out: &mut dyn Write) -> io::Result<()> {
    let body = fmt::from_fn(|f| {
        top::top(plan, objections, pools).fmt(f)?;
        f.write_str("<main>\n")?;
        action::actions(&plan.actions).fmt(f)?;
        pools::pools(pools).fmt(f)?;
        left_alone::left_alone(plan).fmt(f)?;
        f.write_str("</main>\n")
    });
    write!(out, "{}", page::page(&plan.headline(), body))
}
