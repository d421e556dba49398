//! One operation: what it takes, and what it answers.

use serde_json::{Map, Value, json};

use super::shape::{count, form, named};

/// Statuses that are told as problems, and when.
const PROBLEMS: [(u16, &str); 13] = [
    (400, "The request cannot be understood."),
    (401, "It is not known who calls."),
    (403, "The caller may not."),
    (
        404,
        "There is no such thing, or none that is the caller's to see.",
    ),
    (408, "The body came too slowly."),
    (409, "Not in the state in which this can be done."),
    (413, "The body is too large."),
    (415, "The body is of a form that is not read here."),
    (
        422,
        "Understood, and wrong: `code` says what, `remedy` what to do.",
    ),
    (
        429,
        "As much as there may be at a time; again after `Retry-After`.",
    ),
    (431, "The headers are too large; told without a body."),
    (500, "A defect."),
    (503, "Not now; again after `Retry-After`."),
];
/// What may always be answered.
const ALWAYS: [u16; 4] = [400, 431, 500, 503];
/// What may be answered where somebody has to be known.
const OF_CALLERS: [u16; 2] = [401, 403];
/// What may be answered to a body.
const OF_BODIES: [u16; 4] = [408, 413, 415, 429];

/// One operation.
pub(super) struct Operation {
    method: &'static str,
    template: &'static str,
    tag: &'static str,
    id: &'static str,
    summary: &'static str,
    description: Option<&'static str>,
    parameters: Vec<Value>,
    body: Option<Value>,
    answer: (&'static str, &'static str, Value),
    problems: Vec<u16>,
    conflict: Option<Value>,
    status: u16,
}

impl Operation {
    /// An operation that answers JSON of a schema.
    pub fn new(
        (method, template): (&'static str, &'static str),
        (tag, id): (&'static str, &'static str),
        summary: &'static str,
        answer: Value,
    ) -> Self {
        Self {
            method,
            template,
            tag,
            id,
            summary,
            description: None,
            parameters: Vec::new(),
            body: None,
            answer: ("Done.", "application/json", answer),
            problems: Vec::new(),
            conflict: None,
            status: 200,
        }
    }

    /// Its method and the template of its path.
    pub fn place(&self) -> (&'static str, &'static str) {
        (self.method, self.template)
    }

    pub fn description(mut self, text: &'static str) -> Self {
        self.description = Some(text);
        self
    }

    /// Answers in another form than JSON.
    pub fn answers(mut self, what: &'static str, media: &'static str) -> Self {
        self.answer.0 = what;
        self.answer.1 = media;
        self
    }

    /// Answers that it is taken, and not yet done.
    pub fn accepts(mut self) -> Self {
        self.status = 202;
        self.answer.0 = "Taken.";
        self
    }

    /// A parameter of the path.
    pub fn path(mut self, name: &str, schema: Value) -> Self {
        self.parameters
            .push(json!({"name": name, "in": "path", "required": true, "schema": schema}));
        self.problem(404)
    }

    /// A parameter of the query.
    pub fn query(mut self, name: &str, schema: Value, description: &str) -> Self {
        // One that is empty says nothing.
        let empty = json!({"type": "string", "maxLength": 0});
        self.parameters.push(json!({
            "name": name,
            "in": "query",
            "schema": {"anyOf": [schema, empty]},
            "description": description,
        }));
        self
    }

    /// The parameters of a list that is told page by page.
    pub fn paged(self) -> Self {
        let limit = json!({"type": "integer", "minimum": 1, "maximum": 1000, "default": 100});
        let page = json!({"type": "string", "pattern": "^[A-Za-z0-9_.=-]+$", "maxLength": 512});
        self.query("limit", limit, "How many, at most.").query(
            "page",
            page,
            "Where the page before ended: its `next_page`.",
        )
    }

    /// The parameters that say of what a list is.
    pub fn of_list(self) -> Self {
        self.query(
            "view",
            named("View"),
            "Which list; `open` where nothing is said.",
        )
        .query("reason", named("Reason"), "Only this reason.")
        .query("class", named("Class"), "Only this class.")
        .query("band", named("Band"), "Only this urgent.")
        .query(
            "province",
            form("^[0-9]{2}$"),
            "Only of facilities of this province.",
        )
        .query("facility", form("^[0-9]{5}$"), "Only of this facility.")
        .query(
            "state",
            named("WorkState"),
            "Only where people are this far.",
        )
        .query(
            "assignee",
            named("Name"),
            "Only of whom this is assigned to.",
        )
        .query(
            "as_of",
            count(),
            "Only alerts that were raised up to this epoch.",
        )
    }

    /// A header.
    pub fn header(mut self, name: &str, schema: Value, description: &str) -> Self {
        self.parameters.push(json!({
            "name": name,
            "in": "header",
            "schema": schema,
            "description": description,
        }));
        self
    }

    /// A JSON document that is sent.
    pub fn document(self, schema: Value) -> Self {
        self.body(json!({"application/json": {"schema": schema}}))
            .problem(422)
    }

    /// What is sent, by its forms.
    pub fn body(mut self, content: Value) -> Self {
        self.body = Some(json!({"required": true, "content": content}));
        self
    }

    /// A problem that it may answer.
    pub fn problem(mut self, status: u16) -> Self {
        self.problems.push(status);
        self
    }

    /// A conflict that tells more than a problem does.
    pub fn conflict(mut self, schema: Value) -> Self {
        self.conflict = Some(schema);
        self
    }

    /// As the document tells it.
    pub fn told(self, needs_caller: bool) -> Value {
        let mut statuses: Vec<u16> = self.problems;
        statuses.extend(ALWAYS);
        if needs_caller {
            statuses.extend(OF_CALLERS);
        }
        if self.body.is_some() {
            statuses.extend(OF_BODIES);
        }
        let (what, media, schema) = self.answer;
        let mut responses = Map::new();
        let answer = json!({"description": what, "content": {media: {"schema": schema}}});
        responses.insert(self.status.to_string(), answer);
        for status in statuses {
            let told = json!({"$ref": format!("#/components/responses/{status}")});
            responses.insert(status.to_string(), told);
        }
        if let Some(schema) = self.conflict {
            let content = json!({"application/problem+json": {"schema": schema}});
            let told = json!({
                "description": "The alert is not any more what was looked at, or overtaken: it is told as it is.",
                "content": content,
            });
            responses.insert("409".to_owned(), told);
        }
        let mut told = json!({
            "tags": [self.tag],
            "operationId": self.id,
            "summary": self.summary,
            "responses": responses,
        });
        if let Some(text) = self.description {
            told["description"] = text.into();
        }
        if !self.parameters.is_empty() {
            told["parameters"] = self.parameters.into();
        }
        if let Some(body) = self.body {
            told["requestBody"] = body;
        }
        told
    }
}

/// The answers that problems are.
pub(super) fn problems() -> Value {
    let told = |(status, when): (u16, &str)| {
        let mut told = json!({"description": when});
        if status != 431 {
            told["content"] = json!({"application/problem+json": {"schema": named("Problem")}});
        }
        if matches!(status, 429 | 503) {
            told["headers"] = json!({
                "Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}},
            });
        }
        if status == 401 {
            told["headers"] = json!({
                "WWW-Authenticate": {"description": "RFC 6750.", "schema": {"type": "string"}},
            });
        }
        (status.to_string(), told)
    };
    Value::Object(PROBLEMS.into_iter().map(told).collect())
}
