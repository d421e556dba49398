//! Handles on the series of a family, by the values of its labels.
//!
//! In: values of labels, as types. Out: the series. Must hold: no handle makes a series of a value that is
//! not its label's.

use std::marker::PhantomData;
use std::sync::{Mutex, PoisonError};

use prometheus::{Gauge, GaugeVec};

use super::label::Label;
use crate::record::Instant;

/// A metric by the values of one label.
pub(super) struct By<A, M> {
    children: Vec<M>,
    label: PhantomData<fn(A)>,
}

impl<A: Label, M> By<A, M> {
    /// Of the metrics in the order of the label's values.
    pub(super) fn new(children: Vec<M>) -> Self {
        Self {
            children,
            label: PhantomData,
        }
    }

    pub(super) fn of(&self, value: A) -> &M {
        &self.children[value.index()]
    }
}

/// A metric by the values of two labels.
pub(super) struct By2<A, B, M> {
    children: Vec<M>,
    labels: PhantomData<fn(A, B)>,
}

impl<A: Label, B: Label, M> By2<A, B, M> {
    /// Of the metrics in the order of the labels' values, the second running fastest.
    pub(super) fn new(children: Vec<M>) -> Self {
        Self {
            children,
            labels: PhantomData,
        }
    }

    pub(super) fn of(&self, first: A, second: B) -> &M {
        &self.children[first.index() * B::ALL.len() + second.index()]
    }
}

/// A gauge by the values of a label, absent while there is nothing to tell.
pub(super) struct Sometimes<A> {
    vector: GaugeVec,
    present: Vec<Mutex<Option<Gauge>>>,
    label: PhantomData<fn(A)>,
}

impl<A: Label> Sometimes<A> {
    pub(super) fn new(vector: GaugeVec) -> Self {
        Self {
            vector,
            present: A::ALL.iter().map(|_| Mutex::new(None)).collect(),
            label: PhantomData,
        }
    }

    /// What is told, if it is.
    pub(super) fn get(&self, label: A) -> Option<f64> {
        let present = self.present[label.index()]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        present.as_ref().map(Gauge::get)
    }

    pub(super) fn set(&self, label: A, value: Option<f64>) {
        let mut present = self.present[label.index()]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match (value, &*present) {
            (Some(value), Some(gauge)) => gauge.set(value),
            (Some(value), None) => {
                let gauge = self.vector.with_label_values(&[label.text()]);
                gauge.set(value);
                *present = Some(gauge);
            }
            (None, Some(_)) => {
                // It fails only for a series that is not there.
                let _ = self.vector.remove_label_values(&[label.text()]);
                *present = None;
            }
            (None, None) => {}
        }
    }
}

/// A gauge without labels, absent until it is told.
pub(super) struct Once(pub(super) GaugeVec);

impl Once {
    pub(super) fn set(&self, value: f64) {
        self.0.with_label_values::<&str>(&[]).set(value);
    }
}

/// A gauge that is 1, with labels that say it all: one series for each value of the first.
pub(super) struct Info(pub(super) GaugeVec);

impl Info {
    /// Takes the place of what was told of the first value.
    pub(super) fn set(&self, before: Option<&[&str]>, values: &[&str]) {
        if let Some(before) = before {
            // It fails only for a series that is not there.
            let _ = self.0.remove_label_values(before);
        }
        self.0.with_label_values(values).set(1.0);
    }
}

/// An instant in Unix seconds.
pub(super) fn unix_seconds(at: Instant) -> f64 {
    at.nanos() as f64 / 1e9
}
