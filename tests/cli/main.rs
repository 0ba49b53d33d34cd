//! The program as its users see it: the built binary, run in a folder of its own, against a real
//! sandbox over HTTP.

mod campaign_schedules;
mod command_line;
mod edit_and_prune;
mod event_receiver;
mod events;
mod main_job;
mod manifests;
mod over_http;
mod readme;
mod support;
mod throttled;
mod virtual_time;
mod watching;
