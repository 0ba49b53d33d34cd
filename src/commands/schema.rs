//! `dialctl schema`

use std::path::{Path, PathBuf};

use super::error::CommandError;
use super::terminal::Terminal;
use crate::apply::stream::apply_schema;
use crate::config::config_schema;
use crate::exit::Exit;
use crate::ledger::ledger_schema;
use crate::manifest::{manifest_schema, pretty};
use crate::plan::json::plan_schema;
use crate::report::json::report_schema;

/// Write the JSON Schemas of manifests, of `dialctl.yaml`, of the JSON that validate, plan and apply print, and of the
/// lines of the audit ledger.
///
/// They are generated from the types that the program reads and writes with. Point an editor at the manifest
/// schema with the comment `# yaml-language-server: $schema=../schemas/dialctl.schema.json`.
#[derive(Debug, clap::Args)]
pub struct SchemaArgs {
    /// Directory of the schema files
    #[arg(long, value_name = "DIR", default_value = "schemas")]
    dir: PathBuf,
    /// Write nothing; exit 3 when a file is missing or out of date
    #[arg(long)]
    check: bool,
}

pub fn run(args: &SchemaArgs, terminal: &mut Terminal) -> Result<Exit, CommandError> {
    let files = [
        ("dialctl.schema.json", manifest_schema()),
        ("dialctl-config.schema.json", config_schema()),
        ("dialctl-report.schema.json", report_schema()),
        ("dialctl-plan.schema.json", plan_schema()),
        ("dialctl-apply.schema.json", apply_schema()),
        ("dialctl-ledger.schema.json", ledger_schema()),
    ];
    let mut stale = 0;
    for (name, schema) in files {
        let path = args.dir.join(name);
        let current = pretty(&schema);
        let is_current = std::fs::read(&path).is_ok_and(|found| found == current.as_bytes());
        let word = match (is_current, args.check) {
            (true, _) => "current",
            (false, true) => "out of date",
            (false, false) => "written",
        };
        if !is_current && !args.check {
            write(&args.dir, &path, &current)?;
        }
        stale += usize::from(!is_current && args.check);
        writeln!(terminal.out(), "{} {word}", path.display()).map_err(CommandError::Output)?;
    }
    if stale == 0 {
        return Ok(Exit::Done);
    }
    terminal.note("run `dialctl schema` to bring the files up to date");
    Ok(Exit::Invalid)
}

fn write(dir: &Path, path: &Path, text: &str) -> Result<(), CommandError> {
    let failed = |source| CommandError::File { doing: format!("write {}", path.display()), source };
    std::fs::create_dir_all(dir).map_err(failed)?;
    std::fs::write(path, text).map_err(failed)
}
