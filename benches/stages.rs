//! Where the time of a validation goes: reading files, parsing YAML, the schema, what documents mean, rules.
//!
//! ```sh
//! python3 benches/validate.py target/release/dialctl --sizes 10000 --runs 1 --keep ten-thousand
//! taskset -c 0 cargo bench --bench stages -- ten-thousand/schedules
//! ```
//!
//! On one processor, so that the parts add up to the whole.

mod stopwatch;

use std::path::{Path, PathBuf};

use dialctl::manifest::{self, yaml};
use dialctl::rules::{self, ApiShape, Context, LiveSide};
use stopwatch::fastest;

/// As the program itself.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    // `cargo bench` adds a flag of its own.
    let Some(root) = std::env::args().skip(1).find(|argument| !argument.starts_with("--")) else {
        eprintln!("give a directory of manifests: cargo bench --bench stages -- schedules");
        return;
    };
    let root = PathBuf::from(root);
    let (reading, texts) = fastest(|| texts(&root));
    let (parsing, _) = fastest(|| texts.iter().map(|text| yaml::read(text).documents.len()).sum::<usize>());
    let (loading, loaded) = fastest(|| manifest::load(std::slice::from_ref(&root)));
    let as_of = chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::days(20_820);
    let (checking, findings) = fastest(|| {
        // The copy is no part of a validation, but every run needs one.
        let repository = loaded.repository.clone().with_blackouts(as_of);
        let (api, live) = (ApiShape::OutboundSchedules, LiveSide::unasked());
        rules::check(&Context { repository: &repository, api, as_of, live })
    });
    let (schema, fit) = fastest(|| {
        loaded.sources.documents().filter(|(id, document)| manifest::check(*id, &document.root).is_ok()).count()
    });
    let meaning = loading.saturating_sub(reading + parsing + schema);
    println!(
        "{} files, {fit} documents fit the schema, {} findings",
        texts.len(),
        loaded.findings.len() + findings.len()
    );
    let whole = loading + checking;
    for (stage, time) in [
        ("reading files", reading),
        ("parsing YAML", parsing),
        ("schema", schema),
        ("meaning", meaning),
        ("rules", checking),
    ] {
        let share = 100.0 * time.as_secs_f64() / whole.as_secs_f64();
        println!("{stage:<20} {:>8.1} ms {share:>5.1} %", time.as_secs_f64() * 1000.0);
    }
}

fn texts(root: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(root) else { return std::fs::read_to_string(root).into_iter().collect() };
    entries.flatten().flat_map(|entry| texts(&entry.path())).collect()
}
