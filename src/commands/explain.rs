//! `dialctl explain`

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde::Serialize;

use super::error::CommandError;
use super::terminal::Terminal;
use crate::exit::Exit;
use crate::rules::{Code, explain};

/// Explain what `validate` finds: the page of a code, or a list of all codes.
///
/// A page says what the code means, why it matters and what to do, with a wrong and a right example.
#[derive(Debug, clap::Args)]
pub struct ExplainArgs {
    /// The code, such as `slots-overlap`; the list of all when absent
    #[arg(hide_possible_values = true, ignore_case = true, value_parser = code_parser())]
    code: Option<Code>,
    /// List all codes, a line each
    #[arg(long, conflicts_with = "code")]
    list: bool,
    /// Format of the page or the list
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Human,
    /// For programs: a list of codes with their pages
    Json,
}

/// One code as programs read it.
#[derive(Serialize)]
struct Entry {
    code: &'static str,
    severity: &'static str,
    configurable: bool,
    summary: &'static str,
    page: &'static str,
}

const BOLD: Style = Style::new().bold();
const EXAMPLE: Style = AnsiColor::Cyan.on_default();
const FENCE: &str = "```";

pub fn run(args: &ExplainArgs, terminal: &mut Terminal) -> Result<Exit, CommandError> {
    let codes = args.code.as_ref().map_or(Code::ALL.as_slice(), std::slice::from_ref);
    let written = match (args.format, args.code) {
        (Format::Json, _) => terminal.show(|out| json(codes, out)),
        (Format::Human, Some(code)) => terminal.show(|out| page(explain::page(code), out)),
        (Format::Human, None) => terminal.show(|out| list(codes, out)),
    };
    written.map_err(CommandError::Output)?;
    Ok(Exit::Done)
}

fn code_parser() -> impl TypedValueParser<Value = Code> {
    PossibleValuesParser::new(Code::ALL.map(Code::as_str))
        .try_map(|name| Code::named(&name.to_lowercase()).ok_or("there is no such code"))
}

fn json(codes: &[Code], out: &mut dyn Write) -> io::Result<()> {
    let entries: Vec<Entry> = codes
        .iter()
        .map(|&code| Entry {
            code: code.as_str(),
            severity: code.severity().as_str(),
            configurable: code.is_judgement(),
            summary: explain::summary(code),
            page: explain::page(code),
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &entries)?;
    writeln!(out)
}

fn list(codes: &[Code], out: &mut dyn Write) -> io::Result<()> {
    let width = codes.iter().map(|code| code.as_str().len()).max().unwrap_or_default();
    for &code in codes {
        let mark = if code.is_judgement() { "*" } else { "" };
        let severity = format!("{}{mark}", code.severity().as_str());
        writeln!(out, "{BOLD}{:<width$}{BOLD:#}  {severity:<8}  {}", code.as_str(), explain::summary(code))?;
    }
    writeln!(out)?;
    writeln!(out, "* may be set in dialctl.yaml under `rules:` and, but for `{}`,", Code::UnusedAllowance)?;
    writeln!(out, "  allowed by a comment beside the value: # dialctl: allow CODE -- reason")
}

/// A page with its headings and examples set off; without colours it is the Markdown itself.
fn page(page: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut in_example = false;
    for line in page.lines() {
        let is_fence = line.starts_with(FENCE);
        in_example ^= is_fence;
        match (is_fence, in_example) {
            (false, true) => writeln!(out, "{EXAMPLE}{line}{EXAMPLE:#}")?,
            (false, false) if line.starts_with('#') => writeln!(out, "{BOLD}{line}{BOLD:#}")?,
            _ => writeln!(out, "{line}")?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_and_examples_are_set_off_and_nothing_else_is_changed() {
        let text = "# a\n\nWhy.\n\n```yaml\n# b\nc: 1\n```\n\n## d\n";
        let mut out = Vec::new();
        page(text, &mut out).unwrap();
        assert_eq!(anstream::adapter::strip_bytes(&out).into_vec(), text.as_bytes());
        let styled = String::from_utf8(out).unwrap();
        for line in [
            format!("{BOLD}# a{BOLD:#}\n"),
            format!("\nWhy.\n\n{FENCE}yaml\n"),
            format!("{EXAMPLE}# b{EXAMPLE:#}\n"),
            format!("{BOLD}## d{BOLD:#}\n"),
        ] {
            assert!(styled.contains(&line), "{line:?} is not in {styled:?}");
        }
    }
}
