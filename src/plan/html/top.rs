//! The top of the page: what there is to do, what apply will refuse of it, and what the plan was made from.

use std::fmt::{self, Display};

use super::super::{Objection, Plan, PoolLoad, json};
use super::escape::text;

/// The header and the links to the parts of the page.
pub fn top(plan: &Plan, objections: &[Objection], pools: &[PoolLoad]) -> impl Display {
    fmt::from_fn(move |f| {
        let counts = plan.counts();
        write!(
            f,
            "<header>\n<p class=\"tool\">dialctl plan</p>\n<h1>{}</h1>\n\
             <p class=\"counts\">{} unchanged, {} unmanaged.</p>\n",
            text(&plan.headline()),
            counts.unchanged,
            counts.unmanaged
        )?;
        if !plan.header.raised.is_empty() {
            let raised = plan.header.raised.to_string();
            writeln!(f, "<p class=\"note\"><b>Raised for this run:</b> <code>{}</code></p>", text(&raised))?;
        }
        for objection in objections {
            let objection = objection.to_string();
            writeln!(f, "<p class=\"warning\"><b>apply will refuse this plan:</b> {}</p>", text(&objection))?;
        }
        made_from(plan).fmt(f)?;
        f.write_str("<nav aria-label=\"Parts of the plan\">\n")?;
        for (id, name, exists) in [
            ("actions", "Actions", !plan.actions.is_empty()),
            ("pools", "Pools", !pools.is_empty()),
            ("orphans", "No longer in the repository", !plan.orphans.is_empty()),
            ("unmanaged", "Not managed", plan.others.as_ref().is_some_and(|others| !others.is_empty())),
            ("compared", "Compared", true),
        ] {
            if exists {
                writeln!(f, "<a href=\"#{id}\">{name}</a>")?;
            }
        }
        f.write_str("</nav>\n</header>\n")
    })
}

fn made_from(plan: &Plan) -> impl Display {
    fmt::from_fn(move |f| {
        let header = &plan.header;
        let digest = json::digest(plan);
        let facts = [
            ("organisation", header.org.as_str()),
            ("API", &header.api),
            ("owner", &header.owner),
            ("commit", header.git_commit.as_deref().unwrap_or("none")),
            ("made by", &header.tool),
            ("zone database", &header.tzdata),
            ("manifests, SHA-256", &header.manifest_digest),
            ("plan, SHA-256", &digest),
        ];
        f.write_str("<dl class=\"made-from\">\n")?;
        for (name, value) in facts {
            writeln!(f, "<div><dt>{name}</dt><dd>{}</dd></div>", text(value))?;
        }
        f.write_str("</dl>\n")
    })
}
