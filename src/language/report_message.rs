//! The texts of the audit report that every language has.
//!
//! A place in braces is filled by [`super::fill`]. A language that lacks a text does not compile.

macro_rules! report_messages {
    ($( $(#[$doc:meta])* $name:ident, )*) => {
        /// The texts of the audit report in one language.
        #[derive(Debug)]
        pub struct ReportMessages { $( $(#[$doc])* pub $name: &'static str, )* }

        impl ReportMessages {
            /// Every text with its name.
            pub fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$( (stringify!($name), self.$name), )*]
            }
        }
    };
}

report_messages! {
    /// Title of the report.
    title,
    /// Under the title: `{from}`, `{to}`.
    subtitle,
    /// Under the title, where no row was known.
    subtitle_none,
    /// Name of the contents.
    contents,
    /// Before the digest on every page.
    footer,
    /// Before the number of a page.
    footer_page,
    /// What an alert is.
    not_verdict,
    /// Section: what was run.
    run,
    /// Fact.
    run_period,
    /// Fact.
    run_as_of,
    /// Fact.
    run_mode,
    /// Mode: `{at}`.
    run_mode_then,
    /// Mode.
    run_mode_now,
    /// Fact.
    run_source,
    /// Source.
    run_source_files,
    /// Source.
    run_source_journal,
    /// Fact.
    run_epochs,
    /// Fact.
    run_reasons,
    /// How many: `{count}`, `{all}`.
    run_reasons_all,
    /// Fact.
    run_not_configured,
    /// Fact.
    run_version,
    /// Fact.
    run_thresholds,
    /// Thresholds.
    run_thresholds_default,
    /// Thresholds: `{key}`.
    run_thresholds_other,
    /// Section: figures.
    summary,
    /// Figure.
    summary_alerts,
    /// Figure.
    summary_amount,
    /// Figure.
    summary_raised,
    /// Figure.
    summary_withdrawn,
    /// Figure.
    summary_rows,
    /// Figure.
    summary_rejected,
    /// Column.
    summary_figure,
    /// Column.
    summary_value,
    /// Column.
    summary_interval,
    /// In place of an interval.
    summary_counted,
    /// Figure.
    summary_rate_alerts,
    /// Figure.
    summary_amount_alerts,
    /// Figure.
    summary_rate_non_alerts,
    /// Figure.
    summary_amount_non_alerts,
    /// Figure.
    summary_recall,
    /// Note.
    summary_no_estimate,
    /// The lower end of an amount: `{amount}`.
    at_least,
    /// The upper end of an amount: `{amount}`.
    at_most,
    /// In place of an upper end.
    at_most_unknown,
    /// An interval: `{low}`, `{high}`.
    from_to,
    /// What is not known.
    unknown,
    /// Section.
    method,
    /// Text.
    method_replay,
    /// Text.
    method_alert,
    /// Text.
    method_amount,
    /// Text.
    method_sample,
    /// Text.
    method_masked,
    /// Section.
    completeness,
    /// Caption.
    completeness_streams,
    /// Caption.
    completeness_rejects,
    /// Caption.
    completeness_measures,
    /// Text.
    completeness_help,
    /// Text.
    completeness_none,
    /// Text.
    completeness_no_rejects,
    /// Column.
    stream,
    /// Column.
    accepted,
    /// Column.
    rejected,
    /// Column.
    holds,
    /// Column.
    filled,
    /// Column.
    last_recorded,
    /// Column.
    code,
    /// Column.
    meaning,
    /// Column.
    rows,
    /// Column.
    measure,
    /// Column.
    share,
    /// Column.
    result,
    /// Result.
    passes,
    /// Result.
    fails,
    /// Result.
    not_computed,
    /// Measure.
    measure_accepted,
    /// Measure.
    measure_filled,
    /// Measure.
    measure_deadline,
    /// Measure.
    measure_month_end,
    /// Section.
    alerts,
    /// Text.
    alerts_none,
    /// Heading.
    alerts_by_reason,
    /// Heading.
    alerts_by_class,
    /// Heading.
    alerts_by_province,
    /// Heading.
    alerts_by_month,
    /// Text.
    alerts_province_help,
    /// Column.
    reason,
    /// Column.
    class,
    /// Column.
    province,
    /// Column.
    month,
    /// Column.
    count,
    /// Column.
    amount,
    /// What a picture shows: `{by}`.
    chart_desc,
    /// Province.
    no_province,
    /// In place of a count.
    withheld,
    /// Line.
    total,
    /// Section.
    withdrawn,
    /// Text.
    withdrawn_none,
    /// Text.
    withdrawn_help,
    /// Caption.
    withdrawn_causes,
    /// Column.
    raised,
    /// Column.
    changed,
    /// Column.
    withdrawn_count,
    /// Column.
    archived,
    /// Column.
    cause,
    /// Cause.
    cause_as_of,
    /// Cause.
    cause_rules,
    /// Cause.
    cause_model,
    /// Section.
    diff,
    /// Text: `{sha256}`.
    diff_help,
    /// Caption.
    diff_caption,
    /// Caption: `{count}`, `{all}`.
    diff_listed,
    /// Text.
    diff_same,
    /// Column.
    state,
    /// State.
    state_new,
    /// State.
    state_unchanged,
    /// State.
    state_updated,
    /// State.
    state_absent,
    /// Column.
    because,
    /// Column.
    alert,
    /// Column.
    subject,
    /// Section.
    sample,
    /// Fact.
    sample_seed,
    /// Fact.
    sample_strata,
    /// Fact.
    sample_worksheet,
    /// Caption.
    sample_frames,
    /// Column.
    sample_frame,
    /// Column.
    sample_stratum,
    /// Column.
    sample_units,
    /// Column.
    sample_drawn,
    /// Column.
    sample_digest,
    /// Frame.
    frame_alerts,
    /// Frame.
    frame_non_alerts,
    /// Cut.
    by_reason,
    /// Cut.
    by_province,
    /// Cut.
    by_amount,
    /// Stratum.
    stratum_all,
    /// Stratum.
    stratum_none,
    /// Band.
    band_under_1m,
    /// Band.
    band_1m_to_10m,
    /// Band.
    band_10m_to_100m,
    /// Band.
    band_from_100m,
    /// Caption.
    sample_estimates,
    /// Column.
    sample_concluded,
    /// Column.
    sample_errors,
    /// Column.
    sample_rate,
    /// Column.
    sample_error_amount,
    /// Text: `{open}`, `{all}`.
    sample_open,
    /// Caption: `{count}`, `{all}`.
    sample_rows,
    /// Column.
    order,
    /// Column.
    place,
    /// Mark of a spare.
    spare,
    /// Column.
    criteria,
    /// Column.
    condition,
    /// Column.
    cause_found,
    /// Column.
    effect,
    /// Column.
    conclusion,
    /// Column.
    error_amount,
    /// Conclusion.
    conclusion_error,
    /// Conclusion.
    conclusion_correct,
    /// Conclusion.
    conclusion_not_auditable,
    /// Section.
    limits,
    /// Limit.
    limits_register,
    /// Limit.
    limits_score,
    /// Limit.
    limits_amount,
    /// Limit.
    limits_known,
    /// Limit: `{reasons}`.
    limits_not_computed,
    /// Limit.
    limits_recall,
    /// Limit.
    limits_rejected,
    /// Limit.
    limits_seal,
    /// Section.
    verify,
    /// Text.
    verify_how,
    /// Step.
    verify_report,
    /// Step.
    verify_run,
    /// Step.
    verify_again,
    /// Fact.
    verify_manifest,
    /// Fact.
    verify_code,
    /// Fact.
    verify_settings,
    /// Caption.
    verify_inputs,
    /// Caption.
    verify_outputs,
    /// Column.
    file,
    /// Column.
    name,
    /// Column.
    value,
    /// What is not there.
    none,
}
