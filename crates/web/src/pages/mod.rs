//! Pages: one file per page, each a struct with a sample and its markup. Must hold no rule of the product.

pub mod compose;
pub mod connect;
pub mod connections;
pub mod gallery;
pub mod history;
pub mod landing;
pub mod legal;
pub mod library;
pub mod not_found;
pub mod post;
pub mod queue;
pub mod settings;

#[cfg(test)]
pub(crate) mod check;
#[cfg(test)]
pub(crate) mod samples;
