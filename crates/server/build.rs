//! New pages are embedded by the next build, also when only their names changed.

fn main() {
    println!("cargo::rerun-if-changed=../../ui/dist");
}
