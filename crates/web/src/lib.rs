//! Everything with HTTP: pages, components, assets, languages and headers. Owns no rule of the product:
//! pages call the use cases of `app` and show what comes back.

#[macro_use]
mod message;

pub mod assets;
pub mod locale;
pub mod pages;
pub mod security_headers;
pub mod ui;
