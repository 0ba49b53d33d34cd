//! What zones are called: names of places, old names, offsets, and the names close to a misspelt one.

use super::Zone;
use super::zone_aliases::ALIASES;

/// How a zone is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// After a place, by the name of today, or UTC.
    Current,
    /// By a name that the database keeps for older files.
    Alias {
        /// The name of today.
        current: &'static str,
    },
    /// By an offset from UTC that is the same all the year.
    Offset,
}

/// The zone names closest to a misspelt one or to a lone city, the best first; empty when none is close.
///
/// Only names of places: `PST` is close to `EST`, but someone who takes that up dials three hours off.
pub fn similar_names(wrong: &str) -> Vec<&'static str> {
    let wanted = wrong.trim().replace(' ', "_").to_lowercase();
    let allowed = 1 + wanted.len() / 4;
    let places = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).filter(|name| is_place(name));
    let distance = |name: &str| {
        let name = name.to_lowercase();
        let whole = strsim::damerau_levenshtein(&wanted, &name);
        // A city is told by its full name, for short ones are all close to each other.
        let is_city = !wanted.contains('/') && name.rsplit('/').next() == Some(wanted.as_str());
        if is_city { 0 } else { whole }
    };
    let mut close: Vec<(usize, &str)> =
        places.map(|name| (distance(name), name)).filter(|(distance, _)| *distance <= allowed).collect();
    close.sort_unstable();
    let mut names: Vec<&str> = Vec::new();
    for (_, name) in close {
        // Who is close to an old name is told the one of today, once.
        let name = current_name(name).unwrap_or(name);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.truncate(3);
    names
}

/// Whether a zone is named after a place, and not after an offset or an abbreviation.
fn is_place(name: &str) -> bool {
    name.split_once('/').is_some_and(|(area, _)| area != "Etc") || name == "UTC"
}

/// The name of today for a name that the database keeps for older files.
fn current_name(name: &str) -> Option<&'static str> {
    let found = ALIASES.binary_search_by_key(&name, |(old, _)| old).ok();
    found.and_then(|found| ALIASES.get(found)).map(|(_, current)| *current)
}

/// Whether a zone is named after an offset. `EST`, `MST` and `HST` were zones without daylight saving time, and
/// are links to places that have none.
fn is_offset(name: &str) -> bool {
    name.starts_with("Etc/GMT") || matches!(name, "EST" | "MST" | "HST")
}

impl Zone {
    /// Whether the name is that of a place today.
    pub fn naming(self) -> Naming {
        let name = self.name();
        if let Some(current) = current_name(name) {
            Naming::Alias { current }
        } else if is_offset(name) {
            Naming::Offset
        } else {
            Naming::Current
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::zone::UnknownZone;

    #[test]
    fn every_old_name_is_a_zone_with_the_clock_of_its_current_name() {
        let (from, until) = ("2024-01-01T00:00:00Z".parse().unwrap(), "2031-01-01T00:00:00Z".parse().unwrap());
        for (old, current) in ALIASES {
            let (old, current) = (Zone::named(old).unwrap(), Zone::named(current).unwrap());
            assert_eq!(old.local(from), current.local(from), "{old} {current}");
            let changes = |zone: Zone| zone.clock_changes(from, until).collect::<Vec<_>>();
            assert_eq!(changes(old), changes(current), "{old} {current}");
            assert_eq!((old.naming(), current.naming()), (Naming::Alias { current: current.name() }, Naming::Current));
        }
        assert!(ALIASES.is_sorted());
    }

    #[test]
    fn names_of_places_are_current_though_they_may_be_links() {
        for (name, naming) in [
            ("UTC", Naming::Current),
            ("Europe/Oslo", Naming::Current),
            ("Europe/Kyiv", Naming::Current),
            ("Arctic/Longyearbyen", Naming::Current),
            ("US/Eastern", Naming::Alias { current: "America/New_York" }),
            ("Asia/Calcutta", Naming::Alias { current: "Asia/Kolkata" }),
            ("Etc/GMT", Naming::Alias { current: "UTC" }),
            ("Etc/GMT+5", Naming::Offset),
            ("Etc/GMT-14", Naming::Offset),
            ("EST", Naming::Offset),
            ("MST", Naming::Offset),
            ("HST", Naming::Offset),
        ] {
            assert_eq!(Zone::named(name).unwrap().naming(), naming, "{name}");
        }
    }

    #[test]
    fn unknown_names_are_refused_with_near_ones() {
        assert_eq!(Zone::named("America/NewYork"), Err(UnknownZone("America/NewYork".into())));
        assert_eq!(similar_names("America/NewYork").first(), Some(&"America/New_York"));
        assert!(Zone::named("america/new_york").is_err());
        assert_eq!(similar_names("New York"), ["America/New_York"]);
        assert_eq!(similar_names("europe/london").first(), Some(&"Europe/London"));
        assert_eq!(similar_names("Calcutta"), ["Asia/Kolkata"]);
        for wrong in ["Nowhere", "PST", "EST5", "GMT+2", "CET-1", ""] {
            assert!(similar_names(wrong).is_empty(), "{wrong}: {:?}", similar_names(wrong));
        }
    }
}
