//! Links, mounts, copies, data in build directories, blast radius.
