//! What the demo shows from its first minute: a person, two connected accounts and one video, made by the same use cases that
//! people use. Must not write to the database itself.

mod months;
mod sample;
mod seed;

pub use months::months;
pub use seed::seed;
