//! Manifests from text to findings and to the repository.

use super::*;

/// A schedule manifest with this spec, indented as in a file.
fn manifest(spec: &str) -> String {
    let spec = spec.lines().map(|line| format!("  {line}\n")).collect::<String>();
    format!(
        "apiVersion: dialctl/v1\nkind: CampaignSchedule\nmetadata:\n  name: spring\nspec:\n  campaign: {{id: c-1}}\n{spec}"
    )
}

fn of_text(text: &str) -> Loaded {
    load_texts([("a.yaml".to_owned(), text.as_bytes().to_vec())])
}

/// The findings as `code line:column text message`, the text being what is underlined.
fn told(text: &str) -> Vec<String> {
    let loaded = of_text(text);
    let line = |finding: &Finding| {
        let at = loaded.sources.resolve(&finding.place);
        let under = at.file.and_then(|file| loaded.sources.text(file).get(at.range.clone())).unwrap_or_default();
        format!("{} {}:{} [{under}] {}", finding.code, at.start.line, at.start.column, finding.message)
    };
    loaded.findings.iter().map(line).collect()
}

#[test]
fn each_fault_is_one_finding_in_its_place() {
    let full = "startDate: 2027-03-01\ndailySlots:\n";
    let slot = |slot: &str| manifest(&format!("{full}- {slot}"));
    for (text, expected) in [
        ("- a", "schema 1:1 [- a] expected a manifest, found a list"),
        ("a: 1", "unknown-kind 1:1 [a] the field `kind` is missing"),
        ("kind: CampainSchedule", "unknown-kind 1:7 [CampainSchedule] there is no kind `CampainSchedule`"),
        ("kind: 1", "unknown-kind 1:7 [1] expected a kind of manifest, found the number 1"),
        (
            &manifest("").replace("dialctl/v1", "dialctl/v2"),
            "schema 1:13 [dialctl/v2] expected `dialctl/v1`, found `dialctl/v2`",
        ),
        (
            &manifest("").replace("name: spring", "name: 7"),
            "schema 4:9 [7] expected a name of 1 to 50 characters: a-z, 0-9 and `-`, found the number 7",
        ),
        (
            &manifest("").replace("name: spring", "name: Spring"),
            "schema 4:9 [Spring] expected a name of 1 to 50 characters: a-z, 0-9 and `-`, found `Spring`",
        ),
        (&manifest("").replace("campaign:", "campain:"), "unknown-field 6:3 [campain] unknown field `campain`"),
        (
            &manifest("").replace("  campaign: {id: c-1}\n", "  timezone: UTC\n"),
            "schema 5:1 [spec] the field `campaign` is missing",
        ),
        (&manifest("").replace("{id: c-1}", "{}"), "schema 6:3 [campaign] exactly one of `id` or `name` must be given"),
        (
            &manifest("").replace("{id: c-1}", "{id: a, name: b}"),
            "schema 6:3 [campaign] exactly one of `id` or `name` must be given",
        ),
        (&manifest("").replace("{id: c-1}", "{id: a, nam: b}"), "unknown-field 6:21 [nam] unknown field `nam`"),
        (
            &manifest("").replace("{id: c-1}", "{id: 12}"),
            "schema 6:18 [12] expected an id of letters, digits, `-` and `_`, found the number 12",
        ),
        (&manifest("").replace("{id: c-1}", "{id: ''}"), "schema 6:18 [''] expected a text that is not empty"),
        (&manifest("").replace("{id: c-1}", "spring"), "schema 6:13 [spring] expected a mapping, found `spring`"),
        (&manifest("color: red"), "unknown-field 7:3 [color] unknown field `color`"),
        (&manifest("timezone:"), "schema 7:3 [timezone] expected a text, found nothing"),
        (&manifest("timezone: 9"), "schema 7:13 [9] expected a text, found the number 9"),
        (
            &manifest("timezone: Amerika/New_York"),
            "unknown-timezone 7:13 [Amerika/New_York] there is no time zone `Amerika/New_York`",
        ),
        (
            &manifest("maxConcurrentCalls: 0"),
            "schema 7:23 [0] expected a whole number from 1 to 100000, found the number 0",
        ),
        (&manifest("maxConcurrentCalls: '5'"), "schema 7:23 ['5'] expected a whole number from 1 to 100000, found `5`"),
        (
            &manifest("maxConcurrentCalls: 2.5"),
            "schema 7:23 [2.5] expected a whole number from 1 to 100000, found the number 2.5",
        ),
        (
            &manifest("endDate: 2027-02-29"),
            "schema 7:12 [2027-02-29] expected a date such as 2027-03-01, or an instant such as 2027-03-01T09:00:00-05:00, \
             found `2027-02-29`",
        ),
        (
            &manifest("dailySlots:\n- {startTime: 09:00, endTime: 10:00}"),
            "schema 7:3 [dailySlots] `dailySlots` needs `startDate` beside it",
        ),
        (
            &manifest("startDate: 2027-03-01\ndailySlots: {}"),
            "schema 8:3 [dailySlots] expected a list, found a mapping",
        ),
        (&slot("startTime: 09:00"), "schema 9:5 [startTime] the field `endTime` is missing"),
        (
            &slot("{startTime: 24:00, endTime: 10:00}"),
            "schema 9:17 [24:00] expected a time of day from 00:00 to 23:59:59, written HH:MM or HH:MM:SS, found `24:00`",
        ),
        (
            &slot("{startTime: 9:00, endTime: 10:00}"),
            "schema 9:17 [9:00] expected a time of day from 00:00 to 23:59:59, written HH:MM or HH:MM:SS, found `9:00`",
        ),
        (
            &slot("{startTime: 09:00, endTime: 10:00, days: [Monday, Tuseday]}"),
            "schema 9:55 [Tuseday] expected `Monday`, `Tuesday`, `Wednesday`, `Thursday`, `Friday`, `Saturday` or `Sunday`, \
             found `Tuseday`",
        ),
        (&slot("{startTime: 09:00, endTime: 10:00, days: []}"), "schema 9:46 [[]] the list needs at least 1 item"),
        (
            &slot("{startTime: 09:00, endTime: 10:00, days: [Monday, Friday, Monday]}"),
            "schema 9:63 [Monday] `Monday` stands twice in the list",
        ),
        (
            &slot("{startTime: 09:00, endTime: 10:00, occurrences: 3, endDate: 2027-04-01}"),
            "schema 9:56 [endDate] `endDate` cannot stand beside `occurrences`",
        ),
        (&slot("{startTime: 09:00, endTime: '09:00'}"), "empty-window 9:33 ['09:00'] the slot ends when it starts"),
        (
            &slot("{startTime: 09:00, endTime: 10:00, timezone: Nowhere/Atall}"),
            "unknown-timezone 9:50 [Nowhere/Atall] there is no time zone `Nowhere/Atall`",
        ),
        (
            &slot("{startTime: 09:00, endTime: 10:00, endDate: 2027-02-28}"),
            "dates-reversed 9:49 [2027-02-28] the end lies before the start",
        ),
        (
            &manifest("startDate: 2027-03-01\nendDate: 2027-02-28"),
            "dates-reversed 8:12 [2027-02-28] the end lies before the start",
        ),
        (
            &manifest("intervals:\n- {start: 2027-03-01T10:00, end: 2027-03-01T09:00}"),
            "dates-reversed 8:36 [2027-03-01T09:00] the span ends before it starts",
        ),
        (
            &manifest("intervals:\n- {start: 2027-03-01T10:00, end: 2027-03-01T10:00:00}"),
            "empty-window 8:36 [2027-03-01T10:00:00] the span ends when it starts",
        ),
        (
            &manifest("exclusions:\n- {start: 2027-03-01T10:00, end: 2027-03-01T11:00}"),
            "not-representable 7:3 [exclusions] `exclusions` change the slots of a schedule, and this one has none",
        ),
        (
            &manifest("timezone: UTC\ntimezone: UTC"),
            "duplicate-key 8:3 [timezone] the key `timezone` stands twice in this mapping",
        ),
        ("ä: [1, 2\n", "yaml-syntax 1:4 [[] `[` is never closed"),
        ("a: \u{7}", "yaml-syntax 1:4 [\u{7}] YAML does not allow the control character U+0007"),
        ("a: \0", "yaml-syntax 1:4 [\0] YAML does not allow the control character U+0000"),
    ] {
        assert_eq!(told(text), [expected], "{text}");
        let loaded = of_text(text);
        assert!(loaded.repository.schedules.is_empty(), "{text}");
    }
}

