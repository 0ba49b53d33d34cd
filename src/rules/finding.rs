//! A finding: one problem, with a stable code, a place and a way out.

use std::fmt;
use std::ops::Range;

/// The stable codes of findings, in words. They appear in every output format and in `dialctl.yaml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// The file is not YAML that this program reads.
    YamlSyntax,
    /// A key stands twice in one mapping.
    DuplicateKey,
    /// A value is not what the schema allows.
    Schema,
    /// The schema has no such field.
    UnknownField,
    /// There is no such kind of document.
    UnknownKind,
    /// Two documents of one kind have the same name.
    DuplicateName,
    /// Two schedules drive one target, which the API cannot hold.
    DuplicateTarget,
    /// Two slots or intervals of one schedule run at the same time.
    SlotsOverlap,
    /// Two schedules of one campaign run at the same time.
    SchedulesOverlap,
    /// A window starts and ends at the same time.
    EmptyWindow,
    /// An end lies before its start.
    DatesReversed,
    /// A schedule or a slot has no occurrence at all.
    NeverRuns,
    /// There is no such time zone.
    UnknownTimezone,
    /// A schedule promises more calls than its campaign has.
    CallsOverCapacity,
    /// A schedule promises more agents than its campaign has.
    AgentsOverCapacity,
    /// The schedules of a pool together need more than it has.
    PoolOverCapacity,
    /// The chosen API has no way to express this.
    NotRepresentable,
    /// There is nothing to work on.
    NoManifests,
}

impl Code {
    /// The code as users see it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::YamlSyntax => "yaml-syntax",
            Self::DuplicateKey => "duplicate-key",
            Self::Schema => "schema",
            Self::UnknownField => "unknown-field",
            Self::UnknownKind => "unknown-kind",
            Self::DuplicateName => "duplicate-name",
            Self::DuplicateTarget => "duplicate-target",
            Self::SlotsOverlap => "slots-overlap",
            Self::SchedulesOverlap => "schedules-overlap",
            Self::EmptyWindow => "empty-window",
            Self::DatesReversed => "dates-reversed",
            Self::NeverRuns => "never-runs",
            Self::UnknownTimezone => "unknown-timezone",
            Self::CallsOverCapacity => "calls-over-capacity",
            Self::AgentsOverCapacity => "agents-over-capacity",
            Self::PoolOverCapacity => "pool-over-capacity",
            Self::NotRepresentable => "not-representable",
            Self::NoManifests => "no-manifests",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is planned or applied.
    Error,
    /// Shown, but stops nothing.
    Warning,
}

/// One of the files that were read, by its position among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub usize);

/// One of the documents that were read, by its position among them, over all files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentId(pub usize);

/// The place that a finding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Bytes of a file.
    Bytes { file: FileId, range: Range<usize> },
    /// The value at a JSON pointer of a document; the closest enclosing one where there is none.
    Value { document: DocumentId, pointer: String },
    /// The key of the mapping entry at a JSON pointer of a document.
    Key { document: DocumentId, pointer: String },
    /// A path that is not among the files read, as the user gave it.
    Path(String),
}

/// Another place that a finding has to do with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// What is there.
    pub message: String,
    /// Where it is.
    pub place: Place,
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The stable code.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub message: String,
    /// Where it is.
    pub place: Place,
    /// A few words under the underlined value.
    pub label: Option<String>,
    /// The other places it has to do with.
    pub related: Vec<Related>,
    /// The way out.
    pub help: Option<String>,
}

impl Finding {
    /// An error.
    pub fn error(code: Code, place: Place, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            place,
            label: None,
            related: Vec::new(),
            help: None,
        }
    }

    /// With a few words under the underlined value.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// With another place that it has to do with.
    #[must_use]
    pub fn related(mut self, place: Place, message: impl Into<String>) -> Self {
        self.related.push(Related { message: message.into(), place });
        self
    }

    /// With a way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
