//! What the ledger remembers of an owner's schedules: in which families there may still be some.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use serde::Deserialize;
use uuid::Uuid;

use crate::schedule::ScheduleKind;

use super::notation;
use super::record::ActionKind;
use super::writer::FILE_NAME;

/// The part of a line that is of interest here; most lines have only some of it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    record: String,
    run_id: Uuid,
    org: Option<String>,
    owner: Option<String>,
    action: Option<ActionKind>,
    status: Option<String>,
    campaign_id: Option<String>,
    #[serde(default, deserialize_with = "kind")]
    kind: Option<ScheduleKind>,
}

fn kind<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<ScheduleKind>, D::Error> {
    notation::kind::deserialize(deserializer).map(Some)
}

/// The families in which runs of this owner meant to create or update schedules that no later run has deleted,
/// in an organisation. A ledger that is not there remembers nothing.
///
/// Lines are believed as they stand: a wrong one costs no more than a listing. What a failed action meant
/// counts, too, for it may have happened after all.
///
/// # Errors
/// When the file cannot be read.
pub fn written_families(dir: &Path, org: &str, owner: &str) -> io::Result<BTreeSet<ScheduleKind>> {
    lines(dir)?.map_or_else(|| Ok(BTreeSet::new()), |lines| families(lines, org, owner))
}

/// The lines of the ledger, where there is one.
fn lines(dir: &Path) -> io::Result<Option<BufReader<File>>> {
    let path = dir.join(FILE_NAME);
    match std::fs::metadata(&path) {
        Ok(found) if found.is_file() => Ok(Some(BufReader::new(File::open(path)?))),
        // Nothing that is read to its end: whoever writes to it says what is wrong.
        Ok(_) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// When a run began that carried out the plan with this digest, where there was one.
///
/// # Errors
/// When the file cannot be read.
pub fn begun_with(dir: &Path, plan_digest: &str) -> io::Result<Option<String>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Begun {
        record: String,
        timestamp: String,
        plan_digest: Option<String>,
    }
    let Some(mut lines) = lines(dir)? else { return Ok(None) };
    let mut text = Vec::new();
    while lines.read_until(b'\n', &mut text)? > 0 {
        if let Ok(begun) = serde_json::from_slice::<Begun>(&text)
            && begun.record == "runStarted"
            && begun.plan_digest.as_deref() == Some(plan_digest)
        {
            return Ok(Some(begun.timestamp));
        }
        text.clear();
    }
    Ok(None)
}

fn families(mut lines: impl BufRead, org: &str, owner: &str) -> io::Result<BTreeSet<ScheduleKind>> {
    let mut ours: Option<Uuid> = None;
    let mut written = BTreeSet::new();
    let mut text = Vec::new();
    while lines.read_until(b'\n', &mut text)? > 0 {
        // A run that is under way may be in the middle of a line.
        if let Ok(line) = serde_json::from_slice::<Line>(&text) {
            match line.record.as_str() {
                "runStarted" => {
                    let is_ours = line.org.as_deref() == Some(org) && line.owner.as_deref() == Some(owner);
                    ours = is_ours.then_some(line.run_id);
                }
                "actionIntended" | "actionFinished" if ours == Some(line.run_id) => {
                    let deleted = line.action == Some(ActionKind::Delete);
                    if let (Some(kind), Some(target)) = (line.kind, line.campaign_id) {
                        if !deleted {
                            written.insert((kind, target));
                        } else if line.status.as_deref() == Some("SUCCESS") {
                            written.remove(&(kind, target));
                        }
                    }
                }
                _ => {}
            }
        }
        text.clear();
    }
    Ok(written.into_iter().map(|(kind, _)| kind).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::chain::{Head, next};
    use crate::ledger::record::tests::a_run;
    use crate::ledger::{Change, Entry, Outcome};
    use serde_json::json;

    /// The ledger of a run, in which its actions are changed.
    fn ledger(change: impl Fn(&mut Entry)) -> String {
        let mut head = Head::EMPTY;
        let lines = a_run().into_iter().map(|mut record| {
            change(&mut record.entry);
            let (line, new) = next(&head, &record);
            head = new;
            line + "\n"
        });
        lines.collect()
    }

    fn read(text: &str, org: &str, owner: &str) -> Vec<ScheduleKind> {
        families(text.as_bytes(), org, owner).unwrap().into_iter().collect()
    }

    const ORG: &str = "api.mypurecloud.de";

    #[test]
    fn a_family_counts_from_the_first_write_until_its_last_schedule_is_deleted() {
        let voice = vec![ScheduleKind::Campaign];
        let updated = ledger(|_| {});
        assert_eq!(read(&updated, ORG, "dialctl"), voice);
        assert_eq!(read(&updated, ORG, "others"), []);
        assert_eq!(read(&updated, "sandbox", "dialctl"), []);
        assert_eq!(read(&updated[..updated.len() / 2], ORG, "dialctl"), voice, "the last line is torn");
        assert_eq!(read("", ORG, "dialctl"), []);
        assert_eq!(read("no\nledger\n{}\n", ORG, "dialctl"), []);

        let deleted = |succeeds: bool| {
            ledger(move |entry| {
                let delete = Change::Delete { before: json!({}) };
                match entry {
                    Entry::ActionIntended(action) => action.change = delete,
                    Entry::ActionFinished(finished) => {
                        finished.action.change = delete;
                        if !succeeds {
                            finished.outcome = Outcome::Failure { error: "conflict".to_owned() };
                        }
                    }
                    _ => {}
                }
            })
        };
        assert_eq!(read(&(updated.clone() + &deleted(true)), ORG, "dialctl"), []);
        assert_eq!(read(&(updated + &deleted(false)), ORG, "dialctl"), voice);
    }
}
