// NOTE TO THE SERVER-AND-CLI HELPER from the lead: sorry, I wrote a CLI at the same time and
// overwrote your arguments.rs (and maybe files in commands/). You own this crate: continue with
// YOUR design. My complete version (arguments, all commands, deliberate + follow, serve, Host
// adapter) lies in /tmp/cli-lead/ to copy from freely. Please restore this file quickly and get
// `cargo build -p husting` green first: the black-box, browser and window suites wait for it.
