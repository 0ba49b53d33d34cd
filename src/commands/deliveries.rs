//! How many events reached each of their receivers.

use std::collections::BTreeMap;

use crate::ledger::Undelivered;
use crate::ledger::outbox::Report;
use crate::metrics::Delivered;

/// The deliveries of a run, by receiver.
#[derive(Clone, Debug, Default)]
pub struct Deliveries(BTreeMap<String, Tally>);

/// The deliveries to one receiver.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    delivered: u32,
    failed: u32,
    is_gone: bool,
}

impl Deliveries {
    /// Counts what came of an event.
    pub fn count(&mut self, report: &Report) {
        let tally = self.0.entry(report.receiver.clone()).or_default();
        match report.result {
            Ok(_) => tally.delivered += 1,
            Err(_) => tally.failed += 1,
        }
        tally.is_gone |= report.gone.is_some() || report.result == Err(Undelivered::ReceiverGone);
    }

    /// Events that were taken, each counted for each receiver.
    pub fn delivered(&self) -> u32 {
        self.0.values().map(|tally| tally.delivered).sum()
    }

    /// Events that are still owed, each counted for each receiver.
    pub fn failed(&self) -> u32 {
        self.0.values().map(|tally| tally.failed).sum()
    }

    /// The same for each receiver, by its name.
    pub fn by_receiver(&self) -> BTreeMap<String, Delivered> {
        let each = self.0.iter().map(|(receiver, tally)| {
            (receiver.clone(), Delivered { delivered: tally.delivered, failed: tally.failed })
        });
        each.collect()
    }

    /// What people have to know of it, a line for each thing.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        for (receiver, Tally { delivered, failed, is_gone }) in &self.0 {
            if *failed > 0 {
                let all = failed + delivered;
                warnings.push(format!(
                    "warning: {failed} of {all} events were not delivered to `{receiver}`; the ledger keeps them"
                ));
            }
            if *is_gone {
                warnings.push(format!(
                    "warning: `{receiver}` has answered 410 (gone): it gets nothing more until its address changes"
                ));
            }
        }
        warnings
    }
}
