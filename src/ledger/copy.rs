//! A ledger in a store, and this machine's copy of it, which all is read from.
//!
//! In the store a ledger is a row of segments, objects that are named by their first record. Whoever appends replaces
//! the last one by itself and the new lines, provided that it is as it was read; once it is at its limit, the next one
//! is made, provided that there is none. So of several who append at the same time one wins, and the others go on after
//! it. The copy gets the lines once they are in the store. Where that fails midway, they go to the spool, and from
//! there to the store later.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::chain::{self, Head};
use super::error::{LedgerError, failed};
use super::record::Record;
use super::spool::Spool;
use super::writer::{Ledger, Size};
use crate::store::{Put, Store, StoreError, Version};
use crate::turn::Turn;

/// The folder of the segments in the store.
pub(super) const FOLDER: &str = "ledger";

/// The length in bytes from which on a segment is not continued. Every append sends one anew, and every machine without
/// a copy asks for each of them.
pub(super) const LIMIT: usize = 256 * 1024;

/// How many segments are read at once, and so held in memory.
const BATCH: usize = 16;

/// How often an append begins anew because others were faster.
const ATTEMPTS: usize = 50;

/// A ledger in a store, and the copy of it in a folder.
#[derive(Debug)]
pub struct Copied {
    dir: PathBuf,
    store: Arc<dyn Store>,
    copy: Ledger,
    spool: Spool,
    limit: usize,
    /// The last segment as it was read or written.
    last: Option<Segment>,
    /// Why the store is not asked any more.
    failed: Option<StoreError>,
    /// The end of the copy, and of the spool that continues it, as this run has left them.
    spooled: Option<(Head, Head)>,
}

/// A segment in the store.
#[derive(Debug)]
struct Segment {
    name: String,
    bytes: Vec<u8>,
    version: Version,
    /// The end of the chain at its last record.
    head: Head,
}

impl Copied {
    /// Brings the copy up to date, and the store with what earlier runs could not send.
    pub(super) fn open(dir: &Path, store: Arc<dyn Store>, limit: usize) -> Result<Self, LedgerError> {
        let mut copied = Self::begin(dir, store, limit)?;
        copied.push()?;
        Ok(copied)
    }

    /// The copy as it is. Nothing is asked yet.
    pub(super) fn begin(dir: &Path, store: Arc<dyn Store>, limit: usize) -> Result<Self, LedgerError> {
        let (dir, copy, spool) = (dir.to_owned(), Ledger::open(dir)?, Spool::of(dir));
        Ok(Self { dir, store, copy, spool, limit, last: None, failed: None, spooled: None })
    }

    /// The file that a torn last line of the copy was moved to when it was opened.
    pub(super) fn torn(&self) -> Option<&Path> {
        self.copy.torn()
    }

    /// How large the copy is, with what continues it.
    pub(super) fn size(&self) -> Size {
        let Size { bytes, records } = self.copy.size();
        let records = self.spooled.map_or(records, |(_, end)| end.seq);
        Size { bytes: bytes + self.spool.len(), records }
    }

    /// Why what is appended stays on this machine, where it does.
    pub(super) fn failed(&self) -> Option<&StoreError> {
        self.failed.as_ref()
    }

    /// Appends records, to the store or to the spool, and gives the number of the last one.
    pub(super) fn append(&mut self, records: &[Record]) -> Result<u64, LedgerError> {
        let _turn = self.turn()?;
        if self.failed.is_none() {
            match self.send(records) {
                Err(LedgerError::Store(error)) => self.failed = Some(error),
                sent => return sent,
            }
        }
        let head = self.copy.end()?;
        let end = self.end_of_spool(&head)?;
        // Were they sent and the answer was lost, then just as they stand here.
        let (lines, end) = chain::all(&end, records);
        self.spool.append(&lines)?;
        self.spooled = Some((head, end));
        Ok(end.seq)
    }

