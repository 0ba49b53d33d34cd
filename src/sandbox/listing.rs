//! Look-ups and listings: filters, order and pages.

use serde_json::{Value, json};

use super::refusal::Refusal;

/// Entities on a page unless the request says otherwise.
const DEFAULT_PAGE_SIZE: usize = 25;
/// The most entities that a page has, whatever the request says.
const MAX_PAGE_SIZE: usize = 100;

/// What a listing is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListingQuery {
    page_size: usize,
    page_number: usize,
    name: Option<(NameFilter, String)>,
    ids: Vec<String>,
    /// The type of digital campaigns.
    pub digital_type: Option<String>,
    descending: bool,
    /// The filters as they came, for the addresses of the other pages.
    filters: Vec<(String, String)>,
}

/// How `name` is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NameFilter {
    Equals,
    Contains,
    Prefix,
    Suffix,
}

/// Which parameters a listing takes besides those for its pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filters {
    /// None: the listings of schedules.
    None,
    /// Name, how it is compared, id and order: the look-ups of campaigns.
    Campaigns,
    /// Name, how it is compared and order: the look-up of sequences.
    Sequences,
    /// Name, id and order: the look-up of queues.
    Queues,
    /// Name, id, order and type: the look-up of digital campaigns.
    Digital,
}

impl ListingQuery {
    /// Reads the parameters.
    ///
    /// # Errors
    /// 400 for a value that the service does not know, and for every parameter that the sandbox does
    /// not filter by: to ignore a filter would be laxer than the service.
    pub fn read(parameters: &[(String, String)], filters: Filters) -> Result<Self, Refusal> {
        let mut query = Self {
            page_size: DEFAULT_PAGE_SIZE,
            page_number: 1,
            name: None,
            ids: Vec::new(),
            digital_type: None,
            descending: false,
            filters: Vec::new(),
        };
        let (mut name, mut compared) = (None, NameFilter::Prefix);
        let filtered = filters != Filters::None;
        for (key, value) in parameters {
            match key.as_str() {
                "pageSize" => query.page_size = positive(key, value)?.min(MAX_PAGE_SIZE),
                "pageNumber" => query.page_number = positive(key, value)?,
                "name" if filtered => name = Some(value.clone()),
                "filterType" if matches!(filters, Filters::Campaigns | Filters::Sequences) => {
                    compared = NameFilter::read(value)?
                }
                "id" if filtered && filters != Filters::Sequences => query.ids.push(value.clone()),
                "sortBy" if filtered && value.eq_ignore_ascii_case("name") => {}
                "sortOrder" if filtered => query.descending = is_descending(value)?,
                "allowEmptyResult" if filters == Filters::Sequences && matches!(value.as_str(), "true" | "false") => {}
                "type" if filters == Filters::Digital => query.digital_type = Some(digital_type(value)?),
                _ => {
                    return Err(Refusal::invalid_value(key, &format!("the sandbox does not filter by `{value}` here")));
                }
            }
            if !matches!(key.as_str(), "pageSize" | "pageNumber") {
                query.filters.push((key.clone(), value.clone()));
            }
        }
        query.name = name.map(|name| (compared, name));
        Ok(query)
    }

    /// Whether an entity with this id and name is asked for.
    pub fn takes(&self, id: &str, name: &str) -> bool {
        let named = self.name.as_ref().is_none_or(|(filter, wanted)| filter.takes(name, wanted));
        named && (self.ids.is_empty() || self.ids.iter().any(|wanted| wanted == id))
    }

    /// Puts entities in the order of their names.
    pub fn sort(&self, entities: &mut [(&str, Value)]) {
        entities.sort_by(|(a, _), (b, _)| if self.descending { b.cmp(a) } else { a.cmp(b) });
    }

    /// The page that is asked for, as an entity listing of the service's document.
    pub fn page(&self, path: &str, entities: Vec<Value>) -> Value {
        let total = entities.len();
        let pages = total.div_ceil(self.page_size);
        let skipped = (self.page_number - 1).saturating_mul(self.page_size);
        let on_page: Vec<Value> = entities.into_iter().skip(skipped).take(self.page_size).collect();
        let address = |number: usize| self.address(path, number);
        let mut listing = json!({
            "entities": on_page,
            "pageSize": self.page_size,
            "pageNumber": self.page_number,
            "total": total,
            "pageCount": pages,
            "selfUri": address(self.page_number),
            "firstUri": address(1),
            "lastUri": address(pages.max(1)),
        });
        if self.page_number < pages {
            listing["nextUri"] = json!(address(self.page_number + 1));
        }
        if (2..=pages).contains(&self.page_number) {
            listing["previousUri"] = json!(address(self.page_number - 1));
        }
        listing
    }