#[test]
fn help_tells_the_way_out() {
    for (text, label, help) in [
        (
            "kind: CampainSchedule".to_owned(),
            Some("did you mean `CampaignSchedule`?"),
            "the kinds are `CampaignSchedule`,",
        ),
        (manifest("starDate: 2027-03-01"), Some("did you mean `startDate`?"), "the fields here are `campaign`, "),
        (
            manifest("").replace("CampaignSchedule", "SequenceSchedule"),
            Some("did you mean `sequence`?"),
            "the fields here are ",
        ),
        (manifest("").replace("name: spring", "name: 7"), None, "put it in quotes: \"7\""),
        (manifest("maxConcurrentCalls: '5'"), None, "remove the quotes"),
        (manifest("startDate: 2027-03-01\ndailySlots: {startTime: 09:00, endTime: 10:00}"), None, "write a list: "),
        (manifest("timezone:"), None, "give it a value, or remove the field"),
        (manifest("timezone: Amerika/New_York"), None, "did you mean `America/New_York`"),
        (manifest("").replace("  campaign: {id: c-1}\n", "  timezone: UTC\n"), None, "add `campaign`: The campaign"),
    ] {
        let findings = of_text(&text).findings;
        let [finding] = findings.as_slice() else { panic!("{text}: {findings:?}") };
        assert_eq!(finding.label.as_deref(), label, "{text}");
        assert!(finding.help.as_deref().is_some_and(|given| given.starts_with(help)), "{text}: {:?}", finding.help);
    }
}

