//! What is linked, and why.
