//! The Kafka source against librdkafka's mock cluster: what a broker sends, dies of and forgets, with
//! a sequencer that crashes.

mod bounds;
mod brokers;
mod crashes;
mod damaged;
mod gaps;
mod raw_batch;
mod rebalances;
mod support;
mod topics;
