//! Pages: one file per page, each a struct with a sample and its markup. Must hold no rule of the product.

pub mod gallery;
pub mod landing;
pub mod legal;
pub mod not_found;

#[cfg(test)]
pub(crate) mod check;
