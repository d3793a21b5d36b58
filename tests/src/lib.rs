//! Tests of the whole house: its architecture, and its binaries from outside.
