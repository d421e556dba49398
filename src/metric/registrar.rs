//! How families come to be, with all their series.
//!
//! In: declarations. Out: handles by label value, and what was declared. Must hold: a family that is not
//! said to be absent at first has every combination of its label values from the start.

use prometheus::core::Collector;
use prometheus::{
    Counter, CounterVec, Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter,
    IntCounterVec, Opts, Registry,
};

use super::bounds::{BoundsError, OTHER};
use super::family::{Family, Kind, LabelNames, Spec};
use super::handle::{By, By2, Info, Once, Sometimes};
use super::label::Label;

/// One label of a family: its name, values, and what is told of them.
pub(super) struct Dimension {
    name: &'static str,
    values: Vec<String>,
    told: LabelNames,
}

impl Dimension {
    /// A label whose values are known when the program is built.
    pub(super) fn of<L: Label>() -> Self {
        let values: Vec<&'static str> = L::ALL.iter().map(|value| value.text()).collect();
        Self {
            name: L::NAME,
            values: values.iter().map(|value| (*value).to_owned()).collect(),
            told: LabelNames::Known(values),
        }
    }

    /// A label whose values are known when the service starts.
    pub(super) fn at_start<'a>(
        name: &'static str,
        words: &'static str,
        values: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        Self {
            name,
            values: values.into_iter().map(str::to_owned).collect(),
            told: LabelNames::AtStart(words),
        }
    }

    /// The same, and `other`.
    pub(super) fn or_other(mut self) -> Self {
        self.values.push(OTHER.to_owned());
        self
    }
}

/// Registers families.
pub(super) struct Registrar {
    registry: Registry,
    families: Vec<Family>,
    subject: &'static str,
}

type Made<T> = Result<T, BoundsError>;

impl Registrar {
    pub(super) fn new() -> Self {
        Self {
            registry: Registry::new(),
            families: Vec::new(),
            subject: "",
        }
    }

    /// Families declared from now on stand under this heading.
    pub(super) fn subject(&mut self, subject: &'static str) {
        self.subject = subject;
    }

    /// The registry, and what was declared.
    pub(super) fn finish(self) -> (Registry, Vec<Family>) {
        (self.registry, self.families)
    }

    pub(super) fn counter(&mut self, spec: Spec) -> Made<IntCounter> {
        let mut children = self.counters(spec, vec![])?;
        Ok(children.swap_remove(0))
    }

    pub(super) fn counter_by<A: Label>(&mut self, spec: Spec) -> Made<By<A, IntCounter>> {
        Ok(By::new(self.counters(spec, vec![Dimension::of::<A>()])?))
    }

    pub(super) fn counter_by2<A: Label, B: Label>(
        &mut self,
        spec: Spec,
    ) -> Made<By2<A, B, IntCounter>> {
        let dimensions = vec![Dimension::of::<A>(), Dimension::of::<B>()];
        Ok(By2::new(self.counters(spec, dimensions)?))
    }

    /// Counters by any labels, the last label running fastest.
    pub(super) fn counters(&mut self, spec: Spec, labels: Vec<Dimension>) -> Made<Vec<IntCounter>> {
        let vector = IntCounterVec::new(options(spec), &names(&labels));
        self.all(Kind::Counter, spec, labels, vector, |vector, values| {
            vector.get_metric_with_label_values(values)
        })
    }

    /// Counters of parts of a unit.
    pub(super) fn float_counters(
        &mut self,
        spec: Spec,
        labels: Vec<Dimension>,
    ) -> Made<Vec<Counter>> {
        let vector = CounterVec::new(options(spec), &names(&labels));
        self.all(Kind::Counter, spec, labels, vector, |vector, values| {
            vector.get_metric_with_label_values(values)
        })
    }

    pub(super) fn gauge(&mut self, spec: Spec) -> Made<Gauge> {
        let mut children = self.gauges(spec, vec![])?;
        Ok(children.swap_remove(0))
    }

    pub(super) fn gauge_by<A: Label>(&mut self, spec: Spec) -> Made<By<A, Gauge>> {
        Ok(By::new(self.gauges(spec, vec![Dimension::of::<A>()])?))
    }

    pub(super) fn gauge_by2<A: Label, B: Label>(&mut self, spec: Spec) -> Made<By2<A, B, Gauge>> {
        let dimensions = vec![Dimension::of::<A>(), Dimension::of::<B>()];
        Ok(By2::new(self.gauges(spec, dimensions)?))
    }

    /// Gauges by any labels.
    pub(super) fn gauges(&mut self, spec: Spec, labels: Vec<Dimension>) -> Made<Vec<Gauge>> {
        let vector = GaugeVec::new(options(spec), &names(&labels));
        self.all(Kind::Gauge, spec, labels, vector, |vector, values| {
            vector.get_metric_with_label_values(values)
        })
    }

    /// A gauge that is absent until it is told.
    pub(super) fn once(&mut self, spec: Spec) -> Made<Once> {
        let vector = self.absent(spec, vec![])?;
        Ok(Once(vector))
    }