    /// Where the spool ends that continues this end of the copy.
    fn end_of_spool(&self, head: &Head) -> Result<Head, LedgerError> {
        if let Some((copied, end)) = &self.spooled
            && copied == head
            && self.spool.end()? == Some(*end)
        {
            return Ok(*end);
        }
        let lines = self.spool.mend(head)?.unwrap_or_default();
        chain::rest(head, &lines).map(|(_, end)| end).map_err(|reason| self.diverged(reason))
    }

    /// Sends what earlier runs could not send, and tells how many records that were.
    pub(super) fn push(&mut self) -> Result<usize, LedgerError> {
        let _turn = self.turn()?;
        self.send_spool()
    }

    /// Brings the copy up to date. What has still to be sent continues it, also where the store fails.
    pub(super) fn refresh(&mut self, extent: Extent) -> Result<(), LedgerError> {
        let _turn = self.turn()?;
        let pulled = self.pull_looking(extent, |_| ());
        let head = self.copy.end()?;
        self.spool.mend(&head)?;
        pulled
    }

    /// Sends records to the store, and then to the copy.
    fn send(&mut self, records: &[Record]) -> Result<u64, LedgerError> {
        self.send_spool()?;
        for _ in 0..ATTEMPTS {
            let head = self.copy.end()?;
            let (lines, after) = chain::all(&head, records);
            if self.put(&lines, &head, after)? {
                self.copy.extend(&lines, &self.name())?;
                return Ok(after.seq);
            }
            let mut is_there = false;
            let pulled = self.pull_looking(Extent::New, |text| is_there |= text.contains(&lines));
            match (is_there, pulled) {
                (false, pulled) => pulled?,
                // An earlier try took effect, and its answer was lost.
                (true, Err(LedgerError::Store(error))) => self.failed = Some(error),
                (true, pulled) => pulled?,
            }
            if is_there {
                return Ok(after.seq);
            }
        }
        Err(self.outrun())
    }

    /// Sends the spool to the store, then to the copy, and removes it.
    fn send_spool(&mut self) -> Result<usize, LedgerError> {
        // While it is not there and the copy is known to be up to date, nothing is asked.
        let Some(spooled) = self.spool.read()? else {
            if self.last.is_none() {
                self.pull()?;
            }
            self.spool.remove()?;
            return Ok(0);
        };
        for _ in 0..ATTEMPTS {
            self.pull()?;
            let head = self.copy.end()?;
            let Some(lines) = self.spool.mend(&head)? else { return Ok(spooled.lines().count()) };
            let (_, after) = chain::rest(&head, &lines).map_err(|reason| self.diverged(reason))?;
            if self.put(&lines, &head, after)? {
                self.copy.extend(&lines, &self.name())?;
                self.spool.remove()?;
                return Ok(spooled.lines().count());
            }
        }
        Err(self.outrun())
    }

    /// Writes lines to the store that continue it at `head` and end it at `after`. Tells whether that was possible, or
    /// somebody was faster.
    fn put(&mut self, lines: &str, head: &Head, after: Head) -> Result<bool, LedgerError> {
        // Where another process has extended the copy, the store has moved on as well.
        let last = self.last.take();
        if last.as_ref().map_or(Head::EMPTY, |last| last.head) != *head {
            return Ok(false);
        }
        let (name, bytes, put) = match last {
            Some(Segment { name, mut bytes, version, .. }) if bytes.len() < self.limit => {
                bytes.extend_from_slice(lines.as_bytes());
                let put = self.store.replace(&name, bytes.clone(), &version)?;
                (name, bytes, put)
            }
            _ => {
                let (name, bytes) = (segment_name(head.seq.saturating_add(1)), lines.as_bytes().to_vec());
                let put = self.store.create(&name, bytes.clone())?;
                (name, bytes, put)
            }
        };
        let Put::Done(version) = put else { return Ok(false) };
        self.last = Some(Segment { name, bytes, version, head: after });
        Ok(true)
    }

