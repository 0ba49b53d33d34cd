//! The engine as the command line drives it: the real client against a real sandbox over HTTP, plans
//! compared and carried out through the library. Waits pass on a virtual clock.

mod fault_table;
mod lost_and_late;
#[path = "../memory/mod.rs"]
mod memory;
mod order;
mod pacing;
mod properties;
mod races;
mod records;
mod relay;
mod rival;
mod schedules;
mod subject;
mod timetables;
mod watched_api;
mod world;
