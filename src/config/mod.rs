//! `dialctl.yaml`, and the settings that flags, environment, file and defaults add up to.

mod file;
mod rules;
mod settings;

pub use file::{ApiName, ConfigFile, ConfigFileError, IntervalZone, Verdict, config_schema};
pub use settings::{Environment, Flags, InvalidSetting, Settings, Switches};
