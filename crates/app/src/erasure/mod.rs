//! Erasure: a disconnected account and a person who leaves are forgotten, provably and in time.
//!
//! Owns the wish, its receipt and its undo. The work itself is `work`, revoking at TikTok `tickets`, and what survives the restore of
//! an older backup `marks`. Must not decide how rows are deleted: that is the store's.

mod marks;
mod operator;
pub mod receipts;
mod restored;
mod rewriting;
mod tickets;
mod wish;
mod work;

pub use marks::Marks;
pub(crate) use marks::Said;
pub use operator::{Found, HoldWish, Target};
pub use restored::Replayed;
pub use rewriting::OVERDUE_MS;
pub(crate) use tickets::{Told, first_try_again, tell_with, ticket_ends};
pub(crate) use wish::By;
pub use wish::{Leaving, Receipt, ReceiptView};
pub use work::{ErasureRound, run_eraser};