    /// A gauge that is absent while there is nothing to tell.
    pub(super) fn sometimes<A: Label>(&mut self, spec: Spec) -> Made<Sometimes<A>> {
        let vector = self.absent(spec, vec![Dimension::of::<A>()])?;
        Ok(Sometimes::new(vector))
    }

    /// A gauge that is 1.
    pub(super) fn info(&mut self, spec: Spec, labels: Vec<Dimension>) -> Made<Info> {
        Ok(Info(self.absent(spec, labels)?))
    }

    /// A gauge of any labels, absent while there is nothing to tell.
    pub(super) fn absent(&mut self, spec: Spec, labels: Vec<Dimension>) -> Made<GaugeVec> {
        let vector = GaugeVec::new(options(spec), &names(&labels));
        let vector = self.register(spec, vector)?;
        self.declare(Kind::Gauge, spec, labels, &[], true);
        Ok(vector)
    }

    pub(super) fn histogram(&mut self, spec: Spec, buckets: &'static [f64]) -> Made<Histogram> {
        let mut children = self.histograms(spec, buckets, vec![])?;
        Ok(children.swap_remove(0))
    }

    pub(super) fn histogram_by<A: Label>(
        &mut self,
        spec: Spec,
        buckets: &'static [f64],
    ) -> Made<By<A, Histogram>> {
        Ok(By::new(self.histograms(
            spec,
            buckets,
            vec![Dimension::of::<A>()],
        )?))
    }

    /// Histograms by any labels.
    pub(super) fn histograms(
        &mut self,
        spec: Spec,
        buckets: &'static [f64],
        labels: Vec<Dimension>,
    ) -> Made<Vec<Histogram>> {
        let options = HistogramOpts::from(options(spec)).buckets(buckets.to_vec());
        let vector = HistogramVec::new(options, &names(&labels));
        let children = self.all(Kind::Histogram, spec, labels, vector, |vector, values| {
            vector.get_metric_with_label_values(values)
        })?;
        if let Some(family) = self.families.last_mut() {
            family.buckets = buckets;
        }
        Ok(children)
    }

    /// Histograms of these combinations of label values alone.
    pub(super) fn listed_histograms<const N: usize>(
        &mut self,
        spec: Spec,
        buckets: &'static [f64],
        labels: Vec<Dimension>,
        combinations: &[[&str; N]],
    ) -> Made<Vec<Histogram>> {
        let options = HistogramOpts::from(options(spec)).buckets(buckets.to_vec());
        let vector = self.register(spec, HistogramVec::new(options, &names(&labels)))?;
        let children = combinations
            .iter()
            .map(|values| vector.get_metric_with_label_values(values));
        let children: Result<Vec<Histogram>, _> = children.collect();
        let children = children.map_err(|error| refused(spec, &error))?;
        self.declare(Kind::Histogram, spec, labels, buckets, false);
        Ok(children)
    }

    /// Registers a vector and makes a child of each combination.
    fn all<V: Collector + Clone + 'static, M>(
        &mut self,
        kind: Kind,
        spec: Spec,
        labels: Vec<Dimension>,
        vector: prometheus::Result<V>,
        child: impl Fn(&V, &[&str]) -> prometheus::Result<M>,
    ) -> Made<Vec<M>> {
        let vector = self.register(spec, vector)?;
        let children = combinations(&labels);
        let children = children.iter().map(|values| child(&vector, values));
        let children: Result<Vec<M>, _> = children.collect();
        let children = children.map_err(|error| refused(spec, &error))?;
        self.declare(kind, spec, labels, &[], false);
        Ok(children)
    }

    fn register<V: Collector + Clone + 'static>(
        &self,
        spec: Spec,
        vector: prometheus::Result<V>,
    ) -> Made<V> {
        let vector = vector.map_err(|error| refused(spec, &error))?;
        let registered = self.registry.register(Box::new(vector.clone()));
        registered.map_err(|error| refused(spec, &error))?;
        Ok(vector)
    }

    fn declare(
        &mut self,
        kind: Kind,
        spec: Spec,
        labels: Vec<Dimension>,
        buckets: &'static [f64],
        is_absent_at_first: bool,
    ) {
        self.families.push(Family {
            name: spec.name,
            kind,
            unit: spec.unit,
            help: spec.help,
            labels: labels
                .into_iter()
                .map(|label| (label.name, label.told))
                .collect(),
            buckets,
            is_absent_at_first,
            subject: self.subject,
        });
    }
}

/// Every combination of label values, the last label running fastest.
fn combinations(labels: &[Dimension]) -> Vec<Vec<&str>> {
    let mut combinations: Vec<Vec<&str>> = vec![vec![]];
    for label in labels {
        let longer = combinations.iter().flat_map(|earlier| {
            let values = label.values.iter();
            values.map(|value| [earlier.as_slice(), &[value.as_str()]].concat())
        });
        combinations = longer.collect();
    }
    combinations
}

fn options(spec: Spec) -> Opts {
    Opts::new(spec.name, spec.help)
}

fn names(labels: &[Dimension]) -> Vec<&'static str> {
    labels.iter().map(|label| label.name).collect()
}

fn refused(spec: Spec, error: &prometheus::Error) -> BoundsError {
    BoundsError::Family {
        name: spec.name,
        message: error.to_string(),
    }
}