    /// Brings the copy up to date with the store.
    fn pull(&mut self) -> Result<(), LedgerError> {
        self.pull_looking(Extent::New, |_| ())
    }

    /// The same, with a look at the text of each segment that is read.
    fn pull_looking(&mut self, extent: Extent, mut look: impl FnMut(&str)) -> Result<(), LedgerError> {
        self.last = None;
        let known = self.copy.end()?;
        let mut segments: Vec<(u64, String)> =
            self.store.list(FOLDER)?.into_iter().filter_map(|name| Some((first_of(&name)?, name))).collect();
        segments.sort();
        // The one with the last record that is known, or that record's successor, and all after it.
        let new = segments.iter().rposition(|(first, _)| *first <= known.seq).unwrap_or(0);
        let from = if extent == Extent::Whole { 0 } else { new };
        let names: Vec<String> = segments.into_iter().skip(from).map(|(_, name)| name).collect();
        let mut end = Head::EMPTY;
        let mut before = (from == 0).then_some(Head::EMPTY);
        for batch in names.chunks(BATCH) {
            for (name, object) in batch.iter().zip(self.store.get_all(batch)?) {
                let Some(object) = object else { return Err(self.gone(name)) };
                let text = String::from_utf8(object.bytes).map_err(|_| self.gone(name))?;
                look(&text);
                end = self.last_of(name, &text)?;
                if let Some(before) = &before {
                    let first = text.lines().next().unwrap_or_default();
                    chain::check_line(Some(before), first).map_err(|reason| self.diverged(reason))?;
                }
                before = Some(end);
                self.copy.extend(&text, &self.name())?;
                let (name, bytes) = (name.clone(), text.into_bytes());
                self.last = Some(Segment { name, bytes, version: object.version, head: end });
            }
        }
        let known = self.copy.end()?;
        if end == known {
            return Ok(());
        }
        self.last = None;
        let (store, folder) = (self.name(), self.dir.clone());
        Err(LedgerError::Shortened { store, folder, found: end.seq, known: known.seq })
    }

    /// The end of the chain at the last line of a segment.
    fn last_of(&self, name: &str, text: &str) -> Result<Head, LedgerError> {
        let last = text.lines().next_back().ok_or_else(|| self.gone(name))?;
        chain::check_line(None, last).map_err(|reason| self.diverged(reason))
    }

    fn turn(&self) -> Result<Turn, LedgerError> {
        let path = self.dir.join("copy.lock");
        Turn::take(&path).map_err(failed("lock", &path))
    }

    fn name(&self) -> String {
        self.store.location().to_string()
    }

    fn diverged(&self, reason: chain::BadLine) -> LedgerError {
        LedgerError::Diverged { store: self.name(), folder: self.dir.clone(), reason }
    }

    fn gone(&self, name: &str) -> LedgerError {
        let reason = format!("its object {name} is empty, gone or no text");
        self.diverged(chain::BadLine::NotARecord(reason))
    }

    fn outrun(&self) -> LedgerError {
        let reason = format!("others were faster {ATTEMPTS} times in a row");
        StoreError::because("write to", self.store.location(), reason).into()
    }
}

/// How much of a store's ledger is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// What the copy does not have yet.
    New,
    /// All of it, also what the copy has already: somebody may have changed that since.
    Whole,
}

fn segment_name(first: u64) -> String {
    format!("{FOLDER}/{first:020}.jsonl")
}

/// The number of the first record of a segment, where the name is that of one.
fn first_of(name: &str) -> Option<u64> {
    let number = name.strip_prefix(FOLDER)?.strip_prefix('/')?.strip_suffix(".jsonl")?;
    if number.len() == 20 { number.parse().ok() } else { None }
}

#[cfg(test)]
#[path = "copy_tests.rs"]
mod tests;
