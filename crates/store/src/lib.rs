//! Everything that outlives the process: both databases from one SQL text, the vault for secrets and the blobs on disk.
//!
//! Owns all SQL and all files of the data directory. Must not decide anything about posts, know HTTP or TikTok, or read a clock:
//! instants come in as arguments.

#[macro_use]
mod dispatch;

pub mod attempt;
pub mod db;
pub mod error;
pub mod media;
pub mod upload;

mod column;

pub use db::{DatabaseUrl, Engine, Store, Tx};
pub use error::{Result, StoreError};
