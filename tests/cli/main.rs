//! The program as its users see it: the built binary, run in a folder of its own, against a real
//! sandbox over HTTP.

mod main_job;
mod readme;
mod support;
