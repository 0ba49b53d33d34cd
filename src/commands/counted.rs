//! Numbers of things in words.

/// For example `1 event`, `2 events`.
pub fn counted(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}
