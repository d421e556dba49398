//! What operators are told of a Kafka source as it happens.
//!
//! In: what the client and the brokers say. Out: events of names, numbers and kinds. Must hold: no
//! text of a broker or of the client library is passed on, since nobody can say what is in it.

use std::fmt;
use std::sync::Arc;

use rdkafka::types::RDKafkaErrorCode as Code;

/// Takes events; called on the source's own thread, so it must return at once.
pub type Observer = Arc<dyn Fn(&KafkaEvent) + Send + Sync>;

/// Something that operators may have to act on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KafkaEvent {
    /// The group gave this member partitions.
    Assigned {
        /// How many it now has.
        partitions: usize,
    },
    /// The group took partitions away.
    Revoked {
        /// How many.
        partitions: usize,
        /// Whether the group had given them to another member before this one let go.
        is_lost: bool,
    },
    /// Offsets were deleted before they were taken; reading goes on after them. Some of them may
    /// have been marks of transactions, which are no rows.
    Gap {
        /// `topic/partition`.
        partition: Arc<str>,
        /// The first missing offset.
        from: u64,
        /// The first offset that is there again.
        to: u64,
    },
    /// A partition is not read any more until the source is started anew.
    Halted {
        /// `topic/partition`.
        partition: Arc<str>,
        /// Why.
        halt: Halt,
    },
    /// Another member had already delivered some of these rows; they were dropped and reading goes
    /// on from the durable positions.
    Moved,
    /// A batch of messages is damaged, or compressed in a way that this build cannot read. It is
    /// tried again; until it can be read, the source stands still.
    Unreadable,
    /// The brokers or the network refuse something; it is tried again.
    Error {
        /// What kind of error it is.
        kind: ErrorKind,
        /// Its name in the protocol.
        code: String,
    },
    /// The client could not go on and is made anew.
    Restarted {
        /// What kind of error made it so.
        kind: ErrorKind,
    },
}

/// Why a partition is not read any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Halt {
    /// It ends before the durable position: the topic was deleted and made anew, or its brokers
    /// lost what was taken. Read it under another source name, or restore the topic.
    EndsBefore {
        /// The durable position.
        position: u64,
        /// Where the partition ends.
        end: u64,
    },
    /// The journal's position is no offset.
    BadPosition,
}

/// What kind of error it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No broker answers.
    Unreachable,
    /// The brokers do not accept who this is, or TLS failed.
    Authentication,
    /// This user may not read the topic or use the group.
    Authorization,
    /// The topic does not exist (yet).
    UnknownTopic,
    /// The group refuses this member.
    Group,
    /// The offset that was asked for is not there.
    OutOfRange,
    /// Messages that cannot be decoded.
    Unreadable,
    /// Anything else.
    Other,
}

impl ErrorKind {
    /// A short stable name, for a metric's label.
    pub fn name(self) -> &'static str {
        match self {
            ErrorKind::Unreachable => "unreachable",
            ErrorKind::Authentication => "authentication",
            ErrorKind::Authorization => "authorization",
            ErrorKind::UnknownTopic => "unknown_topic",
            ErrorKind::Group => "group",
            ErrorKind::OutOfRange => "out_of_range",
            ErrorKind::Unreadable => "unreadable",
            ErrorKind::Other => "other",
        }
    }

    /// The kind of a protocol or client error.
    pub(super) fn of(code: Code) -> Self {
        match code {
            Code::BrokerTransportFailure
            | Code::AllBrokersDown
            | Code::Resolve
            | Code::OperationTimedOut
            | Code::RequestTimedOut
            | Code::BrokerNotAvailable
            | Code::NetworkException
            | Code::LeaderNotAvailable
            | Code::NotLeaderForPartition
            | Code::CoordinatorNotAvailable
            | Code::CoordinatorLoadInProgress
            | Code::NotCoordinator => ErrorKind::Unreachable,
            Code::Authentication
            | Code::SaslAuthenticationFailed
            | Code::SSL
            | Code::UnsupportedSASLMechanism
            | Code::IllegalSASLState => ErrorKind::Authentication,
            Code::TopicAuthorizationFailed
            | Code::GroupAuthorizationFailed
            | Code::ClusterAuthorizationFailed => ErrorKind::Authorization,
            Code::UnknownTopicOrPartition
            | Code::UnknownTopic
            | Code::UnknownPartition
            | Code::InvalidTopic => ErrorKind::UnknownTopic,
            Code::IllegalGeneration
            | Code::UnknownMemberId
            | Code::RebalanceInProgress
            | Code::InconsistentGroupProtocol
            | Code::InvalidGroupId
            | Code::InvalidSessionTimeout
            | Code::GroupMaxSizeReached
            | Code::FencedInstanceId
            | Code::PollExceeded
            | Code::AssignmentLost => ErrorKind::Group,
            Code::AutoOffsetReset | Code::OffsetOutOfRange | Code::LogTruncation => {
                ErrorKind::OutOfRange
            }
            Code::BadMessage
            | Code::BadCompression
            | Code::InvalidMessage
            | Code::InvalidRecord
            | Code::InvalidMessageSize
            | Code::MessageSizeTooLarge
            | Code::NotImplemented
            | Code::UnsupportedCompressionType
            | Code::Underflow
            | Code::Partial => ErrorKind::Unreadable,
            _ => ErrorKind::Other,
        }
    }
}

impl fmt::Display for KafkaEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KafkaEvent::Assigned { partitions } => write!(f, "has {partitions} partitions"),
            KafkaEvent::Revoked {
                partitions,
                is_lost: false,
            } => write!(f, "gave back {partitions} partitions"),
            KafkaEvent::Revoked { partitions, .. } => {
                write!(f, "lost {partitions} partitions to another member")
            }
            KafkaEvent::Gap {
                partition,
                from,
                to,
            } => write!(
                f,
                "{partition}: offsets {from} to {} were deleted before they were taken; lengthen \
                 the topic's retention, and send what is missing again",
                to.saturating_sub(1)
            ),
            KafkaEvent::Halted { partition, halt } => write!(f, "{partition}: {halt}"),
            KafkaEvent::Moved => f.write_str(
                "another member delivered first; reading goes on from the durable positions",
            ),
            KafkaEvent::Unreadable => f.write_str(
                "a batch of messages cannot be decoded and is tried again; repair or delete it at \
                 the broker, and check that its compression is one of gzip, snappy, lz4 and zstd",
            ),
            KafkaEvent::Error { kind, code } => write!(f, "{}: {code}", kind.name()),
            KafkaEvent::Restarted { kind } => {
                write!(f, "the client is made anew after an error: {}", kind.name())
            }
        }
    }
}

impl fmt::Display for Halt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Halt::EndsBefore { position, end } => write!(
                f,
                "it ends at {end}, before the durable position {position}, and is not read on; was \
                 the topic made anew? Then read it under another source name"
            ),
            Halt::BadPosition => f.write_str(
                "its position in the journal is no offset, and it is not read; was the source's \
                 name used for another kind of source?",
            ),
        }
    }
}
