//! Linking files: what `fundwatch link` does.
//!
//! In: a request. Out: the files that it names, and a summary; or what the model says of two records.
//! Must hold: files appear whole or not at all; nothing of a record but its id is written.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use hashbrown::HashMap;

use super::blocking::{Bounds, PassReport};
use super::cluster::connected;
use super::columns::roles;
use super::error::LinkError;
use super::linkage::{Link, LinkOptions, Linkage, link};
use super::model::{FieldEvidence, LinkModel, probability, quantised};
use super::records::Records;
use super::role::Role;
use super::table::Table;
use crate::progress::Progress;
use crate::staging;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// The records.
    pub input: PathBuf,
    /// The records that they are linked with; without them, with each other.
    pub against: Option<PathBuf>,
    /// The column of ids.
    pub id: Option<String>,
    /// Roles of columns that are known.
    pub roles: Vec<(String, Role)>,
    /// A model, instead of one that is learned.
    pub model: Option<PathBuf>,
    /// The least probability of a pair that is given.
    pub threshold: f64,
    /// How many threads.
    pub threads: usize,
}

/// Where outputs go.
#[derive(Clone, Debug)]
pub struct Outputs {
    /// The pairs.
    pub pairs: PathBuf,
    /// The cluster of every record.
    pub clusters: Option<PathBuf>,
    /// The model.
    pub model: Option<PathBuf>,
    /// By how many bits a value must weigh less or more than a rare one to be kept in the model.
    pub model_detail: f64,
}

/// What was done.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The columns that were compared, with their roles, and those that were not.
    pub columns: Vec<(String, Role)>,
    /// The column of ids.
    pub id_column: String,
    /// Records of each file.
    pub records: Vec<usize>,
    /// Pairs that were compared.
    pub compared: usize,
    /// Pairs that were written.
    pub links: usize,
    /// What each pass of blocking found and left out.
    pub passes: Vec<PassReport>,
}

/// Why two records have their probability.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// What the odds are before anything is compared, in thousandths of a bit.
    pub prior: i32,
    /// What each field says.
    pub fields: Vec<FieldEvidence>,
    /// What it weighs that values come together that often do.
    pub together: Vec<(String, i32)>,
    /// What it weighs that fields are exchanged or are not.
    pub exchanged: i32,
    /// The sum.
    pub weight: i32,
    /// The probability by their own cells.
    pub probability: f64,
    /// The probability in the light of the other records, where the pair is a link.
    pub linked: Option<f64>,
}

/// Tables that were read.
struct Prepared {
    left: Table,
    right: Option<Table>,
    columns: Vec<(String, Role)>,
    records: Records,
    model: Option<LinkModel>,
}

/// Links files and writes the outputs.
///
/// # Errors
/// [`LinkError`] when a file cannot be read, the call does not fit it, or an output cannot be written.
pub fn run(request: &Request, to: &Outputs, progress: &dyn Progress) -> Result<Summary, LinkError> {
    let (prepared, linkage) = linked(request, request.threshold, progress)?;
    progress.told("writing", 0, 1);
    write(&to.pairs, |out| prepared.write_pairs(&linkage.links, out))?;
    if let Some(file) = &to.clusters {
        write(file, |out| prepared.write_clusters(&linkage.links, out))?;
    }
    if let Some(file) = &to.model {
        write(file, |out| {
            let model = linkage.model.clone().coarse(quantised(to.model_detail));
            out.write_all(model.to_json().as_bytes())
        })?;
    }
    let tables = [Some(&prepared.left), prepared.right.as_ref()];
    Ok(Summary {
        records: tables.into_iter().flatten().map(Table::len).collect(),
        id_column: prepared.left.id_column.clone(),
        compared: linkage.compared,
        links: linkage.links.len(),
        passes: linkage.passes,
        columns: prepared.columns,
    })
}

/// Tells why two records, named by their ids, have their probability.
///
/// # Errors
/// As [`run`], and when there is no record of an id.
pub fn explain(
    request: &Request,
    (left, right): (&str, &str),
    progress: &dyn Progress,
) -> Result<Explanation, LinkError> {
    let (prepared, linkage) = linked(request, 0.0, progress)?;
    let a = record(&prepared.left, left, "first")?;
    let b = match &prepared.right {
        Some(table) => prepared.left.len() as u32 + record(table, right, "second")?,
        None => record(&prepared.left, right, "second")?,
    };
    if a == b {
        let same = "--explain: both ids are of one record; name two";
        return Err(LinkError::WrongCall(same.to_owned()));
    }
    let (a, b) = (a.min(b), a.max(b));
    let (x, y) = (prepared.records.record(a), prepared.records.record(b));
    let weight = linkage.model.weight(&x, &y);
    let fields = linkage.model.explain(&x, &y);
    let together = linkage.model.explain_together(&x, &y);
    let told: i32 = fields.iter().map(|field| field.weight).sum();
    let told = told + together.iter().map(|(_, weight)| weight).sum::<i32>();
    let links = &linkage.links;
    let found = links.iter().find(|link| (link.left, link.right) == (a, b));
    Ok(Explanation {
        prior: linkage.model.prior(),
        exchanged: weight - linkage.model.prior() - told,
        fields,
        together,
        weight,
        probability: probability(weight),
        linked: found.map(|link| probability(link.weight)),
    })
}

