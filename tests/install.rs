//! Registering the guard in the client's settings, and looking after it, as a person does it: at a pseudo-terminal.
#![cfg(unix)]

#[path = "install/doctor.rs"]
mod doctor;
#[path = "support/executable.rs"]
mod executable;
#[path = "install/files.rs"]
mod files;
#[path = "install/kit.rs"]
mod kit;
#[path = "install/person.rs"]
mod person;
#[path = "install/property.rs"]
mod property;
#[path = "install/session.rs"]
mod session;
#[allow(dead_code)]
mod terminal;
