//! The demo: the service and a simulated TikTok in one process, with something to see from the first minute.

mod sample;
