//! The Kafka source against librdkafka's mock cluster: what a broker sends, dies of and forgets, with
//! a sequencer that crashes; and with the service itself, in this process and in one that is killed.

#[path = "../common/binary.rs"]
mod binary;
#[path = "../service/live.rs"]
#[allow(dead_code, reason = "tests/service uses the rest")]
mod live;
#[path = "../support/running.rs"]
#[allow(dead_code, reason = "tests/monitoring uses the rest")]
mod running;
#[path = "../support/said.rs"]
mod said;

mod bounds;
mod brokers;
mod crashes;
mod damaged;
mod feeds;
mod gaps;
mod journalled;
mod raw_batch;
mod rebalances;
mod served;
mod shared;
mod support;
mod topics;
