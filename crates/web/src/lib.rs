//! Everything with HTTP: pages, components, assets, languages and headers. Owns no rule of the product:
//! pages call the use cases of `app` and show what comes back.

#[macro_use]
mod message;

pub mod assets;
pub mod avatar;
pub mod documents;
pub mod error;
mod gate;
mod health;
pub mod live;
pub mod locale;
pub mod media;
pub mod operator;
pub mod pages;
pub mod push;
pub mod requests;
pub mod router;
pub mod security_headers;
pub mod serve;
pub mod session;
pub mod state;
pub mod throttle;
pub mod ui;
pub mod uploads;
pub mod webhook;
pub mod words;

pub use router::router;
pub use state::WebState;
