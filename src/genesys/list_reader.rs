//! Lists as the API gives them, whole or page by page, read item by item while they arrive. However long
//! a list is, no more of it is kept than the item that is not yet whole. Pure: bytes in, items out.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// The longest item that is taken in, in bytes: far above a schedule, far below the memory.
pub(super) const LONGEST_ITEM: usize = 1024 * 1024;

/// What takes the items of a list, each still to be read on its own, so that an odd one does not spoil the
/// others.
pub(super) trait Items {
    fn take(&mut self, item: Value);
}

impl Items for Vec<Value> {
    fn take(&mut self, item: Value) {
        self.push(item);
    }
}

/// Reads a plain array, or an object with `entities`, and hands each item on.
#[derive(Debug)]
pub(super) struct ListReader<T> {
    items: T,
    /// What has arrived and is not yet read.
    rest: Vec<u8>,
    /// How much there must be before it is worth looking again.
    enough: usize,
    place: Place,
    ending: Ending,
    has_entities: bool,
}

/// What a list says about itself once it is whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ending {
    /// Where the next page is.
    pub(super) next: Option<String>,
    /// How many pages there are.
    pub(super) count: Option<u64>,
}

/// Why something is no list, least of all an empty one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoList {
    /// It is not JSON, or it ends too early.
    #[error("the listing is not JSON")]
    Broken,
    /// It begins as neither.
    #[error("the listing is neither a list nor a page of one: check the API URL")]
    Another,
    /// It is an object without items.
    #[error("the listing has no `entities`: check the API URL")]
    NoEntities,
    /// One item is longer than is taken in.
    #[error("an item of the listing is longer than {} MiB", LONGEST_ITEM / 1024 / 1024)]
    LongItem,
}

/// Where the reader stands. `some` tells whether something came already, so that a comma is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Start,
    Items { in_page: bool, some: bool },
    Fields { some: bool },
    End,
}

/// A step that cannot be made with what has arrived.
enum Stuck {
    MoreNeeded,
    For(NoList),
}

impl<T: Items> ListReader<T> {
    /// A reader that hands each item on.
    pub(super) fn new(items: T) -> Self {
        let (rest, ending) = (Vec::new(), Ending::default());
        Self { items, rest, enough: 0, place: Place::Start, ending, has_entities: false }
    }

    /// Takes in what has arrived.
    ///
    /// # Errors
    /// When the whole cannot become a list any more.
    pub(super) fn push(&mut self, chunk: &[u8]) -> Result<(), NoList> {
        self.rest.extend_from_slice(chunk);
        if self.rest.len() < self.enough.min(LONGEST_ITEM) {
            return Ok(());
        }
        self.advance()?;
        if self.rest.len() > LONGEST_ITEM {
            return Err(NoList::LongItem);
        }
        // Each look reads the item from its beginning. Looking only after it has grown by a quarter keeps
        // the work in proportion to its length, however small the chunks are.
        self.enough = self.rest.len() + self.rest.len() / 4;
        Ok(())
    }

    /// What the list said about itself, and what took its items.
    ///
    /// # Errors
    /// When what has arrived is no list, or not all of one.
    pub(super) fn finish(mut self) -> Result<(Ending, T), NoList> {
        self.advance()?;
        match self.place {
            Place::End if self.has_entities => Ok((self.ending, self.items)),
            Place::End => Err(NoList::NoEntities),
            Place::Start | Place::Items { .. } | Place::Fields { .. } => Err(NoList::Broken),
        }
    }

    /// Reads as much as can be read, and forgets it.
    fn advance(&mut self) -> Result<(), NoList> {
        let rest = std::mem::take(&mut self.rest);
        let mut at = 0;
        let stuck = loop {
            match self.step(rest.get(at..).unwrap_or_default()) {
                Ok(read) => at += read,
                Err(stuck) => break stuck,
            }
        };
        self.rest = rest;
        self.rest.drain(..at);
        match stuck {
            Stuck::MoreNeeded => Ok(()),
            Stuck::For(why) => Err(why),
        }
    }