#[test]
fn all_faults_of_all_documents_are_told_in_the_order_of_the_text() {
    let text = [
        manifest("timezone: 9\nmaxConcurrentCalls: 0\ncolour: 1"),
        manifest(""),
        "broken: [\n".to_owned(),
        manifest("intervals: 3"),
    ]
    .join("---\n");
    let loaded = of_text(&text);
    let codes: Vec<_> = loaded.findings.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!(codes, ["schema", "schema", "unknown-field", "yaml-syntax", "schema"]);
    assert_eq!(loaded.repository.schedules.len(), 1);
    let document = loaded.repository.schedules[0].document;
    assert_eq!(loaded.sources.line_of(document), 11);
    let found = loaded.sources.document(document).unwrap();
    assert_eq!((found.kind(), found.name()), (Some("CampaignSchedule"), Some("spring")));
}

#[test]
fn a_thousand_faults_do_not_make_a_thousand_findings() {
    let fields: String = (0..2000).map(|n| format!("x{n}: 1\n")).collect();
    assert_eq!(of_text(&manifest(&fields)).findings.len(), 100);
    let slots = "- {startTime: 9, endTime: 9}\n".repeat(1000);
    assert_eq!(of_text(&manifest(&format!("startDate: 2027-03-01\ndailySlots:\n{slots}"))).findings.len(), 100);
}

#[test]
fn a_hundred_thousand_slots_or_lines_are_soon_judged() {
    let slots = format!("startDate: 2027-03-01\ndailySlots:\n{}", "- {startTime: 9, endTime: 8}\n".repeat(100_000));
    let findings = of_text(&manifest(&slots)).findings;
    assert!(findings.len() <= 100 && findings.iter().any(|one| one.message.contains("found 100000")), "{findings:?}");
    // Each comment has to find its line and its document.
    let lines = "# dialctl: allow ended -- x\n".repeat(50_000);
    let loaded = of_text(&format!("{lines}{}{}", manifest(""), "---\n\n".repeat(50_000)));
    assert_eq!((loaded.findings.len(), loaded.allowances.len()), (0, 50_000));
}

