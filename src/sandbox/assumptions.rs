//! What the sandbox assumes where the service's behaviour is not known.

use std::collections::BTreeSet;

use super::refusal::Refusal;

/// A reading of the service that departs from the sandbox's default (genesys-api.md, section 8, and what
/// sections 3.6 and 3.8 leave open). None of these is known to be right or wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Assumption {
    /// A wrong version is refused with 400 `invalid.update` [otherwise 409 `invalid.update.wrong.version`]
    WrongVersionBadRequest,
    /// An interval that starts in the past is refused [otherwise accepted]
    PastIntervalsRefused,
    /// The first write needs version 0 [otherwise no version]
    CreateNeedsVersion,
    /// Spans that end before they start, or at once, are accepted [otherwise refused]
    EmptyIntervalsAccepted,
    /// Weekly without days, EndDate without end and Numbered without count are accepted [otherwise refused]
    OpenPatternsAccepted,
    /// An unknown campaign or sequence is 404 `not.found` [otherwise it has a code of its own]
    AbsentCampaignIsNotFound,
    /// The target in the path counts, whatever the body refers to [otherwise both must agree]
    PathIdWins,
    /// Times of intervals come back in UTC, as 2027-05-01T10:00:00.000Z [otherwise as they were written]
    IntervalsNormalized,
    /// The name of a schedule is not kept [otherwise it is]
    NamesDropped,
    /// The first write stores version 0 [otherwise 1]
    VersionStartsAtZero,
}

/// Where the sandbox departs from its defaults; nowhere by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assumptions(BTreeSet<Assumption>);

impl FromIterator<Assumption> for Assumptions {
    fn from_iter<T: IntoIterator<Item = Assumption>>(departures: T) -> Self {
        Self(departures.into_iter().collect())
    }
}

impl Assumptions {
    /// Whether this reading is taken.
    pub fn hold(&self, assumption: Assumption) -> bool {
        self.0.contains(&assumption)
    }

    /// The version that a target without schedule is written with.
    pub fn version_before_first(&self) -> Option<i32> {
        self.hold(Assumption::CreateNeedsVersion).then_some(0)
    }

    /// The version that the first write stores.
    pub fn first_version(&self) -> i32 {
        if self.hold(Assumption::VersionStartsAtZero) { 0 } else { 1 }
    }

    /// How a PUT is refused whose version is not the expected one. For schedules the service's own answer is
    /// unknown: its older document lists only 400, every other versioned object has 409.
    pub fn wrong_version(&self, message: String) -> Refusal {
        if self.hold(Assumption::WrongVersionBadRequest) {
            Refusal::new(400, "invalid.update", message)
        } else {
            Refusal::new(409, "invalid.update.wrong.version", message)
        }
    }

    /// A refusal as this reading words it: an unknown target may have no code of its own.
    pub fn worded(&self, refusal: Refusal) -> Refusal {
        let has_own_code = matches!(refusal.code, "campaign.not.found" | "campaign.sequence.not.found");
        if has_own_code && self.hold(Assumption::AbsentCampaignIsNotFound) { Refusal::of_status(404) } else { refusal }
    }
}
