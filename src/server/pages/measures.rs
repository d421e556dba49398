//! The data measures of the running service, for the page of them.

use std::sync::Arc;
use std::time::Duration;

use crate::measure::Measured;
use crate::service::MeasuredFeed;
use crate::web::pages::DataMeasures;

/// For how long a page waits for a report of now, before it shows the last one.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the running service measures.
pub(in crate::server) struct ServiceMeasures(pub(in crate::server) Arc<MeasuredFeed>);

impl DataMeasures for ServiceMeasures {
    fn measured(&self) -> Option<Arc<Measured>> {
        self.0.report(PATIENCE)
    }
}