#[test]
fn a_file_of_faults_shows_the_first_thousand() {
    let alias = manifest("").replace("name: spring", "name: Spring");
    let loaded = of_text(&format!("{}---\n{alias}", "---\na\n".repeat(5000)));
    assert_eq!(loaded.findings.len(), MAX_FINDINGS);
    let told = |n: usize| loaded.findings[n].help.as_deref().unwrap_or_default();
    assert_eq!(told(MAX_FINDINGS - 1), "only the first 1000 findings of the file are shown");
    // What is not shown is no less wrong.
    assert!(loaded.repository.schedules.is_empty());

    let misused = of_text(&format!("{}{}", "# dialctl: alow\n".repeat(5000), manifest("")));
    assert_eq!((misused.findings.len(), misused.allowances.len()), (0, MAX_FINDINGS));
}

#[test]
fn findings_repeat_neither_long_texts_nor_bytes_that_a_terminal_would_obey() {
    let long = format!("\"\\e[31m{}\"", "x".repeat(1_000_000));
    let whole = manifest("timezone: UTC\nstartDate: 2027-03-01\ndailySlots:\n- {startTime: 09:00, endTime: 10:00}");
    for (from, to) in [
        ("dialctl/v1", long.clone()),
        ("CampaignSchedule", long.clone()),
        ("spring", long.clone()),
        ("metadata", long.clone()),
        ("id:", format!("{long}:")),
        ("c-1", long.clone()),
        ("UTC", long.clone()),
        ("2027-03-01", long.clone()),
        ("09:00", long.clone()),
        ("10:00}", format!("10:00, days: [{long}]}}")),
        ("10:00}", format!("10:00, {long}: 1}}")),
        ("{startTime", format!("{{{long}: 1, {long}: 2, startTime")),
        ("spring", format!("!!int {long}")),
        ("spring", format!("!{} a", "x".repeat(1000))),
        ("spring", format!("!<tag:yaml.org,2002:{}> a", "x".repeat(1000))),
        ("c-1", format!("*{}", "x".repeat(1000))),
        ("apiVersion", format!("# dialctl: {}\napiVersion", "x".repeat(1000))),
        ("apiVersion", format!("# dialctl: allow {} -- x\napiVersion", "x".repeat(1000))),
    ] {
        let loaded = of_text(&whole.replace(from, &to));
        let misused = loaded.allowances.iter().filter_map(|one| one.granted.as_ref().err().map(|fault| &**fault));
        let findings: Vec<&Finding> = loaded.findings.iter().chain(misused).collect();
        assert!(!findings.is_empty(), "{from}");
        for finding in findings {
            for text in [Some(&finding.message), finding.label.as_ref(), finding.help.as_ref()].into_iter().flatten() {
                assert!(text.len() < 500, "{from}: {} bytes: {}", text.len(), text.get(..100).unwrap_or_default());
                assert!(!text.contains(char::is_control), "{from}: {text:?}");
            }
        }
    }
}

#[test]
fn calendars_are_read_and_their_shape_is_checked() {
    let text = "apiVersion: dialctl/v1\nkind: BlackoutCalendar\nmetadata: {name: holidays}\nspec:\n  \
                selector: {}\n  dates: [{date: 2027-12-25, name: Christmas, yearly: true}]\n  action: exclude\n\
                ---\napiVersion: dialctl/v1\nkind: CallingHours\nmetadata: {name: tcpa}\nspec:\n  \
                selector: {matchLabels: {region: us}}\n  hours: [{days: [Monday], startTime: 08:00, endTime: 21:00}]\n";
    let loaded = of_text(text);
    assert_eq!(loaded.findings, []);
    assert_eq!((loaded.repository.blackout_calendars.len(), loaded.repository.calling_hours.len()), (1, 1));
    for (from, to, expected) in [
        ("action: exclude", "action: drop", "schema 7:11 [drop] expected `exclude` or `deny`, found `drop`"),
        ("date: 2027-12-25, ", "", "schema 6:12 [name] either `date` or `start` must be given"),
        ("date: 2027-12-25", "start: 2027-12-25T00:00", "schema 6:12 [start] `start` needs `end` beside it"),
        ("name: Chr", "end: 2027-12-26T00:00, name: Chr", "schema 6:30 [end] `end` cannot stand beside `date`"),
    ] {
        let told = told(&text.replace(from, to));
        assert!(told.iter().any(|line| line == expected), "{told:?}");
    }
}