fn linked(
    request: &Request,
    threshold: f64,
    progress: &dyn Progress,
) -> Result<(Prepared, Linkage), LinkError> {
    let mut prepared = Prepared::read(request, progress)?;
    let options = LinkOptions {
        threshold,
        bounds: Bounds::default(),
        threads: request.threads,
    };
    let linkage = link(&prepared.records, prepared.model.take(), &options, progress);
    Ok((prepared, linkage))
}

impl Prepared {
    fn read(request: &Request, progress: &dyn Progress) -> Result<Self, LinkError> {
        let files = [Some(&request.input), request.against.as_ref()];
        for file in files.into_iter().flatten() {
            if !file.is_file() {
                let file = file.display();
                let remedy = format!("{file} is no file; name a CSV file, plain, .gz or .zst");
                return Err(LinkError::WrongCall(remedy));
            }
        }
        progress.told("reading", 0, 1);
        let id = request.id.as_deref();
        let left = Table::read(&request.input, id)?;
        let right = request.against.as_ref();
        let right = right.map(|file| Table::read(file, id)).transpose()?;
        check_roles(request, &left, right.as_ref())?;
        let left_roles = roles(&left, &request.roles);
        let right_roles = right.as_ref().map(|table| roles(table, &request.roles));
        let records = {
            let right = right.as_ref().zip(right_roles.as_deref());
            Records::new(&left, &left_roles, right)
        };
        if records.schema.fields().is_empty() {
            return Err(LinkError::WrongCall(format!(
                "{}: no column can be compared; name what columns hold with --role COLUMN=ROLE",
                request.input.display()
            )));
        }
        let model = request.model.as_deref().map(read_model).transpose()?;
        if let Some(model) = &model
            && model.schema() != &records.schema
        {
            let fields = |schema: &super::schema::Schema| {
                let fields = schema.fields().iter();
                let told = fields.map(|field| format!("{} ({})", field.name, field.role));
                told.collect::<Vec<_>>().join(", ")
            };
            return Err(LinkError::WrongCall(format!(
                "--model compares {}, but the input has {}; name the roles that the model was learned \
                 with, or learn it anew",
                fields(model.schema()),
                fields(&records.schema)
            )));
        }
        let named = left.columns.iter().zip(&left_roles);
        let columns = named.map(|(column, role)| (column.name.clone(), *role));
        Ok(Self {
            columns: columns.collect(),
            left,
            right,
            records,
            model,
        })
    }

    /// The id of a record.
    fn id(&self, record: u32) -> &str {
        let record = record as usize;
        match (record.checked_sub(self.left.len()), &self.right) {
            (Some(record), Some(right)) => &right.ids[record],
            _ => &self.left.ids[record],
        }
    }

    fn write_pairs(&self, links: &[Link], out: &mut dyn Write) -> io::Result<()> {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record(["left_id", "right_id", "probability"])?;
        for link in links {
            let probability = format!("{:.6}", probability(link.weight));
            csv.write_record([self.id(link.left), self.id(link.right), &probability])?;
        }
        csv.flush()
    }

    fn write_clusters(&self, links: &[Link], out: &mut dyn Write) -> io::Result<()> {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record(["file", "id", "cluster"])?;
        // Clusters are numbered from 1 in the order of their first records.
        let mut numbers = HashMap::new();
        for (record, cluster) in (0_u32..).zip(connected(self.records.len, links)) {
            let next = numbers.len() + 1;
            let number = *numbers.entry(cluster).or_insert(next);
            let of_left = (record as usize) < self.left.len();
            let file = if of_left { "left" } else { "right" };
            csv.write_record([file, self.id(record), &number.to_string()])?;
        }
        csv.flush()
    }
}

/// Refuses roles of columns that no file has.
fn check_roles(request: &Request, left: &Table, right: Option<&Table>) -> Result<(), LinkError> {
    for (name, role) in &request.roles {
        let tables = [Some(left), right].into_iter().flatten();
        if !tables.clone().any(|table| table.column(name).is_some()) {
            let columns = tables.flat_map(|table| table.columns.iter().map(|c| c.name.as_str()));
            return Err(LinkError::WrongCall(format!(
                "--role {name}={role}: there is no such column beside the id; the columns are {}",
                columns.collect::<Vec<_>>().join(", ")
            )));
        }
    }
    Ok(())
}

fn record(table: &Table, id: &str, which: &str) -> Result<u32, LinkError> {
    let place = table.ids.iter().position(|known| &**known == id);
    // The id is not repeated: it may be a number of a person.
    place.map(|place| place as u32).ok_or_else(|| {
        LinkError::WrongCall(format!(
            "--explain: {} has no record with the {which} id; ids are those of column {}",
            table.file.display(),
            table.id_column
        ))
    })
}

fn read_model(file: &Path) -> Result<LinkModel, LinkError> {
    let text = std::fs::read_to_string(file);
    let text =
        text.map_err(|error| LinkError::WrongCall(format!("--model {}: {error}", file.display())))?;
    LinkModel::from_json(&text).map_err(|error| LinkError::Artefact {
        file: file.to_owned(),
        message: format!("this is no linkage model that can be used: {error}"),
    })
}

/// Writes a file that appears whole or not at all.
fn write(
    file: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), LinkError> {
    staging::write_whole(file, content).map_err(|error| LinkError::Output {
        file: file.to_owned(),
        error,
    })
}