    /// Reads one bracket, field or item, and tells how many bytes that took.
    fn step(&mut self, bytes: &[u8]) -> Result<usize, Stuck> {
        let at = blank(bytes, 0);
        let first = *bytes.get(at).ok_or(Stuck::MoreNeeded)?;
        match self.place {
            Place::Start => {
                (self.place, self.has_entities) = match first {
                    b'[' => (Place::Items { in_page: false, some: false }, true),
                    b'{' => (Place::Fields { some: false }, false),
                    _ => return Err(Stuck::For(NoList::Another)),
                };
                Ok(at + 1)
            }
            Place::Items { in_page, some } => {
                if first == b']' {
                    self.place = if in_page { Place::Fields { some: true } } else { Place::End };
                    return Ok(at + 1);
                }
                let (item, end) = value(bytes, after_comma(at, first, some)?)?;
                self.items.take(item);
                self.place = Place::Items { in_page, some: true };
                Ok(end)
            }
            Place::Fields { some } => {
                if first == b'}' {
                    self.place = Place::End;
                    return Ok(at + 1);
                }
                let (field, end) = value::<String>(bytes, after_comma(at, first, some)?)?;
                self.field(&field, bytes, end)
            }
            Place::End => Err(Stuck::For(NoList::Broken)),
        }
    }

    /// Reads the value of a field, from the end of its name on; of the items only their bracket.
    fn field(&mut self, name: &str, bytes: &[u8], end: usize) -> Result<usize, Stuck> {
        let colon = blank(bytes, end);
        match bytes.get(colon) {
            Some(b':') => {}
            Some(_) => return Err(Stuck::For(NoList::Broken)),
            None => return Err(Stuck::MoreNeeded),
        }
        let at = blank(bytes, colon + 1);
        let is_list = *bytes.get(at).ok_or(Stuck::MoreNeeded)? == b'[';
        if name == "entities" && is_list {
            self.has_entities = true;
            self.place = Place::Items { in_page: true, some: false };
            return Ok(at + 1);
        }
        let (value, end) = value::<Value>(bytes, at)?;
        match name {
            "nextUri" => self.ending.next = value.as_str().filter(|next| !next.is_empty()).map(str::to_owned),
            "pageCount" => self.ending.count = value.as_u64(),
            _ => {}
        }
        self.place = Place::Fields { some: true };
        Ok(end)
    }
}

/// The first position from `at` on that is not white space.
fn blank(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).count()
}

/// Where what comes next begins: behind a comma, if something came before it.
fn after_comma(at: usize, first: u8, some: bool) -> Result<usize, Stuck> {
    match (some, first) {
        (false, _) => Ok(at),
        (true, b',') => Ok(at + 1),
        (true, _) => Err(Stuck::For(NoList::Broken)),
    }
}

