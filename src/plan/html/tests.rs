use std::collections::BTreeSet;

use super::*;
use crate::plan::markdown::tests::{HOSTILE, hostile, mixed, objections};
use crate::plan::tests::{inputs, live, wanted};
use crate::plan::{Policy, compare};
use crate::schedule::LiveSchedule;

/// Elements that have no end.
const VOID: [&str; 3] = ["meta", "input", "!DOCTYPE"];

fn html(plan: &Plan) -> String {
    let mut page = Vec::new();
    write(plan, &objections(plan), &[], &mut page).unwrap();
    String::from_utf8(page).unwrap()
}

/// What stands between the frame's head and its script.
fn body(page: &str) -> &str {
    let body = page.split_once("<body>\n").unwrap().1;
    body.split_once("<script>").unwrap().0
}

/// The names of all elements, and all values of attributes; fails where one does not end where it should.
#[track_caller]
fn elements(html: &str) -> (Vec<&str>, Vec<&str>) {
    let (mut open, mut names, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for tag in html.split('<').skip(1) {
        let (tag, text) = tag.split_once('>').unwrap_or_else(|| panic!("a tag without an end: {tag}"));
        assert!(!text.contains('>'), "{text}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{html}");
            continue;
        }
        let name = tag.split([' ', '/']).next().unwrap();
        names.push(name);
        values.extend(tag.split('"').skip(1).step_by(2));
        if !tag.ends_with('/') && !VOID.contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
    (names, values)
}

#[test]
fn a_small_mixed_plan() {
    let page = html(&mixed());
    let digest = crate::plan::json::digest(&mixed());
    insta::assert_snapshot!(body(&page).replace(&digest, "[DIGEST]"));
}

#[test]
fn nothing_to_change() {
    let plan = compare(inputs(vec![], vec![live(Some("dialctl/a"), "1", "09:00")], Policy::default()));
    let page = html(&plan);
    assert!(page.contains("<h1>Nothing to change.</h1>"), "{page}");
    assert!(page.contains("<h2>1 schedule no longer in the repository</h2>"), "{page}");
    assert!(!body(&page).contains("id=\"actions\""), "{page}");
    elements(body(&page));
}

#[test]
fn hostile_names_do_nothing() {
    let plan = hostile(2);
    let unreadable = LiveSchedule { timetable: Err(HOSTILE.into()), ..live(Some("dialctl/a"), "1", "09:00") };
    let mut refused = live(Some(HOSTILE), "2", "09:00");
    refused.target.name = Some(HOSTILE.to_owned());
    let both = vec![wanted("a", "1", "09:00"), wanted("b", "2", "09:00")];
    let mut inputs = inputs(both, vec![unreadable, refused], Policy::default());
    (inputs.header.org, inputs.header.git_commit) = (HOSTILE.to_owned(), Some(HOSTILE.to_owned()));
    let honest = html(&mixed());
    let honest = elements(body(&honest)).0;
    for plan in [plan, compare(inputs)] {
        let page = html(&plan);
        let (names, values) = elements(body(&page));
        let odd: BTreeSet<&str> = names.into_iter().filter(|name| !honest.contains(name)).collect();
        assert!(odd.is_empty() && !page.contains('\u{1b}'), "{odd:?}");
        assert!(values.iter().all(|value| !value.contains("octo")), "{values:?}");
        assert!(page.contains("&lt;/script&gt;"), "{page}");
    }
}

#[test]
fn few_actions_are_open_and_many_are_not_printed_whole() {
    for (count, open, class) in [(3, 3, "short"), (4, 0, "short"), (101, 0, "long")] {
        let wanted = (0..count).map(|n| wanted(&format!("a{n}"), &n.to_string(), "09:00")).collect();
        let page = html(&compare(inputs(wanted, vec![], Policy::default())));
        assert_eq!(page.matches("<details class=\"create\" open>").count(), open, "{count}");
        assert!(page.contains(&format!("<section id=\"actions\" class=\"{class}\">")), "{count}");
    }
}

#[test]
fn the_page_obeys_its_own_style_and_script_only() {
    let page = html(&mixed());
    let between = |start: &str, end: &str| page.split_once(start).unwrap().1.split_once(end).unwrap().0;
    let policy = between("http-equiv=\"Content-Security-Policy\" content=\"", "\"");
    let rules: Vec<&str> = policy.split("; ").map(|rule| rule.split_once(' ').unwrap().0).collect();
    assert_eq!(rules, ["default-src", "style-src", "script-src", "base-uri", "form-action"]);
    assert_eq!((policy.matches("'none'").count(), policy.matches("'sha256-").count()), (3, 2), "{policy}");
    for code in [between("<style>", "</style>"), between("<script>", "</script>")] {
        for loads in ["url(", "@import", "http:", "https:", "fetch(", "<!--"] {
            assert!(!code.contains(loads), "{loads}");
        }
    }
    let attributes = body(&page).split(' ').filter(|word| word.starts_with("on") || word.starts_with("style="));
    assert_eq!(attributes.filter(|word| word.contains('=')).count(), 0);
}
