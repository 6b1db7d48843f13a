//! Form scripts and answers files (JSON) → steps, and a draft's state → the documented node format.
