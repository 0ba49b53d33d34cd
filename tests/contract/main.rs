//! What the real client sends and what the sandbox answers, seen on the wire between them, against
//! the service's OpenAPI document.

mod answers;
mod campaign_schedules;
mod conversation;
mod document;
#[path = "../memory/mod.rs"]
#[expect(dead_code, reason = "tests of the engine put schedules in memory as they are")]
mod memory;
mod suite;
#[path = "../wire/mod.rs"]
#[expect(dead_code, reason = "scripted answers belong to the tests of the command line")]
mod wire;
