//! How many lines voice campaigns dial at once.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde_json::Value;

use super::ApiError;
use super::page::{Page, text};
use super::transport::Transport;

/// The largest page that the service gives, and so the number of campaigns that one request asks for.
const PAGE_SIZE: usize = 100;

/// The `outboundLineCount` of the campaigns with these ids; one that has none, or does not exist, is not in
/// the answer.
///
/// `GET /api/v2/outbound/campaigns` takes `id` several times. It is optional on campaigns that dial in
/// preview mode.
pub(super) async fn fetch(transport: &Transport, ids: &BTreeSet<String>) -> Result<BTreeMap<String, u32>, ApiError> {
    let ids: Vec<&String> = ids.iter().collect();
    let mut lines = BTreeMap::new();
    for some in ids.chunks(PAGE_SIZE) {
        let mut url = transport.outbound(&Method::GET, &["campaigns"])?;
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("pageSize", &PAGE_SIZE.to_string()).append_pair("pageNumber", "1");
            for id in some {
                query.append_pair("id", id);
            }
        }
        let answer = transport.get(url).await?;
        for campaign in Page::of(&answer)?.items {
            let count = campaign.get("outboundLineCount").and_then(Value::as_u64);
            if let (Some(id), Some(count)) = (text(&campaign, "/id"), count.and_then(|n| u32::try_from(n).ok())) {
                lines.insert(id, count);
            }
        }
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::super::scripted_server::{Answer, Scripted};
    use super::*;
    use serde_json::json;

    #[tokio::test]
    async fn a_hundred_campaigns_are_one_request_and_none_is_no_request() {
        let server = Scripted::api(|n, _| {
            let id = if n == 1 { "c000" } else { "c100" };
            Answer::json(
                200,
                json!({"entities": [
                    {"id": id, "outboundLineCount": 20}, {"id": "preview"}, {"id": "odd", "outboundLineCount": -1},
                ], "pageCount": 1}),
            )
        })
        .await;
        let transport = server.transport();
        assert_eq!(fetch(&transport, &BTreeSet::new()).await.unwrap(), BTreeMap::new());
        let ids: BTreeSet<String> = (0..101).map(|n| format!("c{n:03}")).collect();
        let lines = fetch(&transport, &ids).await.unwrap();
        assert_eq!(lines, BTreeMap::from([("c000".to_owned(), 20), ("c100".to_owned(), 20)]));
        let asked = server.asked();
        assert_eq!(asked.len(), 2);
        assert_eq!(asked[0].matches("&id=").count(), 100);
        assert!(asked[1].ends_with("/outbound/campaigns?pageSize=100&pageNumber=1&id=c100"), "{}", asked[1]);
    }
}
