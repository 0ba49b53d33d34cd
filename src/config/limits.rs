//! `limits` in `dialctl.yaml`: how much one run may change.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::plan::{Limit, Limits, LimitsOf, Raised};
use crate::schedule::ScheduleKind;

/// How much one run may change before somebody has to say the number. Held against all schedules of the owner together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct LimitsFile {
    /// The shares bind once this many owned schedules are live. Default 10.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub floor: Option<usize>,
    /// The share of owned live schedules that one run may update, in percent. Default 30.
    #[schemars(range(min = 0, max = 100))]
    pub update_percent: Option<usize>,
    /// The share of owned live schedules that one run may delete, in percent. Default 30.
    #[schemars(range(min = 0, max = 100))]
    pub delete_percent: Option<usize>,
    /// The number of updates that one run may make, however many schedules are live.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub max_updates: Option<usize>,
    /// The number of deletes that one run may make, however many schedules are live.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub max_deletes: Option<usize>,
    /// Limits of single kinds of schedules, which bind besides.
    pub kinds: BTreeMap<ScheduleKind, KindLimitsFile>,
}

/// How many schedules of one kind a run may change. What does not stand here does not bind the kind by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct KindLimitsFile {
    /// The shares bind once this many owned schedules of the kind are live. Default: the `floor` of all.
    #[schemars(range(min = 0, max = 1_000_000))]
    floor: Option<usize>,
    /// The share of its owned live schedules that one run may update, in percent.
    #[schemars(range(min = 0, max = 100))]
    update_percent: Option<usize>,
    /// The share of its owned live schedules that one run may delete, in percent.
    #[schemars(range(min = 0, max = 100))]
    delete_percent: Option<usize>,
    /// The number of updates that one run may make.
    #[schemars(range(min = 0, max = 1_000_000))]
    max_updates: Option<usize>,
    /// The number of deletes that one run may make.
    #[schemars(range(min = 0, max = 1_000_000))]
    max_deletes: Option<usize>,
}

impl LimitsFile {
    /// What holds in a run for which somebody has raised some.
    pub fn limits(&self, raised: Raised) -> Limits {
        let LimitsOf { floor, updates, deletes } = Limits::default().all;
        let floor = self.floor.unwrap_or(floor);
        let all = LimitsOf {
            floor,
            updates: Limit { percent: self.update_percent.or(updates.percent), max: self.max_updates },
            deletes: Limit { percent: self.delete_percent.or(deletes.percent), max: self.max_deletes },
        };
        Limits { all, kinds: self.kinds.iter().map(|(kind, file)| (*kind, file.limits(floor))).collect(), raised }
    }
}

impl KindLimitsFile {
    fn limits(&self, floor_of_all: usize) -> LimitsOf {
        LimitsOf {
            floor: self.floor.unwrap_or(floor_of_all),
            updates: Limit { percent: self.update_percent, max: self.max_updates },
            deletes: Limit { percent: self.delete_percent, max: self.max_deletes },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::file::Config;
    use super::*;

    fn read(text: &str) -> Limits {
        Config::parse("dialctl.yaml", text).unwrap().file.limits.limits(Raised::default())
    }

    #[test]
    fn what_is_not_set_is_the_default_for_all_and_no_limit_for_a_kind() {
        let limit = |percent, max| Limit { percent, max };
        let limits = read(
            "limits: {floor: 5, deletePercent: 20, maxUpdates: 200, kinds: {SequenceSchedule: {deletePercent: 10, \
             maxDeletes: 2}, EmailCampaignSchedule: {floor: 1, maxUpdates: 3}}}",
        );
        let all = LimitsOf { floor: 5, updates: limit(Some(30), Some(200)), deletes: limit(Some(20), None) };
        assert_eq!(limits.all, all);
        let sequence = LimitsOf { floor: 5, updates: limit(None, None), deletes: limit(Some(10), Some(2)) };
        let email = LimitsOf { floor: 1, updates: limit(None, Some(3)), deletes: limit(None, None) };
        let kinds = [(ScheduleKind::Sequence, sequence), (ScheduleKind::EmailCampaign, email)];
        assert_eq!(limits.kinds, kinds.into());
        assert_eq!(read("").all, Limits::default().all);
        assert!(read("").kinds.is_empty());
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        for (text, told) in [
            (
                "limits: {kinds: {SequenceSchedul: {maxDeletes: 2}}}",
                &["1:18: unknown field `SequenceSchedul`", "did you mean `SequenceSchedule`?"][..],
            ),
            (
                "limits: {kinds: {SequenceSchedule: {maxDelete: 2}}}",
                &["1:37: unknown field `maxDelete`", "did you mean `maxDeletes`?"],
            ),
            ("limits: {maxDeletes: -1}", &["1:22: expected a whole number from 0 to 1000000"]),
            (
                "limits: {kinds: {SequenceSchedule: {deletePercent: 101}}}",
                &["1:52: expected a whole number from 0 to 100"],
            ),
        ] {
            let message = Config::parse("dialctl.yaml", text).unwrap_err().join("\n");
            assert!(told.iter().all(|part| message.contains(part)), "{text:?}: {message}");
        }
    }
}