/// The value that begins at a position, and where it ends.
fn value<V: DeserializeOwned>(bytes: &[u8], at: usize) -> Result<(V, usize), Stuck> {
    let bytes_left = bytes.get(at..).unwrap_or_default();
    let mut values = serde_json::Deserializer::from_slice(bytes_left).into_iter::<V>();
    match values.next() {
        // A number may go on in the next chunk. In a list something always follows.
        Some(Ok(_)) if values.byte_offset() == bytes_left.len() => Err(Stuck::MoreNeeded),
        Some(Ok(_)) if values.byte_offset() > LONGEST_ITEM => Err(Stuck::For(NoList::LongItem)),
        Some(Ok(value)) => Ok((value, at + values.byte_offset())),
        Some(Err(error)) if !error.is_eof() => Err(Stuck::For(NoList::Broken)),
        Some(Err(_)) | None => Err(Stuck::MoreNeeded),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    /// Reads a text that arrives in chunks of these lengths, over and over.
    fn read(text: &str, lengths: &[usize]) -> Result<(Vec<Value>, Ending), NoList> {
        let mut reader = ListReader::new(Vec::new());
        let mut rest = text.as_bytes();
        for length in lengths.iter().cycle() {
            let (chunk, later) = rest.split_at((*length).min(rest.len()));
            reader.push(chunk)?;
            rest = later;
            if rest.is_empty() {
                break;
            }
        }
        reader.finish().map(|(ending, items)| (items, ending))
    }

    fn page(next: Option<&str>, count: Option<u64>) -> Ending {
        Ending { next: next.map(str::to_owned), count }
    }

    #[test]
    fn lists_and_pages_are_told_from_everything_else_wherever_they_are_cut() {
        let items = |items: Value| items.as_array().unwrap().clone();
        for (text, expected) in [
            ("[]", Ok((vec![], page(None, None)))),
            (" [ 1 , {\"a\": [\"]\"]} ]\n", Ok((items(json!([1, {"a": ["]"]}])), page(None, None)))),
            (r#"["\"é\\", 12.5e3, null, []]"#, Ok((items(json!(["\"é\\", 12.5e3, null, []])), page(None, None)))),
            (
                r#"{"pageCount": 3, "entities": [{"id": "a"}], "nextUri": "/x?p=2", "facets": {"entities": []}}"#,
                Ok((items(json!([{"id": "a"}])), page(Some("/x?p=2"), Some(3)))),
            ),
            (r#"{"entities": [], "nextUri": "", "pageCount": null}"#, Ok((vec![], page(None, None)))),
            ("{}", Err(NoList::NoEntities)),
            (r#"{"entities": null}"#, Err(NoList::NoEntities)),
            (r#""none""#, Err(NoList::Another)),
            ("17", Err(NoList::Another)),
            ("", Err(NoList::Broken)),
            ("<html>", Err(NoList::Another)),
            ("[1", Err(NoList::Broken)),
            ("[1 2]", Err(NoList::Broken)),
            ("[1,]", Err(NoList::Broken)),
            ("[,1]", Err(NoList::Broken)),
            ("[1]]", Err(NoList::Broken)),
            ("[nul]", Err(NoList::Broken)),
            (r#"{"entities": [1]"#, Err(NoList::Broken)),
            (r#"{"entities" [1]}"#, Err(NoList::Broken)),
            (r#"{"entities": [1],}"#, Err(NoList::Broken)),
            (r#"{entities: [1]}"#, Err(NoList::Broken)),
        ] {
            for length in 1..=text.len().max(1) {
                assert_eq!(read(text, &[length]), expected, "{text} in chunks of {length}");
            }
        }
    }

    #[test]
    fn the_length_of_an_item_is_bounded_and_that_of_the_list_is_not() {
        let item = format!("\"{}\"", "x".repeat(LONGEST_ITEM / 2));
        let list = format!("[{}]", vec![item; 8].join(","));
        assert_eq!(read(&list, &[16 * 1024]).unwrap().0.len(), 8);
        let long = format!("[\"{}\"]", "x".repeat(LONGEST_ITEM + 1));
        let long_name = format!("{{\"{}\": 1}}", "x".repeat(LONGEST_ITEM + 1));
        for text in [&long, &long_name] {
            for length in [999, 16 * 1024, text.len()] {
                // Not by comparison: what differs would be printed at its full length.
                assert!(matches!(read(text, &[length]), Err(NoList::LongItem)), "{length}");
            }
        }
    }

    fn json_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,6}|[\"\\\\\\]},]{0,3}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::hash_map("[a-z\"]{0,3}", inner, 0..3)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_list_cut_anywhere_is_read_as_a_whole(
            items in prop::collection::vec(json_value(), 0..6),
            lengths in prop::collection::vec(1_usize..9, 1..5),
            pretty in any::<bool>(),
        ) {
            let text = |value: &Value| if pretty { format!("{value:#}") } else { value.to_string() };
            prop_assert_eq!(read(&text(&json!(items)), &lengths).unwrap().0, items.clone());
            let paged = json!({"entities": items, "nextUri": "/next", "pageCount": 7, "total": items.len()});
            prop_assert_eq!(read(&text(&paged), &lengths).unwrap(), (items, page(Some("/next"), Some(7))));
        }

        #[test]
        fn a_list_cut_short_is_no_list(items in prop::collection::vec(json_value(), 0..4), cut in any::<prop::sample::Index>()) {
            let whole = json!(items).to_string();
            let cut = cut.index(whole.len());
            if whole.is_char_boundary(cut) {
                prop_assert_eq!(read(&whole[..cut], &[5]), Err(NoList::Broken));
            }
        }
    }
}
