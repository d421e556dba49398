//! Requests to both listeners, and those that were not allowed.
//!
//! In: routes as they are declared, requests as they end. Out: how long they took by route, method and
//! class of status. Must hold: a path that was asked for never becomes a label, only the template of a
//! declared route.

use std::fmt;
use std::time::Duration;

use prometheus::{Histogram, IntCounter};

use super::bounds::{BoundsError, OTHER};
use super::family::{Spec, Unit};
use super::handle::By;
use super::label::{Label, label};
use super::registrar::{Dimension, Registrar};

const DURATION: Spec = Spec::new(
    "fundwatch_http_request_duration_seconds",
    Unit::Seconds,
    "Duration of HTTP requests by route, method and class of status.",
);
const DENIED: Spec = Spec::new(
    "fundwatch_authorization_denied_total",
    Unit::Count,
    "Requests refused by access control, by role; `none` has shown no valid token.",
);

/// Few, since there are as many series for every route and class of status.
const DURATION_BUCKETS: &[f64] = &[0.01, 0.1, 0.5, 1.0, 5.0];

label! {
    /// A method of HTTP.
    Method as "method" {
        /// GET.
        Get = "GET",
        /// POST.
        Post = "POST",
        /// PUT.
        Put = "PUT",
        /// DELETE.
        Delete = "DELETE",
        /// Any other, and any of a route that is not declared.
        Other = "other",
    }
}

label! {
    /// A class of status codes.
    CodeClass as "code" {
        /// 200 to 299, and what is below.
        Success = "2xx",
        /// 300 to 399.
        Redirection = "3xx",
        /// 400 to 499.
        ClientError = "4xx",
        /// 500 and more.
        ServerError = "5xx",
    }
}

label! {
    /// Who asked.
    Role as "role" {
        /// Pushes streams.
        Feed = "feed",
        /// Reads everything, masked.
        Auditor = "auditor",
        /// Keeps the service and its sources running.
        Operator = "operator",
        /// Reviews alerts.
        Reviewer = "reviewer",
        /// Approves what reviewers propose.
        Supervisor = "supervisor",
        /// Reviews who read what.
        PrivacyOfficer = "privacy_officer",
        /// Gives tokens and roles.
        Admin = "admin",
        /// A portal that citizens ask through.
        Portal = "portal",
        /// Nobody that is known.
        None = "none",
    }
}

/// The routes of the listener of operators: they take nothing that could be wrong.
pub const OPS_ROUTES: [&str; 4] = ["/metrics", "/livez", "/readyz", "/startupz"];

/// Whether a class of a route has series of its own. Declared routes lead nowhere else, and those of operators refuse
/// nothing: one that does is told as `other`, and a quarter of all series of requests need not be there.
fn is_told(route: &Route, code: CodeClass) -> bool {
    match code {
        CodeClass::Redirection => route.template == OTHER,
        CodeClass::ClientError => !OPS_ROUTES.contains(&route.template),
        CodeClass::Success | CodeClass::ServerError => true,
    }
}

impl CodeClass {
    fn of(status: u16) -> Self {
        match status {
            0..300 => Self::Success,
            300..400 => Self::Redirection,
            400..500 => Self::ClientError,
            _ => Self::ServerError,
        }
    }
}

impl Role {
    /// The role of a name; [`Role::None`] for any that is none.
    pub fn from_name(name: &str) -> Self {
        let role = Self::ALL.iter().find(|role| role.text() == name);
        role.copied().unwrap_or(Self::None)
    }
}

impl Method {
    /// The method of a name; [`Method::Other`] for any that is not told apart.
    pub fn from_name(name: &str) -> Self {
        let method = Self::ALL.iter().find(|method| method.text() == name);
        method.copied().unwrap_or(Self::Other)
    }
}

/// A declared route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The template, with names for what varies: `/v1/streams/{stream}`.
    pub template: &'static str,
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method.text(), self.template)
    }
}

/// Requests.
pub struct HttpMetrics {
    routes: Vec<(Route, RouteMetrics)>,
    other: RouteMetrics,
    denied: By<Role, IntCounter>,
}

/// Requests of one route. Cheap to clone.
#[derive(Clone)]
pub struct RouteMetrics([Histogram; CodeClass::ALL.len()]);

impl HttpMetrics {
    pub(super) fn new(to: &mut Registrar, routes: &[Route]) -> Result<Self, BoundsError> {
        to.subject("Requests");
        let other = Route {
            method: Method::Other,
            template: OTHER,
        };
        // A method is of its route, so that combinations are those that occur.
        let all: Vec<Route> = routes.iter().copied().chain([other]).collect();
        let pairs = all.iter().flat_map(|route| {
            let code = |code: &CodeClass| [route.template, route.method.text(), code.text()];
            let told = CodeClass::ALL.iter().filter(|code| is_told(route, **code));
            told.map(code)
        });
        let labels = vec![
            Dimension::at_start(
                "route",
                "the templates of the declared routes, and `other`",
                [],
            ),
            Dimension::of::<Method>(),
            Dimension::of::<CodeClass>(),
        ];
        let pairs: Vec<[&str; 3]> = pairs.collect();
        let made = to.listed_histograms(DURATION, DURATION_BUCKETS, labels, &pairs)?;
        let (of_routes, of_other) = made.split_at(made.len() - CodeClass::ALL.len());
        let other = RouteMetrics(std::array::from_fn(|class| of_other[class].clone()));
        let mut told = of_routes.iter();
        let of_route = |route: &Route| {
            let mut metrics = other.clone();
            for code in CodeClass::ALL.iter().filter(|code| is_told(route, **code)) {
                let histogram = told
                    .next()
                    .expect("one was made for each class that is told");
                metrics.0[code.index()] = histogram.clone();
            }
            (*route, metrics)
        };
        let routes = routes.iter().map(of_route).collect();
        Ok(Self {
            routes,
            other,
            denied: to.counter_by(DENIED)?,
        })
    }

    /// The metrics of a declared route; of `other` for any that is not declared.
    pub fn route(&self, method: Method, template: &str) -> &RouteMetrics {
        let is_it = |route: &Route| route.method == method && route.template == template;
        let found = self.routes.iter().find(|(route, _)| is_it(route));
        found.map_or(&self.other, |(_, metrics)| metrics)
    }

    /// A request was refused by access control.
    pub fn denied(&self, role: Role) {
        self.denied.of(role).inc();
    }
}

impl RouteMetrics {
    /// A request was answered.
    pub fn answered(&self, status: u16, took: Duration) {
        self.0[CodeClass::of(status).index()].observe(took.as_secs_f64());
    }
}
