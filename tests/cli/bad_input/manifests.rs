//! Manifests that are not what they should be.

use insta::assert_snapshot;

use super::{Bench, GOOD};

#[test]
fn broken_yaml() {
    assert_snapshot!(Bench::refused("apiVersion: dialctl/v1\nkind: [unclosed\nmetadata:\n  name: a\n"), @r"
    error[yaml-syntax]: `[` is not closed before the next field
     --> schedules/good.yaml:2:7
      |
    2 | kind: [unclosed
      |       ^
      |
      = help: add the closing bracket

    1 file, 0 schedules: 1 error
    [exit status: 3]
    ");
    assert_snapshot!(Bench::refused("apiVersion: dialctl/v1\n\tkind: CampaignSchedule\n"), @r"
    error[yaml-syntax]: a tab cannot indent YAML
     --> schedules/good.yaml:2:1
      |
    2 |     kind: CampaignSchedule
      | ^^^^
      |
      = help: indent with spaces

    1 file, 0 schedules: 1 error
    [exit status: 3]
    ");
    assert_snapshot!(Bench::refused("apiVersion: dialctl/v1\nkind: \"CampaignSchedule\n"), @r#"
    error[yaml-syntax]: a quoted text is never closed
     --> schedules/good.yaml:2:7
      |
    2 | kind: "CampaignSchedule
      |       ^
      |
      = help: add the closing quote

    1 file, 0 schedules: 1 error
    [exit status: 3]
    "#);
}

#[test]
fn wrong_types() {
    let wrong = GOOD.replace("name: spring", "name: [1]").replace("{id: c-1}", "7").replace("\"13:00\"", "late");
    assert_snapshot!(Bench::refused(wrong), @r#"
    error[schema]: expected a name of 1 to 50 characters: a-z, 0-9 and `-`, found a list
     --> schedules/good.yaml:3:12
      |
    3 | metadata: {name: [1]}
      |            ^^^^

    error[schema]: expected a mapping, found the number 7
     --> schedules/good.yaml:5:13
      |
    5 |   campaign: 7
      |             ^

    error[schema]: expected a time of day from 00:00 to 24:00, written HH:MM or HH:MM:SS, found `late`
     --> schedules/good.yaml:8:37
      |
    8 |     - {startTime: "09:00", endTime: late}
      |                                     ^^^^
      |
      = help: for example: 17:00

    1 file, 0 schedules: 3 errors
    [exit status: 3]
    "#);
}

#[test]
fn unknown_field() {
    assert_snapshot!(Bench::refused(GOOD.replace("endTime", "endTme")), @r#"
    error[unknown-field]: unknown field `endTme`
     --> schedules/good.yaml:8:28
      |
    8 |     - {startTime: "09:00", endTme: "13:00"}
      |                            ^^^^^^ did you mean `endTime`?
      |
      = help: the fields here are `days`, `endDate`, `endTime`, `every`, `occurrences`, `startDate`, `startTime` and `timezone`

    1 file, 0 schedules: 1 error
    [exit status: 3]
    "#);
}

#[test]
fn unknown_kind() {
    assert_snapshot!(Bench::refused(GOOD.replace("CampaignSchedule", "CampainSchedule")), @r"
    error[unknown-kind]: there is no kind `CampainSchedule`
     --> schedules/good.yaml:2:7
      |
    2 | kind: CampainSchedule
      |       ^^^^^^^^^^^^^^^ did you mean `CampaignSchedule`?
      |
      = help: the kinds are `CampaignSchedule`, `SequenceSchedule`, `MessagingCampaignSchedule`, `EmailCampaignSchedule`, `WhatsAppCampaignSchedule`, `CampaignCapacity`, `CapacityPool`, `BlackoutCalendar` and `CallingHours`

    1 file, 0 schedules: 1 error
    [exit status: 3]
    ");
}

#[test]
fn duplicate_key() {
    assert_snapshot!(Bench::refused(format!("{GOOD}  campaign: {{id: c-2}}\n")), @r"
    error[duplicate-key]: the key `campaign` stands twice in this mapping
     --> schedules/good.yaml:9:3
      |
    5 |   campaign: {id: c-1}
      |   -------- it stands here first
    ...
    9 |   campaign: {id: c-2}
      |   ^^^^^^^^
      |
      = help: keep one of the two

    1 file, 0 schedules: 1 error
    [exit status: 3]
    ");
}

#[test]
fn not_utf_8() {
    assert_snapshot!(Bench::refused(b"apiVersion: dialctl/v1\nkind: Camp\xe9gne\n"), @r"
    error[yaml-syntax]: the file is not UTF-8: the byte 0xe9 does not belong here
     --> schedules/good.yaml:2:11
      |
    2 | kind: Camp
      |           ^
      |
      = help: save the file as UTF-8

    1 file, 0 schedules: 1 error
    [exit status: 3]
    ");
    // UTF-16, as some editors save it.
    let utf_16: Vec<u8> = "\u{feff}kind: x".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(Bench::refused(utf_16).stdout.contains("not UTF-8: the byte 0xff"));
}

#[test]
fn nul_bytes() {
    assert_snapshot!(Bench::refused("apiVersion: dialctl/v1\nkind: \"Campaign\0\"\n"), @r#"
    error[yaml-syntax]: YAML does not allow the control character U+0000
     --> schedules/good.yaml:2:16
      |
    2 | kind: "Campaign␀"
      |                ^
      |
      = help: remove it; in a text in double quotes it can be written as an escape

    1 file, 0 schedules: 1 error
    [exit status: 3]
    "#);
}

#[test]
fn billion_laughs() {
    let mut bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (name, below) in ('b'..='i').zip('a'..='h') {
        let nine = vec![format!("*{below}"); 9].join(", ");
        bomb.push_str(&format!("{name}: &{name} [{nine}]\n"));
    }
    assert_snapshot!(Bench::refused(bomb), @r"
    error[yaml-syntax]: anchors and aliases make the file too large: at most 100000 values and 4194304 bytes may be copied
     --> schedules/good.yaml:5:7
      |
    5 | e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d]
      |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: write the values out, or use fewer aliases

    1 file, 0 schedules: 1 error
    [exit status: 3]
    ");
}

#[test]
fn many_aliases_of_a_long_text() {
    let long = "x".repeat(1000);
    let ran = Bench::refused(format!("a: &a {long}\nb: [{}]\n", vec!["*a"; 100_000].join(",")));
    assert!(ran.stdout.contains("error[yaml-syntax]: anchors and aliases make the file too large"), "{ran}");
    assert!(ran.stdout.contains("schedules/good.yaml:2:"), "{ran}");
    assert!(ran.stdout.contains("help: write the values out, or use fewer aliases"), "{ran}");
}

#[test]
fn ten_thousand_levels() {
    let deep = 10_000;
    for (text, line) in [
        (format!("a: {}{}\n", "[".repeat(deep), "]".repeat(deep)), 1),
        (format!("a: {}1{}\n", "{a: ".repeat(deep), "}".repeat(deep)), 1),
        (format!("{}a\n", "- ".repeat(deep)), 1),
        (format!("{}\n", "[".repeat(deep)), 1),
        ((0..1500).map(|n| format!("{}a:\n", " ".repeat(n))).collect(), 65),
    ] {
        let ran = Bench::refused(text);
        assert!(ran.stdout.contains("lists and mappings lie more than 64 deep within each other"), "{ran}");
        assert!(ran.stdout.contains(&format!("schedules/good.yaml:{line}:")), "{ran}");
    }
}

#[test]
fn texts_of_a_megabyte() {
    let long = "x".repeat(1_000_000);
    for (from, code) in
        [("spring", "schema"), ("c-1", "schema"), ("campaign:", "yaml-syntax"), ("startTime:", "yaml-syntax")]
    {
        let ran = Bench::refused(GOOD.replacen(from, &from.replace(from.trim_end_matches(':'), &long), 1));
        assert!(ran.stdout.contains(&format!("error[{code}]")), "{ran}");
    }
    let zone = GOOD.replace("  startDate", &format!("  timezone: \"\\e{long}\"\n  startDate"));
    assert!(Bench::refused(zone).stdout.contains("error[unknown-timezone]: there is no time zone `\\u{1b}xxx"));
}
