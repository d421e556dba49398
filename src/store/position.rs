//! How far a partition of a source was read.

/// A position that an epoch reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The source, as the settings call it.
    pub source: String,
    /// The partition.
    pub partition: String,
    /// The position, as the source writes it.
    pub position: String,
}

/// A position as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPosition {
    /// The position.
    pub position: Position,
    /// The epoch that reached it.
    pub epoch: u64,
}
