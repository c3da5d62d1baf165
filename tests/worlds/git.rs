//! State of git repositories.
