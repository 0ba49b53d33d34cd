//! From paths to manifests that were checked, and what was found told: what all commands that read manifests
//! have in common.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::checkout::Checkout;
use super::error::CommandError;
use super::terminal::Terminal;
use crate::config::{ApiName, Settings};
use crate::exit::Exit;
use crate::manifest::{self, Loaded};
use crate::report::{self, Tally, Totals};
use crate::rules::{self, ApiShape, Code, Finding, LiveSide, Severity};

/// Manifests after all checks that need no network.
pub struct Checked {
    /// The manifests.
    pub loaded: Loaded,
    /// Everything found, in the order of places.
    pub findings: Vec<Finding>,
    /// Where they stand in git.
    pub checkout: Checkout,
}

impl Checked {
    /// What was looked at.
    pub fn totals(&self) -> Totals {
        let Loaded { repository, sources, .. } = &self.loaded;
        Totals { schedules: repository.schedules.len(), files: sources.file_count() }
    }

    /// The findings and a line over all of them, for people.
    pub fn told(&self, color: bool) -> String {
        let findings = report::human::render(&self.findings, &self.loaded.sources, color);
        format!("{findings}{}\n", report::human::summary(self.totals(), Tally::of(&self.findings)))
    }

    /// Tells what else was found with the platform in view. Errors end the command.
    pub fn tell_more(
        &self,
        found: Vec<Finding>,
        settings: &Settings,
        terminal: &mut Terminal,
    ) -> Result<(), CommandError> {
        let is_told = |found: &Finding| {
            self.findings.iter().any(|told| told.place == found.place && told.message == found.message)
        };
        let mut found = judged(&self.loaded, found, settings);
        // Which allowances are unused was told when all rules had run.
        found.retain(|finding| finding.code != Code::UnusedAllowance && !is_told(finding));
        if found.is_empty() {
            return Ok(());
        }
        let text = report::human::render(&found, &self.loaded.sources, terminal.has_color_on_stderr());
        terminal.tell(&text);
        if Tally::of(&found).errors > 0 { Err(CommandError::OverLiveCapacity) } else { Ok(()) }
    }

    /// The exit code of a validation.
    pub fn exit(&self) -> Exit {
        if self.findings.iter().any(|finding| finding.code == Code::Unreadable) {
            Exit::Failed
        } else if self.findings.iter().any(|finding| finding.severity == Severity::Error) {
            Exit::Invalid
        } else {
            Exit::Done
        }
    }
}

/// Loads and checks manifests, with the days of blackout calendars taken out of the schedules.
pub fn check(paths: &[PathBuf], settings: &Settings, as_of: DateTime<Utc>) -> Checked {
    let mut loaded = manifest::load(paths);
    let mut findings = std::mem::take(&mut loaded.findings);
    let api = match settings.api {
        ApiName::OutboundSchedules => ApiShape::OutboundSchedules,
        ApiName::CampaignSchedules => ApiShape::CampaignSchedules,
    };
    loaded.repository = std::mem::take(&mut loaded.repository).with_blackouts(as_of);
    findings.extend(rules::check(&rules::Context {
        repository: &loaded.repository,
        api,
        as_of,
        live: LiveSide::unasked(),
    }));
    Checked { findings: judged(&loaded, findings, settings), loaded, checkout: Checkout::of(paths) }
}

/// Findings as the repository wants them judged: without those that comments allow, and as bad as it says.
fn judged(loaded: &Loaded, findings: Vec<Finding>, settings: &Settings) -> Vec<Finding> {
    let left = rules::allow(findings, &loaded.allowances, |place| loaded.sources.line(place));
    settings.severities.judge(left)
}

/// Loads and checks manifests, and tells what is wrong on stderr. Errors end the command.
pub fn check_or_tell(
    paths: &[PathBuf],
    settings: &Settings,
    as_of: DateTime<Utc>,
    terminal: &mut Terminal,
) -> Result<Checked, CommandError> {
    let checked = check(paths, settings, as_of);
    if !checked.findings.is_empty() {
        let told = checked.told(terminal.has_color_on_stderr());
        terminal.tell(&told);
    }
    match checked.exit() {
        Exit::Done => Ok(checked),
        Exit::Failed => Err(CommandError::UnreadableManifests),
        _ => Err(CommandError::InvalidManifests),
    }
}
