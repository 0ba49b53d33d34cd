//! Finding campaigns and sequences by their exact names.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use reqwest::Method;

use crate::schedule::{ScheduleKind, Target};

use super::ApiError;
use super::page::{Page, text};
use super::transport::Transport;

/// The largest page that the service gives.
const PAGE_SIZE: usize = 100;

/// The targets with exactly these names; each name is in the answer, with none, one or several.
pub(super) async fn find(
    transport: &Transport,
    kind: ScheduleKind,
    names: &BTreeSet<String>,
) -> Result<BTreeMap<String, Vec<Target>>, ApiError> {
    let mut found: BTreeMap<String, Vec<Target>> = names.iter().map(|name| (name.clone(), Vec::new())).collect();
    if names.is_empty() {
        return Ok(found);
    }
    let (collection, media) = collection(kind);
    let mut seen = HashSet::new();
    for number in 1_u64.. {
        let mut url = transport.outbound(&Method::GET, &[collection])?;
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("pageSize", &PAGE_SIZE.to_string()).append_pair("pageNumber", &number.to_string());
            match (media, names.first()) {
                (Some(media), _) => _ = query.append_pair("type", media),
                // The filter is one of the voice campaigns and sequences only.
                (None, Some(name)) if names.len() == 1 => {
                    query.append_pair("name", name).append_pair("filterType", "Equals");
                }
                _ => {}
            }
        }
        let answer = transport.get(url).await?;
        let page = Page::of(&answer)?;
        let full = page.items.len() >= PAGE_SIZE;
        let mut any_new = false;
        for item in &page.items {
            let (Some(id), Some(name)) = (text(item, "/id"), text(item, "/name")) else { continue };
            // Something created meanwhile shifts the pages, so that an item may come twice.
            if seen.insert(id.clone()) {
                any_new = true;
                if let Some(targets) = found.get_mut(&name) {
                    targets.push(Target { id, name: Some(name) });
                }
            }
        }
        let more = page.count.map_or(full, |count| number < count);
        if page.items.is_empty() || !more {
            break;
        }
        if !any_new {
            return Err(answer.unreadable(format!("page {number} repeats an earlier page")));
        }
    }
    Ok(found)
}

/// The collection that holds the targets of a family, and the type that it is filtered by.
fn collection(kind: ScheduleKind) -> (&'static str, Option<&'static str>) {
    match kind {
        ScheduleKind::Campaign => ("campaigns", None),
        ScheduleKind::Sequence => ("sequences", None),
        ScheduleKind::MessagingCampaign => ("messagingcampaigns", Some("SMS")),
        ScheduleKind::EmailCampaign => ("messagingcampaigns", Some("EMAIL")),
        ScheduleKind::WhatsAppCampaign => ("messagingcampaigns", Some("WHATSAPP")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::scripted_server::{Answer, Scripted};
    use super::*;
    use serde_json::json;

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[tokio::test]
    async fn one_name_is_asked_for_and_compared_exactly() {
        let server = Scripted::api(|_, _| {
            Answer::json(
                200,
                json!({"entities": [
                {"id": "1", "name": "Spring"}, {"id": "2", "name": "spring"}, {"id": "3", "name": "Spring"},
            ], "pageCount": 1}),
            )
        })
        .await;
        let found = find(&server.transport(), ScheduleKind::Campaign, &names(&["Spring"])).await.unwrap();
        assert_eq!(found["Spring"].iter().map(|target| target.id.as_str()).collect::<Vec<_>>(), ["1", "3"]);
        let query = "pageSize=100&pageNumber=1&name=Spring&filterType=Equals";
        assert_eq!(server.asked(), [format!("GET /api/v2/outbound/campaigns?{query}")]);
    }

    #[tokio::test]
    async fn several_names_take_every_page() {
        let server = Scripted::api(|n, _| {
            Answer::json(200, json!({"entities": [{"id": n.to_string(), "name": format!("n{n}")}], "pageCount": 3}))
        })
        .await;
        let found = find(&server.transport(), ScheduleKind::EmailCampaign, &names(&["n3", "none"])).await.unwrap();
        assert_eq!((found["n3"].len(), found["none"].len()), (1, 0));
        assert_eq!(server.asked().len(), 3);
        assert!(server.asked()[2].ends_with("messagingcampaigns?pageSize=100&pageNumber=3&type=EMAIL"));
    }

    #[tokio::test]
    async fn a_repeated_page_is_an_error_and_no_name_no_request() {
        let page = json!({"entities": [{"id": "1", "name": "a"}], "pageCount": 9});
        let server = Scripted::api(move |_, _| Answer::json(200, page.clone())).await;
        let error = find(&server.transport(), ScheduleKind::Sequence, &names(&["a", "b"])).await.unwrap_err();
        assert!(error.to_string().contains("repeats"), "{error}");
        assert_eq!(server.asked().len(), 2);
        assert!(find(&server.transport(), ScheduleKind::Sequence, &names(&[])).await.unwrap().is_empty());
        assert_eq!(server.asked().len(), 2);
    }
}
