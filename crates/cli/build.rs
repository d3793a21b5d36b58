//! How the command is linked.

fn main() {
    // Kept packed, what the loader puts right takes a fiftieth of its room, on disk and in memory (glibc 2.36).
    if std::env::var("CARGO_CFG_TARGET_ENV").is_ok_and(|libc| libc == "gnu") {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}
