//! Any bytes as a file of manifests: no panic, and every finding has a place within the file.
#![no_main]

use dialctl::manifest;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let loaded = manifest::load_texts([("a.yaml".to_owned(), bytes.to_vec())]);
    let misused = loaded.allowances.iter().filter_map(|allowance| allowance.granted.as_ref().err());
    for finding in loaded.findings.iter().chain(misused.map(|fault| &**fault)) {
        for place in std::iter::once(&finding.place).chain(finding.related.iter().map(|related| &related.place)) {
            let at = loaded.sources.resolve(place);
            let text = loaded.sources.text(at.file.expect("a place in the file"));
            assert!(text.get(at.range.clone()).is_some(), "{finding:?}");
            assert!(at.start <= at.end, "{finding:?}");
        }
        assert!(!finding.message.contains(char::is_control), "{finding:?}");
    }
});
