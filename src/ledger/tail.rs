//! The end of a file of lines, found from the back, however long the file is.

use std::io::{self, Read, Seek, SeekFrom};

/// How much is read at once, in bytes: a line of a usual ledger fits several times.
const BLOCK: u64 = 64 * 1024;

/// What stands at the end of a file of lines.
#[derive(Debug, PartialEq, Eq)]
pub struct Tail {
    /// The last line that ends with a line feed, without it.
    pub last_line: Option<Vec<u8>>,
    /// The length of all such lines together, in bytes.
    pub whole: u64,
    /// The length of the file, in bytes; what exceeds `whole` is a line that was never finished.
    pub len: u64,
}

/// Finds the end of a file of lines.
pub fn read(file: &mut (impl Read + Seek)) -> io::Result<Tail> {
    let len = file.seek(SeekFrom::End(0))?;
    let Some(end) = line_feed_before(file, len)? else {
        return Ok(Tail { last_line: None, whole: 0, len });
    };
    let start = line_feed_before(file, end)?.map_or(0, |position| position + 1);
    let line = read_span(file, start, end)?;
    Ok(Tail { last_line: Some(line), whole: end + 1, len })
}

fn line_feed_before(file: &mut (impl Read + Seek), mut end: u64) -> io::Result<Option<u64>> {
    while end > 0 {
        let start = end.saturating_sub(BLOCK);
        let block = read_span(file, start, end)?;
        if let Some(position) = block.iter().rposition(|&byte| byte == b'\n') {
            return Ok(Some(start + position as u64));
        }
        end = start;
    }
    Ok(None)
}

fn read_span(file: &mut (impl Read + Seek), start: u64, end: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(start))?;
    let mut span = Vec::new();
    file.take(end - start).read_to_end(&mut span)?;
    Ok(span)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn finds_the_last_whole_line_and_what_is_torn() {
        for (text, last_line, whole) in [
            ("", None, 0),
            ("torn", None, 0),
            ("one\n", Some("one"), 4),
            ("one\ntorn", Some("one"), 4),
            ("one\ntwo\n", Some("two"), 8),
            ("one\n\n", Some(""), 5),
            ("\n", Some(""), 1),
        ] {
            let tail = read(&mut Cursor::new(text)).unwrap();
            let last_line = last_line.map(|line| line.as_bytes().to_vec());
            assert_eq!(tail, Tail { last_line, whole, len: text.len() as u64 }, "{text:?}");
        }
    }

    #[test]
    fn lines_may_be_longer_than_a_block_or_end_at_its_edge() {
        let block = usize::try_from(BLOCK).unwrap();
        for length in [block - 2, block - 1, block, block + 1, 3 * block] {
            for torn in [0, 1, block - 1, block, 2 * block] {
                let line = "x".repeat(length);
                let text = format!("first\n{line}\n{}", "t".repeat(torn));
                let tail = read(&mut Cursor::new(&text)).unwrap();
                assert_eq!(tail.last_line.as_deref(), Some(line.as_bytes()), "{length} {torn}");
                assert_eq!((tail.whole, tail.len), ((length + 7) as u64, text.len() as u64));
            }
        }
    }
}
