//! Scripts, recipes and other files that a call runs.
