//! What each pool is asked for over a week, as a plot for calls and one for agents, and as a table.

use std::fmt::{self, Display};

use chrono::{Days, NaiveDate};

use super::super::PoolLoad;
use super::escape::text;
use super::plot::{self, Series};
use crate::schedule::demand::{Busiest, Step};
use crate::schedule::local_day::LocalDay;
use crate::schedule::{Occurrence, Window};

/// Days of a week.
const DAYS: u64 = 7;

/// The section of the pools; nothing where there is none.
pub fn pools(pools: &[PoolLoad]) -> impl Display {
    fmt::from_fn(move |f| {
        if pools.is_empty() {
            return Ok(());
        }
        f.write_str(
            "<section id=\"pools\">\n<h2>Pools</h2>\n<p>What the schedules of a pool may use at the same instant, \
             as their manifests promise it.</p>\n",
        )?;
        plot::legend().fmt(f)?;
        pools.iter().try_for_each(|pool| figure(pool).fmt(f))?;
        f.write_str("</section>\n")
    })
}

fn figure(pool: &PoolLoad) -> impl Display {
    fmt::from_fn(move |f| {
        let days: Vec<NaiveDate> = (0..DAYS).filter_map(|n| pool.monday.checked_add_days(Days::new(n))).collect();
        let (before, after) = (within(&pool.before, pool), within(&pool.after, pool));
        let (monday, zone) = (pool.monday.format("%a %Y-%m-%d"), text(pool.zone.name()));
        let same = if before == after { ", as before" } else { "" };
        write!(
            f,
            "<figure class=\"pool\">\n<figcaption><b>{}</b> Week of {monday}, {zone}{same}</figcaption>\n",
            text(&pool.name)
        )?;
        let local: Vec<LocalDay> = days.iter().map(|date| LocalDay::of(pool.zone, *date)).collect();
        let busiest = (Busiest::of(&before), Busiest::of(&after));
        let series = |name, limit: u32, of: fn(&Step) -> u64, most: fn(Busiest) -> (u64, Occurrence)| Series {
            name,
            limit: limit.into(),
            before: plot::profile(&before, &local, of),
            after: plot::profile(&after, &local, of),
            most_before: busiest.0.map(most),
            most_after: busiest.1.map(most),
        };
        let calls = series("calls", pool.capacity.calls, |step| step.calls, |busiest| busiest.calls);
        let agents = series("agents", pool.capacity.agents, |step| step.agents, |busiest| busiest.agents);
        for series in [&calls, &agents] {
            plot::plot(series, &days, pool.zone).fmt(f)?;
        }
        table(&days, &calls, &agents).fmt(f)?;
        f.write_str("</figure>\n")
    })
}

/// The highest demand of each day.
fn table(days: &[NaiveDate], calls: &Series, agents: &Series) -> impl Display {
    fmt::from_fn(move |f| {
        f.write_str(
            "<details>\n<summary>Highest of each day</summary>\n<table>\n<tr><th scope=\"col\">day</th>\
             <th scope=\"col\">calls before</th><th scope=\"col\">calls after</th>\
             <th scope=\"col\">agents before</th><th scope=\"col\">agents after</th></tr>\n",
        )?;
        for (n, date) in days.iter().enumerate() {
            write!(f, "<tr><th scope=\"row\">{}</th>", date.format("%a %m-%d"))?;
            for profile in [&calls.before, &calls.after, &agents.before, &agents.after] {
                let of_day = profile.iter().skip(n * plot::QUARTERS).take(plot::QUARTERS);
                write!(f, "<td>{}</td>", of_day.max().unwrap_or(&0))?;
            }
            f.write_str("</tr>\n")?;
        }
        f.write_str("</table>\n</details>\n")
    })
}

/// The steps of the week alone.
fn within(steps: &[Step], pool: &PoolLoad) -> Vec<Step> {
    let next = pool.monday.checked_add_days(Days::new(DAYS)).unwrap_or(pool.monday);
    let week = Window { start: pool.zone.start_of_day(pool.monday), end: pool.zone.start_of_day(next) };
    steps.iter().filter_map(|step| Some(Step { span: step.span.intersection(&week)?, ..*step })).collect()
}
