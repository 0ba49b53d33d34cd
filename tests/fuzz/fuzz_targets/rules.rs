//! Any text as a file of manifests, judged by all rules under both APIs: no panic, and every format is written.
#![no_main]

use chrono::DateTime;
use dialctl::rules::{ApiShape, Context, LiveSide};
use dialctl::{manifest, report, rules};
use libfuzzer_sys::fuzz_target;

/// 2027-01-01T00:00:00Z
const AS_OF: i64 = 1_798_761_600;

fuzz_target!(|text: &str| {
    let mut loaded = manifest::load_texts([("a.yaml".to_owned(), text.as_bytes().to_vec())]);
    let root = report::Root::new("", "");
    let as_of = DateTime::from_timestamp(AS_OF, 0).expect("an instant");
    loaded.repository = std::mem::take(&mut loaded.repository).with_blackouts(as_of);
    for api in [ApiShape::OutboundSchedules, ApiShape::CampaignSchedules] {
        let found = rules::check(&Context { repository: &loaded.repository, api, as_of, live: LiveSide::unasked() });
        let mut findings = loaded.findings.clone();
        findings.extend(rules::allow(found, &loaded.allowances, |place| loaded.sources.line(place)));
        report::human::render(&findings, &loaded.sources, false);
        report::json::report(&findings, &loaded.sources, report::Totals::default()).to_text();
        report::github::render(&findings, &loaded.sources, &root, "log");
        report::sarif::render(&findings, &loaded.sources, &root);
        report::junit::render(&findings, &loaded.sources);
        report::gitlab::render(&findings, &loaded.sources, &root);
    }
});
