//! What the loader makes of texts, good, odd and hostile.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;

fn jsons(text: &str) -> Vec<Json> {
    let stream = read(text);
    assert_eq!(stream.problems, [], "{text}");
    stream.documents.iter().map(|document| document.root.to_json()).collect()
}

#[test]
fn reads_what_people_write() {
    for (text, json) in [
        ("a: 09:00\nb: 2027-03-14", json!({"a": "09:00", "b": "2027-03-14"})),
        ("[NO, on, off, yes, y]", json!(["NO", "on", "off", "yes", "y"])),
        ("\u{feff}a: 1\nb: 2\n", json!({"a": 1, "b": 2})),
        ("a:\t1", json!({"a": 1})),
        ("a: &x {k: v}\nb: *x", json!({"a": {"k": "v"}, "b": {"k": "v"}})),
        ("d: &d {a: 1, b: 2}\nm: {<<: *d, b: 3}", json!({"d": {"a": 1, "b": 2}, "m": {"a": 1, "b": 3}})),
        (
            "x: &x {a: 1}\ny: &y {a: 2, c: 3}\nm:\n  <<: [*x, *y]\n  e: 5",
            json!({"x": {"a": 1}, "y": {"a": 2, "c": 3}, "m": {"a": 1, "c": 3, "e": 5}}),
        ),
        ("'<<': 1", json!({"<<": 1})),
        ("a: !!str 09\nb: !!int '7'\nc: ! 1", json!({"a": "09", "b": 7, "c": "1"})),
        ("1: a\ntrue: b\n~: c", json!({"1": "a", "true": "b", "~": "c"})),
        ("a: |\n  x\n  y\n\nb: >-\n  x\n  y\n", json!({"a": "x\ny\n", "b": "x y"})),
        ("a:\r\n- 1\r\n- 2\r\n", json!({"a": [1, 2]})),
        ("? a\n: b\n", json!({"a": "b"})),
        ("\"a\\tb\": 'it''s'", json!({"a\tb": "it's"})),
        ("a:\nb: ~\n", json!({"a": null, "b": null})),
    ] {
        assert_eq!(jsons(text), [json], "{text}");
    }
    assert_eq!(jsons("a\n---\n# nothing\n---\nb\n...\n---\n~\n"), [json!("a"), json!("b")]);
    assert!(jsons("# only a comment\n").is_empty() && jsons("").is_empty());
}

#[test]
fn every_value_and_key_has_its_bytes() {
    let text = "\u{feff}a: &x \"ä\"  # note\nb: *x\nlist:\n  - one\n  - k: v\n\n# far below\nlast: |\n  t\n\n";
    let root = read(text).documents.remove(0).root;
    for (pointer, expected) in
        [("/a", "\"ä\""), ("/b", "*x"), ("/list", "- one\n  - k: v"), ("/list/1/k", "v"), ("/last", "t")]
    {
        assert_eq!(&text[root.value_span(pointer)], expected, "{pointer}");
    }
    assert_eq!(&text[root.key_span("/list")], "list");
    assert!(text[root.span.clone()].starts_with("a:") && text[root.span].ends_with("\n  t"));
}

#[test]
fn problems_say_what_and_where() {
    for (text, at, message) in [
        ("a: [1, 2", "[", "`[` is never closed"),
        ("a:\n\t- 1", "\t- 1", "a tab cannot indent YAML"),
        ("a: 1\n\t\n\tb: 2", "\tb: 2", "a tab cannot indent YAML"),
        ("a:\n  - 1\n\t- 2", "\t- 2", "a tab cannot indent YAML"),
        ("a: |\n\tb", "\tb", "a tab cannot indent YAML"),
        ("a: {b: 1}\n\tc: 2", "\tc: 2", "a tab cannot indent YAML"),
        ("a: 'x", "'", "a quoted text is never closed"),
        ("a: *x", "*", "the alias has no anchor before it in this document"),
        ("a: !thing 1", "1", "unknown tag `!thing`"),
        ("a: !!int x", "x", "`x` does not fit its tag `!!int`"),
        ("a: !!map []", "[", "the tag `!!map` does not belong on a list"),
        ("a: 1\nb: 2\na: 3", "a", "the key `a` stands twice in this mapping"),
        ("? [a]\n: b", "[a]", "a list or a mapping cannot be a key"),
        ("a: &x [*x]", "*x", "an anchored value cannot contain an alias to itself"),
        ("<<: 1", "1", "`<<` takes a mapping or a list of mappings"),
        ("a: b: c", ":", "a `:` stands where no value can begin"),
    ] {
        let problems = read(text).problems;
        let [problem] = problems.as_slice() else { panic!("{text}: {problems:?}") };
        assert_eq!(problem.message, message, "{text}");
        assert!(problem.help.is_some(), "{text}");
        let from = &text[problem.span.start..];
        assert!(!problem.span.is_empty() && from.starts_with(at), "{text}: {from:?}");
    }
}

