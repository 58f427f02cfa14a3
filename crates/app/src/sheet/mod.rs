//! The plan as a spreadsheet: what its columns are, reading one that somebody made, judging it row by row before anything is made of it, and
//! writing the plan so that it reads back as it was. Makes drafts only; consent is given on the pages.

mod judge;
mod plan;
mod read;
mod table;
mod write;

pub use judge::{DryRun, Fault, Found, Judged, Made};
pub use plan::PlanFilter;
pub use read::{COLUMNS_MAX, FILE_MAX_BYTES, ROWS_MAX};
pub use table::Column;
pub use write::Format;
pub(crate) use write::written;
