//! A journal that keeps what it was told, and can fail.

use dialctl::apply::{ActionResult, Journal, JournalError, Outcome, Summary};
use dialctl::plan::Action;

/// What a journal was told of one action: its verb and its name.
pub type Told = (&'static str, String);

/// A journal that keeps what it was told, and can fail at a call.
#[derive(Debug, Default)]
pub struct Records {
    pub intended: Vec<Told>,
    pub finished: Vec<Told>,
    /// How many intentions there were when the first failure was told.
    pub intended_at_first_failure: Option<usize>,
    /// At which call of `intended`, counted from 1, it begins to fail.
    intended_fails_at: Option<usize>,
    /// At which call of `finished`, counted from 1, it begins to fail.
    finished_fails_at: Option<usize>,
    open: Vec<Told>,
    calls: (usize, usize),
}

impl Journal for Records {
    fn intended(&mut self, action: &Action) -> Result<(), JournalError> {
        self.calls.0 += 1;
        fails(self.intended_fails_at, self.calls.0)?;
        let told = (action.verb(), action.name().to_owned());
        self.open.push(told.clone());
        self.intended.push(told);
        Ok(())
    }

    fn finished(&mut self, action: &Action, result: &ActionResult) -> Result<(), JournalError> {
        self.calls.1 += 1;
        let told = (action.verb(), action.name().to_owned());
        let at = self.open.iter().position(|open| *open == told);
        self.open.swap_remove(at.unwrap_or_else(|| panic!("{told:?} ends without having begun")));
        assert_eq!((result.action, result.name.as_str()), (told.0, told.1.as_str()));
        if result.error().is_some() {
            self.intended_at_first_failure.get_or_insert(self.intended.len());
        }
        fails(self.finished_fails_at, self.calls.1)?;
        self.finished.push(told);
        Ok(())
    }
}

impl Records {
    /// A journal that takes no intention from the n-th on.
    pub fn failing_to_begin(nth: usize) -> Self {
        Self { intended_fails_at: Some(nth), ..Self::default() }
    }

    /// A journal that takes no end from the n-th on.
    pub fn failing_to_end(nth: usize) -> Self {
        Self { finished_fails_at: Some(nth), ..Self::default() }
    }

    /// Checks that every attempted action of a run has exactly one record before and one after.
    #[track_caller]
    pub fn agree_with(&self, summary: &Summary) {
        let attempted = summary.results.iter().filter(|one| !matches!(one.outcome, Outcome::NotAttempted));
        let mut attempted: Vec<Told> = attempted.map(|one| (one.action, one.name.clone())).collect();
        assert_eq!(self.finished, attempted, "the journal and the summary tell different ends");
        let mut intended = self.intended.clone();
        attempted.sort_unstable();
        intended.sort_unstable();
        assert_eq!(intended, attempted);
        assert_eq!(self.open, []);
    }
}

fn fails(at: Option<usize>, call: usize) -> Result<(), JournalError> {
    if at.is_some_and(|at| call >= at) { Err(JournalError::Ledger("the disk is full".to_owned())) } else { Ok(()) }
}
