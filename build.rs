//! Embedding reads whole folders; without this a file added to one of them would go unseen until something else changed.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=src/data");
}
