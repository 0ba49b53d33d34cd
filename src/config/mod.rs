//! `dialctl.yaml`, profiles of the vendor's `gc`, and the settings that flags, environment, file and defaults add
//! up to.

mod file;
mod freeze;
mod limits;
mod profile;
mod rules;
mod settings;
mod state;
mod webhooks;

pub use file::{ApiName, Config, ConfigFileError, IntervalZone, Verdict, config_schema};
pub use profile::{Profile, ProfileError};
pub use settings::{Environment, Flags, InvalidSetting, LONGEST_GRACE, Settings, Switches};
pub use state::{InvalidState, State};
