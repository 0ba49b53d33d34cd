//! The program as its users see it: the built binary, run in a folder of its own, against a real
//! sandbox over HTTP.

mod apply_stream;
mod audit;
mod bad_input;
mod blackouts;
mod calendar;
mod campaign_schedules;
mod command_line;
mod corpus;
mod deliveries;
mod doctor;
mod edit_and_prune;
mod ending;
mod event_receiver;
mod events;
mod explain;
mod failing;
mod faulty_receiver;
mod formats;
mod freeze;
mod gate;
mod imminent;
mod judgement;
mod killed;
mod killer;
mod ledger_scripts;
mod limits;
mod live_capacity;
mod lock;
mod main_job;
mod manifests;
mod matrix;
mod metrics;
mod names;
mod network;
mod over_http;
mod plan_html;
mod plan_markdown;
mod plan_schema;
mod plan_scope;
mod policy;
mod protected;
mod readme;
mod requests;
mod sandbox;
mod saved_plan;
mod secrets;
mod since_last_apply;
mod support;
mod throttled;
mod two_applies;
mod virtual_time;
mod watching;
#[path = "../wire/mod.rs"]
#[expect(dead_code, reason = "what was asked for matters to the test of the contract alone")]
mod wire;
