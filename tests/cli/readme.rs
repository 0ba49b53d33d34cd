//! Every command and every manifest of the README is run here, in the order in which it stands.

use crate::support::Workspace;

struct Block {
    language: String,
    text: String,
}

fn readme() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap()
}

fn blocks(language: &str) -> Vec<String> {
    let mut found: Vec<Block> = Vec::new();
    let mut open = false;
    for line in readme().lines() {
        match line.strip_prefix("```") {
            Some(_) if open => open = false,
            Some(language) => {
                open = true;
                found.push(Block { language: language.to_owned(), text: String::new() });
            }
            None if open => {
                let block = found.last_mut().unwrap();
                block.text.push_str(line);
                block.text.push('\n');
            }
            None => {}
        }
    }
    found.into_iter().filter(|block| block.language == language).map(|block| block.text).collect()
}

#[test]
fn every_command_succeeds() {
    let mut workspace = Workspace::with_examples();
    workspace.write("schemas/.keep", "");
    workspace.run(&["schema"]).exits(0);
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    let mut ran = 0;
    for line in blocks("sh").iter().flat_map(|block| block.lines()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let arguments = match words.as_slice() {
            ["cargo", "run", "--", arguments @ ..] | ["dialctl", arguments @ ..] => arguments,
            // This very run; that the project's own checks call it as it stands here is seen below.
            ["cargo", "test"] => continue,
            other => panic!("the README has a command that nobody runs: {other:?}"),
        };
        ran += 1;
        if arguments.first() == Some(&"sandbox") {
            // The harness chooses a free port in place of the one shown.
            let at = arguments.iter().position(|word| *word == "--listen").unwrap();
            let all = [&arguments[1..at], &arguments[at + 2..]].concat();
            drop(workspace.sandbox(&all));
        } else {
            workspace.run(arguments).exits(0);
        }
    }
    assert!(ran >= 10, "only {ran} commands found");
}

#[test]
fn the_checks_of_the_project_run_both_commands() {
    let checks = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/.ci/run")).unwrap();
    for command in ["cargo run --locked -- apply --sandbox", "cargo test --locked"] {
        assert!(checks.lines().any(|line| line == command), "{command}");
    }
}

#[test]
fn every_manifest_is_valid() {
    let manifests: Vec<String> = blocks("yaml").into_iter().filter(|text| text.starts_with("apiVersion")).collect();
    assert!(!manifests.is_empty());
    for manifest in manifests {
        let workspace = Workspace::new();
        workspace.write("schedules/readme.yaml", manifest);
        let ran = workspace.run(&["validate"]).exits(0);
        assert_eq!(ran.stdout, "1 file, 1 schedule: valid\n");
    }
}

#[test]
fn the_configuration_and_the_faults_are_read() {
    let others: Vec<String> = blocks("yaml").into_iter().filter(|text| !text.starts_with("apiVersion")).collect();
    let [config, faults] = others.as_slice() else { panic!("{others:?}") };
    let mut workspace = Workspace::with_examples();
    workspace.write("dialctl.yaml", config);
    workspace.write("faults.yaml", faults);
    let sandbox = workspace.sandbox(&["--faults", "faults.yaml"]);
    workspace.connect(&sandbox);
    workspace.run(&["plan", "--prune"]).exits(4);
    let plan = workspace.run(&["plan", "--format", "json"]).exits(0).json();
    assert_eq!(plan["owner"], "sales");
}