#[test]
fn bytes_that_are_no_text_are_shown_where_they_are() {
    for (content, expected, at) in [
        (Content::Bytes(b"a: 1\nb: \xc3\xa4\xff".to_vec()), "not UTF-8", (2, 5)),
        (Content::TooLarge(52_428_800), "52428800 bytes; at most 4194304", (1, 1)),
    ] {
        let loaded = from_files(vec![Found { path: "a.yaml".into(), content }]);
        let [finding] = loaded.findings.as_slice() else { panic!("{:?}", loaded.findings) };
        assert!(finding.message.contains(expected) && finding.help.is_some(), "{}", finding.message);
        let start = loaded.sources.resolve(&finding.place).start;
        assert_eq!((finding.code, (start.line, start.column)), (Code::YamlSyntax, at));
    }
}

#[test]
fn capacities_and_pools_are_declared() {
    let loaded = of_text(
        "apiVersion: dialctl/v1\nkind: CampaignCapacity\nmetadata: {name: spring}\n\
         spec: {campaign: {name: Spring}, maxConcurrentCalls: 30, maxConcurrentAgents: 12.0, pool: us}\n\
         ---\napiVersion: dialctl/v1\nkind: CapacityPool\nmetadata: {name: us}\n\
         spec: {maxConcurrentCalls: 50, maxConcurrentAgents: 20}\n",
    );
    assert_eq!(loaded.findings, []);
    let [capacity] = loaded.repository.campaign_capacities.as_slice() else { panic!() };
    assert_eq!((capacity.item.capacity.calls, capacity.item.capacity.agents), (30, 12));
    assert_eq!((capacity.item.pool.as_deref(), capacity.item.campaign.to_string()), (Some("us"), "\"Spring\"".into()));
    let [pool] = loaded.repository.pools.as_slice() else { panic!() };
    assert_eq!((pool.item.name.as_str(), pool.item.capacity.calls, pool.document), ("us", 50, DocumentId(1)));
}

#[test]
fn nothing_to_read_is_a_finding_only_when_nothing_else_says_why() {
    let root = tempfile::tempdir().unwrap();
    let path = |name: &str| root.path().join(name);
    let codes = |paths: &[PathBuf]| load(paths).findings.iter().map(|finding| finding.code).collect::<Vec<_>>();
    assert_eq!(codes(&[root.path().to_owned()]), [Code::NoManifests]);
    std::fs::write(path("comment.yaml"), "# later\n---\n").unwrap();
    assert_eq!(codes(&[root.path().to_owned()]), [Code::NoManifests]);
    assert_eq!(codes(&[path("absent")]), [Code::Unreadable]);
    std::fs::write(path("good.yaml"), manifest("")).unwrap();
    assert_eq!(codes(&[root.path().to_owned(), path("absent")]), [Code::Unreadable]);
    std::fs::write(path("good.yaml"), "a: [").unwrap();
    assert_eq!(codes(&[root.path().to_owned()]), [Code::YamlSyntax]);
}

#[test]
fn allowances_count_where_the_document_was_understood() {
    let good = manifest("maxConcurrentCalls: 5 # dialctl: allow ended -- x");
    let wrong = manifest("color: red # dialctl: allow ended -- x");
    let unsound = manifest("timezone: UTC\ntimezone: UTC # dialctl: allow ended -- x");
    let broken = "# dialctl: allow ended -- x\na: [\n";
    for (text, lines) in [
        (good.clone(), &[7][..]),
        (format!("# dialctl: allow ended -- x\n{good}"), &[2, 8]),
        (wrong.clone(), &[]),
        (unsound, &[]),
        (broken.to_owned(), &[]),
        (format!("{wrong}---\n{good}"), &[15]),
        (format!("{broken}---\n{good}"), &[10]),
        // Outside of all documents, where nothing hides one.
        ("# dialctl: allow ended -- x\n".to_owned(), &[2]),
        (format!("{good}\n# dialctl: allow ended -- x\n\n"), &[7, 10]),
        (format!("{broken}---\n{good}\n# dialctl: allow ended -- x\n\n"), &[10]),
    ] {
        let loaded = of_text(&text);
        let found: Vec<usize> = loaded.allowances.iter().map(|one| one.granted.as_ref().unwrap().line.number).collect();
        assert_eq!(found, lines, "{text}");
    }
}
