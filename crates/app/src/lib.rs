//! Everything the service does, without HTTP: use cases by noun, the publishing engine, media, privacy.
//!
//! Every use case takes an [`Actor`] and authorises first. Must not know pages, routes, cookies or request types.

pub mod actor;
pub mod alerts;
pub mod app;
pub mod avatars;
pub mod board;
pub mod calendar;
pub mod clock;
pub mod connections;
pub mod consents;
pub mod correction;
pub mod creator;
pub mod erasure;
pub mod error;
pub mod export;
pub mod guide;
pub mod health;
pub mod history;
pub mod inactivity;
pub mod incident;
pub mod keys;
pub mod labels;
pub mod live;
pub mod media;
pub mod nodes;
pub mod notices;
pub mod operators;
pub mod policy;
pub mod posts;
pub mod preferences;
pub mod promises;
pub mod publishing;
pub mod purge;
pub mod queue;
pub mod random;
pub mod requests;
pub mod rhythm;
pub mod sessions;
pub mod settings;
pub mod sheet;
pub mod sign_in;
pub mod snippets;
pub mod support;
pub mod surroundings;
pub mod tokens;
pub mod unconfirmed;
pub mod uploads;
mod webhooks;
pub mod your_data;

pub use actor::Actor;
pub use app::{App, AppParts};
pub use clock::{Clock, SystemClock};
pub use error::{Error, Result};
pub use random::{Random, SystemRandom};
pub use settings::Settings;