    fn address(&self, path: &str, number: usize) -> String {
        let pages = [("pageSize", self.page_size.to_string()), ("pageNumber", number.to_string())];
        let pages = pages.iter().map(|(key, value)| (*key, value.as_str()));
        let filters = self.filters.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        // Only the query is taken from it; the host serves to make it a URL.
        match reqwest::Url::parse_with_params("http://localhost", pages.chain(filters)) {
            Ok(url) => format!("{path}?{}", url.query().unwrap_or_default()),
            Err(_) => path.to_owned(),
        }
    }
}

impl NameFilter {
    fn read(value: &str) -> Result<Self, Refusal> {
        match value {
            "Equals" => Ok(Self::Equals),
            "Contains" => Ok(Self::Contains),
            "Prefix" | "BeginsWith" => Ok(Self::Prefix),
            "EndsWith" => Ok(Self::Suffix),
            _ => Err(Refusal::invalid_value("filterType", &format!("the sandbox does not know `{value}`"))),
        }
    }

    fn takes(self, name: &str, wanted: &str) -> bool {
        // The user interface of the service searches without regard to case.
        let (name, wanted) = (name.to_lowercase(), wanted.to_lowercase());
        match self {
            Self::Equals => name == wanted,
            Self::Contains => name.contains(&wanted),
            Self::Prefix => name.starts_with(&wanted),
            Self::Suffix => name.ends_with(&wanted),
        }
    }
}

fn positive(key: &str, value: &str) -> Result<usize, Refusal> {
    let number = value.parse::<i32>().ok().and_then(|number| usize::try_from(number).ok());
    number.filter(|number| *number > 0).ok_or_else(|| Refusal::invalid_value(key, "must be a number from 1 on"))
}

fn is_descending(value: &str) -> Result<bool, Refusal> {
    match value {
        // The documented default really is `a`.
        "a" | "ascending" => Ok(false),
        "descending" => Ok(true),
        _ => Err(Refusal::invalid_value("sortOrder", "must be ascending or descending")),
    }
}

fn digital_type(value: &str) -> Result<String, Refusal> {
    match value {
        "EMAIL" | "SMS" | "WHATSAPP" => Ok(value.to_owned()),
        _ => Err(Refusal::invalid_value("type", "must be EMAIL, SMS or WHATSAPP")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, filters: Filters) -> Result<ListingQuery, Refusal> {
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).filter_map(|pair| pair.split_once('='));
        let parameters: Vec<_> = pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        ListingQuery::read(&parameters, filters)
    }

    #[test]
    fn filters_by_name_and_id() {
        for (query, taken) in [
            ("", true),
            ("name=Spring", true),
            ("name=Renewals", false),
            ("name=spring renewals&filterType=Equals", true),
            ("name=Spring&filterType=Equals", false),
            ("name=ing Ren&filterType=Contains", true),
            ("name=Renewals&filterType=EndsWith", true),
            ("id=c-0&id=c-1", true),
            ("id=c-0", false),
            ("id=c-1&name=Autumn", false),
        ] {
            assert_eq!(read(query, Filters::Campaigns).unwrap().takes("c-1", "Spring Renewals"), taken, "{query}");
        }
    }

    #[test]
    fn refuses_what_it_would_otherwise_ignore() {
        for (query, filters) in [
            ("pageSize=0", Filters::None),
            ("pageNumber=x", Filters::None),
            ("name=a", Filters::None),
            ("contactListId=a", Filters::Campaigns),
            ("filterType=RegEx", Filters::Campaigns),
            ("sortOrder=up", Filters::Campaigns),
            ("type=SMS", Filters::Campaigns),
            ("allowEmptyResult=true", Filters::Campaigns),
            ("id=a", Filters::Sequences),
            ("filterType=Equals", Filters::Digital),
            ("type=sms", Filters::Digital),
        ] {
            assert_eq!(read(query, filters).unwrap_err().status, 400, "{query}");
        }
    }

    #[test]
    fn pages_cover_everything_once_and_point_at_each_other() {
        let entities = || (0..5).map(Value::from).collect::<Vec<_>>();
        let page = |number: usize| {
            read(&format!("pageSize=2&pageNumber={number}&name=a b"), Filters::Campaigns)
                .unwrap()
                .page("/p", entities())
        };
        let seen: Vec<Value> = (1..=3).flat_map(|n| page(n)["entities"].as_array().unwrap().clone()).collect();
        assert_eq!(seen, entities());
        assert_eq!(page(1)["nextUri"], "/p?pageSize=2&pageNumber=2&name=a+b");
        assert_eq!(page(3)["previousUri"], "/p?pageSize=2&pageNumber=2&name=a+b");
        assert_eq!((page(1).get("previousUri"), page(3).get("nextUri")), (None, None));
        assert_eq!((&page(9)["entities"], &page(9)["pageCount"]), (&json!([]), &json!(3)));
        assert_eq!(read("pageSize=500", Filters::None).unwrap().page_size, 100);
    }
}
