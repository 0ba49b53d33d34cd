//! Listing a family: page after page, and of each page only what matters.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use reqwest::Method;
use serde_json::Value;

use crate::genesys::list_reader::Items;
use crate::genesys::transport::{Listed, Transport};
use crate::genesys::{ApiError, Listing, Scope};
use crate::schedule::LiveSchedule;

use super::decode;
use super::family::collection;
use super::stamp::IntervalTimes;

/// How many pages without a schedule may follow each other. The service has no reason for one; somebody
/// who answers with nothing else would be asked for ever.
const EMPTY_PAGES: u32 = 3;

/// The schedules of a family that are in the scope.
pub(super) async fn list(transport: &Transport, scope: &Scope, times: IntervalTimes) -> Result<Listing, ApiError> {
    let mut url = transport.outbound(&Method::GET, &["schedules", collection(scope.kind)])?;
    let mut asked = HashSet::from([url.clone()]);
    let (mut found, mut pages, mut empty) = (Found::default(), 0, 0);
    let hashing = RandomState::new();
    loop {
        let page = Page { scope, times, hashing: &hashing, kept: Vec::new(), others: Vec::new(), astray: 0 };
        let Listed { answer, ending, items: page } = transport.list(url.clone(), page).await?;
        pages += 1;
        empty = if page.is_empty() { empty + 1 } else { 0 };
        let progress = found.add(page) || empty > 0;
        let incomplete = |words: String| Err(answer.unreadable(words));
        let Some(next) = ending.next else {
            return match ending.count {
                Some(count) if count > pages.into() => {
                    incomplete(format!("the listing ends after page {pages} of {count}"))
                }
                _ => Ok(Listing { seen: found.seen(), schedules: found.kept, pages }),
            };
        };
        url = transport.next_page(&url, &next)?;
        if !progress || !asked.insert(url.clone()) {
            return incomplete(format!("page {pages} repeats an earlier page"));
        }
        if empty > EMPTY_PAGES {
            return incomplete(format!("{empty} pages in a row have no schedule and name a further page"));
        }
    }
}

/// One page of a listing. Of what does not matter a number is kept, made from the id of its target.
#[derive(Clone)]
struct Page<'a> {
    scope: &'a Scope,
    times: IntervalTimes,
    hashing: &'a RandomState,
    kept: Vec<LiveSchedule>,
    others: Vec<u64>,
    /// Schedules that do not matter and name no target, so that they cannot be told from each other.
    astray: usize,
}

impl Items for Page<'_> {
    fn take(&mut self, item: Value) {
        let kind = self.scope.kind;
        let target = decode::target_id(kind, &item).unwrap_or_default();
        if self.scope.keeps(target, decode::name(&item)) {
            self.kept.push(decode::live(kind, &item, None, self.times));
        } else if target.is_empty() {
            self.astray += 1;
        } else {
            self.others.push(self.hashing.hash_one(target));
        }
    }
}

impl Page<'_> {
    fn is_empty(&self) -> bool {
        self.kept.is_empty() && self.others.is_empty() && self.astray == 0
    }
}

/// All pages so far.
#[derive(Default)]
struct Found {
    kept: Vec<LiveSchedule>,
    kept_targets: HashSet<String>,
    others: HashSet<u64>,
    astray: usize,
}

impl Found {
    /// Adds a page, and tells whether anything in it was new. Something created meanwhile shifts the pages, so
    /// that a schedule may come twice.
    fn add(&mut self, page: Page<'_>) -> bool {
        let before = self.seen();
        for live in page.kept {
            // One without a target cannot be told from others like it.
            if live.target.id.is_empty() || self.kept_targets.insert(live.target.id.clone()) {
                self.kept.push(live);
            }
        }
        self.others.extend(page.others);
        self.astray += page.astray;
        self.seen() > before
    }

    fn seen(&self) -> usize {
        self.kept.len() + self.others.len() + self.astray
    }
}