#[test]
fn all_duplicates_are_told_and_the_first_value_stays() {
    let many: String = (0..20).fold("k0: first\n".to_owned(), |mut text, n| {
        let _ = writeln!(text, "k{n}: {n}");
        text
    });
    let stream = read(&format!("{many}k15: again\nm: {{x: 1, x: 2}}\n"));
    let told: Vec<_> = stream.problems.iter().map(|problem| &problem.message[..13]).collect();
    assert_eq!(told, ["the key `k0` ", "the key `k15`", "the key `x` s"]);
    assert_eq!(stream.problems[0].fault, Fault::DuplicateKey { first: 0..2 });
    let [document] = stream.documents.as_slice() else { panic!() };
    assert!(!document.sound);
    assert_eq!(document.root.at("/k0").and_then(Node::as_str), Some("first"));
}

#[test]
fn a_broken_document_does_not_hide_the_others() {
    let stream = read("a: 1\n---\nb: [\n---\nc: 3\n---\nd: \"x\n---\ne: 5\ne: 6\n");
    let good: Vec<_> = stream.documents.iter().map(|document| (document.root.to_json(), document.sound)).collect();
    assert_eq!(good, [(json!({"a": 1}), true), (json!({"c": 3}), true), (json!({"e": 5}), false)]);
    assert_eq!(stream.problems.len(), 3);
}

#[test]
fn hostile_texts_end_soon_in_a_problem() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..30 {
        let aliases = vec![format!("*a{}", n - 1); 9].join(", ");
        let _ = writeln!(bomb, "a{n}: &a{n} [{aliases}]");
    }
    let chain = (1..5000).fold("c0: &c0 [x]\n".to_owned(), |mut text, n| {
        let _ = writeln!(text, "c{n}: &c{n} [*c{}]", n - 1);
        text
    });
    let big_anchor = format!("a: &a {}\nb: [{}]", "x".repeat(1000), vec!["*a"; 100_000].join(","));
    let merges = format!("a: &a {{{}}}\n", (0..5000).map(|n| format!("k{n}: v")).collect::<Vec<_>>().join(","))
        + &(0..5000).map(|n| format!("m{n}: {{<<: *a}}\n")).collect::<String>();
    for (name, text) in [
        ("flow", "[".repeat(10_000)),
        ("flow mappings", "{a: ".repeat(10_000)),
        ("block", "- ".repeat(10_000)),
        ("block mappings", (0..10_000).map(|n| format!("{}a:\n", " ".repeat(n.min(300)))).collect()),
        ("mixed", "- [".repeat(40).replace("[-", "[ -") + &"[".repeat(100)),
        ("keys", "? ".repeat(10_000)),
        ("bomb", bomb),
        ("chain of aliases", chain),
        ("big anchor", big_anchor),
        ("merges", merges),
        ("duplicates", "a: 1\n".repeat(20_000)),
    ] {
        let stream = read(&text);
        assert!(!stream.problems.is_empty() && stream.problems.len() <= 100, "{name}");
    }
}

#[test]
fn many_keys_are_all_read() {
    let text = (0..200_000).fold(String::new(), |mut text, n| {
        let _ = writeln!(text, "k{n}: v");
        text
    });
    // In quadratic time this would take minutes.
    let stream = read(&text);
    assert!(stream.problems.is_empty());
    assert!(matches!(&stream.documents[0].root.value, Value::Mapping(entries) if entries.len() == 200_000));
}

fn plain_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        (-1e6..1e6_f64).prop_map(Json::from),
        "[ -~äé漢🙂\n\t]{0,12}".prop_map(Json::from),
        "[0-9:.eExo_+-]{1,6}".prop_map(Json::from),
        prop::sample::select(vec!["yes", "no", "on", "~", "null", "<<", "=", "0755", "09:00", "- a", "a: b", "#"])
            .prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Json::from),
            prop::collection::btree_map("[a-z0-9 ä:-]{1,6}", inner, 0..5)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn agrees_with_the_official_fork_on_what_it_writes(wanted in plain_json()) {
        let text = yaml_serde::to_string(&wanted).unwrap();
        let judged: Json = yaml_serde::from_str(&text).unwrap();
        let stream = read(&text);
        prop_assert_eq!(&stream.problems, &[]);
        let got = stream.documents.first().map_or(Json::Null, |document| document.root.to_json());
        prop_assert_eq!(got, judged, "{}", text);
    }

    #[test]
    fn reading_never_panics_and_spans_are_within_the_text(text in "[-\\[\\]{}:,&*!|>'\"#%@a-c0 \n\tä]{0,60}") {
        let stream = read(&text);
        for problem in stream.problems {
            prop_assert!(text.get(problem.span.clone()).is_some(), "{problem:?}");
        }
        for document in stream.documents {
            prop_assert!(text.get(document.root.span.clone()).is_some());
            document.root.to_json();
        }
    }

    #[test]
    fn comments_change_nothing_that_is_read(text in "([-\\[\\]{}:,&*!|>'\"#a-c \n]|\n?[a-c]: |\n *- | # c|---\n){0,40}") {
        let (plain, commented) = (read(&text), read_with_comments(&text));
        prop_assert!(plain.comments.is_empty());
        prop_assert_eq!(plain.problems, commented.problems);
        let roots = |documents: Vec<Document>| -> Vec<(Node, bool)> {
            documents.into_iter().map(|document| (document.root, document.sound)).collect()
        };
        prop_assert_eq!(roots(plain.documents), roots(commented.documents));
        for comment in commented.comments {
            let comment = text.get(comment).unwrap_or_default();
            prop_assert!(comment.starts_with('#') && !comment.contains('\n'), "{comment:?}");
        }
    }
}
