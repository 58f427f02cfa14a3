//! What the privacy policy promises, as facts the program acts on: scopes, places, days, and where each piece of data lives.
//! Must not know a database; the store's tests hold it to the schema.

pub mod clauses;
pub mod documents;
pub mod erasure;
pub mod promises;
pub mod retention;
