//! The frame of the page: what it may do, how it looks, and the little that its script adds.

use std::fmt::{self, Display};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::escape::text;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// A page with a title. Of styles and scripts it obeys its own only, and it may load nothing at all, whatever
/// slipped into it.
pub fn page(title: &str, body: impl Display) -> impl Display {
    fmt::from_fn(move |f| {
        write!(
            f,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '{}'; \
             script-src '{}'; base-uri 'none'; form-action 'none'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\
             <script>{SCRIPT}</script>\n</body>\n</html>\n",
            hash(STYLE),
            hash(SCRIPT),
            text(&format!("dialctl plan: {title}")),
        )
    })
}

fn hash(content: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(content)))
}
