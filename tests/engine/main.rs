//! The engine as the command line drives it: the real client against a real sandbox over HTTP, plans
//! compared and carried out through the library. Waits pass on a virtual clock.

mod fake_api;
mod faults;
mod lost_and_late;
mod order;
mod properties;
mod races;
mod records;
mod relay;
mod schedules;
mod subject;
mod timetables;
mod world;
