//! Rebuilds the crate when a migration changes: the migrations are embedded while compiling.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
