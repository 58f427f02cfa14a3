//! Tests of the compare-and-set and the claim on both engines.
