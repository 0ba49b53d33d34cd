//! Finding campaigns and sequences by their exact names.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use reqwest::Method;

use crate::schedule::{ScheduleKind, Target};

use super::page::{Page, text};
use super::transport::Transport;
use super::{ApiError, Failure};

/// The largest page that the service gives.
const PAGE_SIZE: usize = 100;

/// The targets with exactly these names; each name is in the answer, with none, one or several.
///
/// Who may not see voice campaigns may still be permitted to search them: the division views hold little more
/// than their names.
pub(super) async fn find(
    transport: &Transport,
    kind: ScheduleKind,
    names: &BTreeSet<String>,
) -> Result<BTreeMap<String, Vec<Target>>, ApiError> {
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let error = match find_in(transport, collection(kind), names).await {
        Err(error) if kind == ScheduleKind::Campaign => error,
        answer => return answer,
    };
    let Failure::NotPermitted { message } = &error.failure else { return Err(error) };
    match find_in(transport, DIVISION_VIEWS, names).await {
        Err(ApiError { failure: Failure::NotPermitted { message: other }, .. }) => {
            let message = format!("{message}; nor to search them: {other}");
            Err(ApiError { failure: Failure::NotPermitted { message }, ..error })
        }
        answer => answer,
    }
}

/// The targets of a collection with exactly these names.
async fn find_in(
    transport: &Transport,
    Collection { path, media }: Collection,
    names: &BTreeSet<String>,
) -> Result<BTreeMap<String, Vec<Target>>, ApiError> {
    let mut found: BTreeMap<String, Vec<Target>> = names.iter().map(|name| (name.clone(), Vec::new())).collect();
    let mut seen = HashSet::new();
    for number in 1_u64.. {
        let mut url = transport.outbound(&Method::GET, path)?;
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

/// A list of campaigns or sequences.
#[derive(Clone, Copy, Debug)]
struct Collection {
    /// Below `/api/v2/outbound`.
    path: &'static [&'static str],
    /// The type that it is filtered by.
    media: Option<&'static str>,
}

const DIVISION_VIEWS: Collection = Collection { path: &["campaigns", "divisionviews"], media: None };

/// The collection that holds the targets of a family.
fn collection(kind: ScheduleKind) -> Collection {
    let digital = |media| Collection { path: &["messagingcampaigns"], media: Some(media) };
    match kind {
        ScheduleKind::Campaign => Collection { path: &["campaigns"], media: None },
        ScheduleKind::Sequence => Collection { path: &["sequences"], media: None },
        ScheduleKind::MessagingCampaign => digital("SMS"),
        ScheduleKind::EmailCampaign => digital("EMAIL"),
        ScheduleKind::WhatsAppCampaign => digital("WHATSAPP"),
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

    #[tokio::test]
    async fn who_may_only_search_campaigns_finds_them_in_the_division_views() {
        let refused = |needed: &str| Answer::json(403, json!({"message": format!("You need [{needed}]")}));
        let server = Scripted::api(move |n, seen| match seen.line.contains("/divisionviews?") {
            false => refused("outbound:campaign:view"),
            true => Answer::json(
                200,
                json!({"entities": [{"id": n.to_string(), "name": if n == 3 { "b" } else { "a" }}], "pageCount": 2}),
            ),
        })
        .await;
        let found = find(&server.transport(), ScheduleKind::Campaign, &names(&["a", "b", "c"])).await.unwrap();
        assert_eq!(found.values().map(Vec::len).collect::<Vec<_>>(), [1, 1, 0]);
        let views = |n| format!("GET /api/v2/outbound/campaigns/divisionviews?pageSize=100&pageNumber={n}");
        assert_eq!(server.asked()[1..], [views(1), views(2)]);

        let server = Scripted::api(move |n, _| refused(if n == 1 { "campaign:view" } else { "campaign:search" })).await;
        let error = find(&server.transport(), ScheduleKind::Campaign, &names(&["a"])).await.unwrap_err();
        assert_eq!(error.request.path, "/api/v2/outbound/campaigns");
        let words = error.to_string();
        assert!(words.contains("[campaign:view]") && words.contains("[campaign:search]"), "{words}");

        let server = Scripted::api(move |_, _| refused("campaignSequence:view")).await;
        find(&server.transport(), ScheduleKind::Sequence, &names(&["a"])).await.unwrap_err();
        assert_eq!(server.asked().len(), 1, "sequences have no division views");
    }

    #[tokio::test]
    async fn pages_of_names_end_with_the_first_empty_one() {
        let server = Scripted::api(|n, _| {
            let entities = if n == 1 { json!([{"id": "1", "name": "a"}]) } else { json!([]) };
            Answer::json(200, json!({"entities": entities, "pageCount": 1_000_000, "nextUri": "/more"}))
        })
        .await;
        let found = find(&server.transport(), ScheduleKind::Campaign, &names(&["a", "b"])).await.unwrap();
        assert_eq!((found["a"].len(), found["b"].len(), server.asked().len()), (1, 0, 2));
    }
}
