//! The texts of the pages that every language has.
//!
//! A place in braces is filled by [`super::fill`]. A language that lacks a text does not compile.

macro_rules! page_messages {
    ($( $(#[$doc:meta])* $name:ident, )*) => {
        /// The texts of the pages in one language.
        #[derive(Debug)]
        pub struct PageMessages { $( $(#[$doc])* pub $name: &'static str, )* }

        impl PageMessages {
            /// Every text with its name.
            pub fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$( (stringify!($name), self.$name), )*]
            }
        }
    };
}

page_messages! {
    /// Jumps over the navigation.
    skip_to_content,
    /// Name of the navigation.
    navigation,
    /// Page: what is mine.
    mine,
    /// Page: the queue.
    queue,
    /// Page: proposals to be approved.
    approvals,
    /// Page: sources and their lag.
    feeds,
    /// Page: one's own account.
    account,
    /// Button.
    sign_out,
    /// Button that changes to the other language, in that language.
    other_language,
    /// Up to when everything that came is in: `{at}`.
    complete_up_to,
    /// It is long since everything was in: `{minutes}`.
    complete_late,
    /// Nothing is known yet.
    complete_unknown,
    /// Came and went since the page was made: `{raised}`, `{withdrawn}`.
    live_changes,
    /// Name of the place where changes are told.
    live_region,
    /// Loads the list again.
    live_show,
    /// On the page of an alert: its evidence changed.
    live_alert_changed,
    /// On the page of an alert: it was withdrawn.
    live_alert_withdrawn,
    /// How many rows are selected: `{count}`.
    selected_count,
    /// That a page is for one's own use.
    confidential,

    /// Page: sign-in.
    sign_in,
    /// What the program is.
    tagline,
    /// Field.
    user_name,
    /// Field.
    password,
    /// Field: code of the app.
    code,
    /// What the code is.
    code_help,
    /// Link to first use.
    first_use,
    /// Link back to sign-in.
    back_to_sign_in,
    /// Wrong name, password or code.
    sign_in_refused,
    /// Locked until: `{at}`.
    sign_in_locked,
    /// The code is missing.
    sign_in_needs_code,
    /// A setup code was given.
    sign_in_needs_setup,
    /// No app of codes is set up.
    sign_in_needs_totp,
    /// Too many at a time.
    sign_in_busy,
    /// Not possible now.
    sign_in_unavailable,
    /// Page: first use.
    setup,
    /// What first use does.
    setup_help,
    /// Field: code of the administrator.
    setup_code,
    /// Button.
    go_on,
    /// Step: scan.
    setup_scan,
    /// Before the secret in letters.
    setup_secret,
    /// The picture's text.
    setup_qr,
    /// Button.
    setup_finish,
    /// The setup code is wrong.
    setup_refused,
    /// Not the code that the app shows.
    setup_wrong_code,
    /// After setup.
    setup_done,
    /// Field.
    new_password,
    /// Field.
    repeat_password,
    /// Rule of passwords: `{least}`.
    password_help,
    /// Two different ones.
    passwords_differ,
    /// Too short, too long, or too common.
    password_bad,

    /// Section of Mine.
    mine_due,
    /// Section of Mine.
    mine_returned,
    /// Section of Mine.
    mine_moved,
    /// Section of Mine.
    mine_under_way,
    /// Section of Mine.
    mine_waiting,
    /// Section of Mine.
    mine_proposed,
    /// Nothing of mine.
    mine_empty,
    /// Link to the queue.
    to_queue,

    /// Name of the list of views.
    views,
    /// Heading of filters.
    filters,
    /// Button.
    apply,
    /// Link.
    clear,
    /// Any value of a filter.
    any,
    /// Filter, column.
    reason,
    /// Filter.
    class,
    /// Filter, column.
    priority,
    /// Filter.
    province,
    /// Filter.
    facility,
    /// Filter, column.
    state,
    /// Filter, column.
    assignee,
    /// Two digits.
    province_help,
    /// Five digits.
    facility_help,
    /// Column: masked person.
    person,
    /// Column.
    provider,
    /// Column.
    service_date,
    /// Column.
    amount,
    /// Column: number of sources.
    grade,
    /// How many sources: `{count}`.
    grade_sources,
    /// Column.
    age_due,
    /// Column: box.
    select,
    /// Box of an alert: `{id}`.
    select_alert,
    /// Box of all.
    select_all,
    /// Days: `{days}`.
    days_old,
    /// Less than a day.
    today,
    /// Due: `{day}`.
    due_by,
    /// Past due: `{days}`.
    past_due,
    /// Mark: other than decided on.
    moved_mark,
    /// What that means.
    moved_help,
    /// Mark: withdrawn.
    withdrawn_mark,
    /// Mark: archived.
    archived_mark,
    /// Mark: holds.
    active_mark,
    /// Nobody.
    nobody,
    /// Caption of a list: `{view}`, `{at}`.
    list_caption,
    /// How many are shown: `{count}`.
    shown_count,
    /// Nothing, and it is complete: `{at}`.
    empty_complete,
    /// Nothing, and rows may still come: `{at}`.
    empty_not_complete,
    /// Nothing with these filters.
    empty_filtered,
    /// Link.
    next_page,
    /// Link.
    first_page,
    /// Heading of the bulk bar.
    bulk,
    /// Button.
    bulk_apply,
    /// Field: what to do.
    bulk_action,
    /// What a bulk action is: `{count}`.
    bulk_done,
    /// Page: outcome of a bulk action.
    bulk_outcome,
    /// Done and refused: `{done}`, `{refused}`.
    bulk_counts,
    /// Nothing was selected.
    bulk_nothing,
    /// More than may be at a time: `{most}`.
    bulk_too_many,
    /// Close as duplicate.
    bulk_duplicate,
    /// Result column.
    outcome,
    /// Done.
    outcome_done,

    /// Page: an alert; `{id}`.
    alert,
    /// Sign to be verified.
    alert_proposal,
    /// Heading.
    why,
    /// Why in other words.
    sentence_unknown,
    /// Banner: withdrawn: `{at}`.
    withdrawn_banner,
    /// Banner: changed since decided.
    moved_banner,
    /// Heading.
    rivals,
    /// What to do with them.
    rivals_help,
    /// Before those that were ruled out, in a note.
    rivals_checked,
    /// Rival: served before the death on that day.
    rival_same_day,
    /// Rival: the death record is of somebody else.
    rival_death_record,
    /// Rival: two people taken for one.
    rival_other_person,
    /// Rival: card used by somebody else.
    rival_borrowed,
    /// Rival: entered late or wrong.
    rival_late_entry,
    /// Rival: register not yet up to date.
    rival_register,
    /// Rival: referral or transfer.
    rival_transfer,
    /// Rival: medically plausible.
    rival_medical,
    /// Rival: provider's system.
    rival_provider_system,
    /// Rival: newborn or other exception of law.
    rival_exception,
    /// Heading.
    evidence,
    /// Some of all: `{shown}`, `{count}`.
    evidence_more,
    /// Row of a pair.
    valid_time,
    /// Row of a pair.
    known_time,
    /// Row of a pair.
    place,
    /// A row whose content was erased.
    erased,
    /// No case is kept.
    no_evidence,
    /// Heading.
    timeline,
    /// What the picture shows.
    timeline_help,
    /// Axis.
    axis_valid,
    /// Axis.
    axis_known,
    /// The diagonal.
    axis_diagonal,
    /// Heading.
    score,
    /// Score of the model: `{score}`.
    score_of,
    /// Likelihood of misuse: `{percent}`.
    misuse_likelihood,
    /// No score.
    no_score,
    /// Picture of contributions.
    contributions,
    /// Column.
    feature,
    /// Column.
    share,
    /// Column.
    observed,
    /// Column.
    typical,
    /// Heading.
    recommended,
    /// Heading.
    legal_basis,
    /// Heading.
    work,
    /// Nothing can be done.
    nothing_allowed,
    /// Heading.
    decision,
    /// Field.
    verdict,
    /// Choose.
    choose,
    /// Group of verdicts.
    verdicts_confirmed,
    /// Group of verdicts.
    verdicts_legitimate,
    /// Group of verdicts.
    verdicts_false,
    /// Group of verdicts.
    verdicts_neither,
    /// Four eyes.
    four_eyes,
    /// Field.
    note,
    /// What a note needs and must not have.
    note_help,
    /// A code that needs a note.
    note_needed_mark,
    /// Field.
    until,
    /// Heading of other things that can be done.
    other_actions,
    /// Field: to whom.
    to_whom,
    /// Heading.
    machine_history,
    /// Heading.
    work_history,
    /// No entry.
    none_yet,
    /// Column.
    when,
    /// Column.
    who,
    /// Column.
    what,
    /// Column.
    causes,
    /// Of time.
    by_clock,
    /// Machine event.
    kind_raised,
    /// Machine event.
    kind_changed,
    /// Machine event.
    kind_withdrawn,
    /// Machine event.
    kind_archived,
    /// Heading of links.
    related,
    /// Link.
    related_person,
    /// Link.
    related_card,
    /// Link: `{code}`.
    related_provider,
    /// Link.
    next_alert,
    /// Link.
    back_to_list,
    /// Done: `{action}`.
    done,
    /// No alert is left in a list.
    no_next,
    /// Proposed by: `{who}`.
    proposed_by,
    /// Assigned to: `{who}`.
    assigned_to,
    /// In a state since: `{at}`.
    since,
    /// Raised: `{at}`.
    raised_at,

    /// Page: group of a person.
    group_person,
    /// Page: group of a card.
    group_card,
    /// Page: group of a provider; `{code}`.
    group_provider,
    /// Alerts and amount: `{count}`, `{amount}`.
    group_totals,
    /// Only so many are shown: `{count}`.
    group_limited,
    /// Heading: by reason.
    by_reason,
    /// Column: number of alerts.
    alerts,
    /// Of which open.
    open,

    /// What approvals are.
    approvals_help,
    /// None.
    approvals_empty,
    /// Heading of the second look.
    second_look,
    /// Why one is asked.
    second_look_help,
    /// Button.
    second_look_send,
    /// Own verdict: `{verdict}`.
    second_look_own,
    /// Proposed verdict: `{verdict}`.
    second_look_proposed,
    /// Both are the same.
    second_look_agree,
    /// They differ.
    second_look_differ,
    /// Hidden until the second look.
    hidden_until_look,
    /// In a note of an approval: `{verdict}`.
    second_look_note,

    /// Page: conflict.
    conflict,
    /// Somebody acted.
    conflict_acted,
    /// Evidence changed.
    conflict_changed,
    /// Nothing was done.
    conflict_not_done,
    /// Column.
    conflict_saw,
    /// Column.
    conflict_now,
    /// Row.
    conflict_evidence,
    /// Row: content of the evidence.
    conflict_content,
    /// Same.
    conflict_same,
    /// Other.
    conflict_other,
    /// Heading.
    conflict_meanwhile,
    /// Button.
    conflict_go_on,
    /// Not possible any more.
    conflict_not_possible,
    /// Note kept.
    conflict_note_kept,
    /// Link.
    conflict_look,

    /// Refusal.
    refused_not_possible,
    /// Refusal.
    refused_not_theirs,
    /// Refusal.
    refused_took_part,
    /// Refusal.
    wrong_note_missing,
    /// Refusal.
    wrong_note_too_long,
    /// Refusal.
    wrong_verdict_missing,
    /// Refusal.
    wrong_needs_approval,
    /// Refusal.
    wrong_day,
    /// Refusal.
    wrong_assignee,
    /// Refusal.
    wrong_nothing_to_uphold,
    /// Refusal.
    wrong_form,

    /// Page: error 400.
    error_bad,
    /// Page: error 401.
    error_ended,
    /// What to do.
    error_ended_help,
    /// Page: error 403.
    error_forbidden,
    /// What to do.
    error_forbidden_help,
    /// Page: form not of this session.
    error_form,
    /// What to do.
    error_form_help,
    /// Page: error 404.
    error_not_found,
    /// What to do.
    error_not_found_help,
    /// Page: error 429.
    error_too_many,
    /// What to do.
    error_too_many_help,
    /// Page: error 500.
    error_failed,
    /// What to do.
    error_failed_help,
    /// Page: error 503.
    error_unavailable,
    /// What to do.
    error_unavailable_help,
    /// What was typed is kept.
    error_typed,

    /// Heading.
    language,
    /// Heading.
    change_password,
    /// Field.
    old_password,
    /// After a change.
    password_changed,
    /// Heading.
    shortcuts,
    /// What shortcuts are.
    shortcuts_help,
    /// Button.
    shortcuts_turn_on,
    /// Button.
    shortcuts_turn_off,
    /// Saved.
    saved,
    /// Field.
    role,
    /// No province is set.
    all_provinces,
    /// Role.
    role_feed,
    /// Role.
    role_auditor,
    /// Role.
    role_operator,
    /// Role.
    role_reviewer,
    /// Role.
    role_supervisor,
    /// Role.
    role_privacy_officer,
    /// Role.
    role_admin,

    /// Shortcut.
    key_move,
    /// Shortcut.
    key_open,
    /// Shortcut.
    key_back,
    /// Shortcut.
    key_select,
    /// Shortcut.
    key_take,
    /// Shortcut.
    key_next,
    /// Shortcut.
    key_snooze,
    /// Shortcut.
    key_wait,
    /// Shortcut.
    key_escalate,
    /// Shortcut.
    key_verdict,
    /// Shortcut.
    key_changes,
    /// Shortcut.
    key_filter,
    /// Shortcut.
    key_help,
    /// Button.
    close_dialog,

    /// Caption.
    feeds_caption,
    /// Column.
    feed_name,
    /// Column.
    feed_kind,
    /// Column.
    feed_waiting,
    /// Column.
    feed_positions,
    /// State.
    feed_running,
    /// State.
    feed_paused,
    /// Kind.
    feed_http,
    /// Kind.
    feed_configured,
    /// Lag: `{seconds}`.
    feed_lag,
    /// No sources.
    feeds_empty,

    /// Page: the access log.
    access_log,
    /// What the log is.
    log_help,
    /// Caption.
    log_caption,
    /// Caption of a later page: `{n}`.
    log_caption_before,
    /// No entries.
    log_empty,
    /// Column.
    log_object,
    /// Column.
    log_purpose,
    /// Column.
    log_fields,
    /// Column.
    log_count,
    /// Column: the epoch up to which it was complete.
    log_epoch,
    /// Of an entry: begun, or ended early.
    log_not_done,
    /// Field.
    log_from,
    /// Field.
    log_to,
    /// Of a field.
    log_code_help,
    /// State.
    log_whole,
    /// State.
    log_unverified,
    /// State.
    log_damaged,
    /// What to do.
    log_damaged_help,
    /// When.
    log_verified_at,
    /// When.
    log_signed_at,
    /// Not yet.
    log_never,
    /// How many.
    log_lines,
    /// What follows.
    log_check,
    /// Page: a sample.
    log_sample,
    /// What is done with it.
    log_sample_help,
    /// How much: `{shown}`, `{reveals}`, `{openings}`.
    log_sample_counts,
    /// Caption: `{day}`.
    log_sample_caption,
    /// Nothing.
    log_sample_empty,
    /// Refused.
    log_sample_day_over,
    /// Field.
    log_day,
    /// Button.
    log_sample_show,
    /// Page: proof.
    prove,
    /// Why.
    prove_help,
    /// Of the code.
    prove_code_help,
    /// Refused.
    prove_refused,
    /// Page: users.
    admin,
    /// What is so.
    admin_help,
    /// Heading.
    members,
    /// Caption: `{count}`.
    members_caption,
    /// Field.
    member_display_name,
    /// Column.
    member_totp,
    /// Column.
    member_signed_in,
    /// Column.
    member_sessions,
    /// State.
    member_active,
    /// State.
    member_disabled,
    /// State.
    member_not_begun,
    /// Button.
    member_add,
    /// Of a field.
    member_name_help,
    /// Of a field.
    member_provinces_help,
    /// Refused.
    member_name_wrong,
    /// Refused.
    member_display_name_wrong,
    /// Refused.
    member_role_wrong,
    /// Refused.
    member_provinces_wrong,
    /// Refused.
    member_name_taken,
    /// Refused.
    member_unfit,
    /// Refused.
    member_own,
    /// Of the setup code: `{life}`.
    member_code_help,
    /// Of the setup code: `{at}`.
    member_code_until,
    /// Button.
    member_change_role,
    /// What follows.
    member_role_help,
    /// Button.
    member_change_provinces,
    /// Heading.
    member_signing_in,
    /// Button.
    member_end_sessions,
    /// Button.
    member_reset,
    /// What follows.
    member_reset_help,
    /// Button.
    member_disable,
    /// Button.
    member_enable,
    /// Done.
    member_done_role,
    /// Done.
    member_done_provinces,
    /// Done.
    member_done_enable,
    /// Done.
    member_done_disable,
    /// Done.
    member_done_sessions,
    /// Heading.
    matrix,
    /// Where it is from.
    matrix_help,
    /// Heading.
    settings,
    /// Where they are from.
    settings_help,
    /// Setting.
    setting_totp,
    /// Value.
    setting_totp_required,
    /// Value.
    setting_totp_optional,
    /// Setting.
    setting_idle,
    /// Setting.
    setting_absolute,
    /// Setting.
    setting_setup_code,
    /// Setting.
    setting_claims,
    /// Setting.
    setting_journal,
    /// Setting.
    setting_access_log,
    /// Value.
    setting_no_end,
    /// Value: `{count}`.
    setting_days,
    /// Value: `{count}`.
    setting_hours,
    /// Value: `{count}`.
    setting_minutes,
    /// Answer.
    yes,
    /// Answer.
    no,
    /// Not known.
    unknown,
    /// A diagnosis that is masked.
    restricted_diagnosis,
    /// Its code, in a sentence.
    restricted_code,
    /// Page: a person's alerts are found.
    search,
    /// Field.
    search_number,
    /// Help.
    search_help,
    /// Button.
    search_button,
    /// Nothing was found: `{at}`.
    search_none,
    /// Nothing was found, and it is not known up to when data are complete.
    search_none_unknown,
    /// What was typed is no number.
    search_bad,
    /// Too many searches: `{at}`.
    search_spent,
    /// Opens the form: `{fields}`.
    reveal_show,
    /// Field.
    reveal_purpose,
    /// Help.
    reveal_help,
    /// Button.
    reveal_button,
    /// It was recorded: `{row}`, `{purpose}`.
    reveal_recorded,
    /// In the work history: `{row}`, `{fields}`, `{purpose}`.
    reveal_event,
    /// Too many rows were shown: `{at}`.
    reveal_spent,
    /// There is no purpose, or nothing masked in the row.
    reveal_purpose_missing,
    /// Instead of `confidential`, where a row is unmasked.
    reveal_confidential,

    /// Page: what another threshold would come to.
    what_if,
    /// Name of the list of thresholds.
    what_if_dials,
    /// Field.
    what_if_value,
    /// Field.
    what_if_number,
    /// Button.
    what_if_show,
    /// Up to when: `{at}`, `{epoch}`, `{value}`.
    what_if_exact,
    /// The reason is not looked for.
    what_if_off,
    /// Nothing was computed yet.
    what_if_unknown,
    /// A value beyond what is kept: `{value}`.
    what_if_too_loose,
    /// Figure.
    what_if_in_force,
    /// Figure.
    what_if_now,
    /// Figure.
    what_if_under,
    /// Figure.
    what_if_added,
    /// Figure.
    what_if_removed,
    /// Figure.
    what_if_amount_added,
    /// Figure.
    what_if_amount_removed,
    /// Figure.
    what_if_work_added,
    /// Figure.
    what_if_work_saved,
    /// Column.
    what_if_work_all,
    /// Hours: `{count}`.
    what_if_hours,
    /// How work is counted: `{minutes}`, `{count}`.
    what_if_work_measured,
    /// How work is counted: `{minutes}`.
    what_if_work_assumed,
    /// Name of the picture.
    what_if_chart,
    /// What the picture shows: `{value}`.
    what_if_chart_help,
    /// Caption.
    what_if_steps,
    /// Column.
    what_if_threshold,
    /// Column.
    what_if_alerts,
    /// Beside a threshold.
    what_if_is_in_force,
    /// Beside a threshold.
    what_if_is_asked,
    /// Heading.
    what_if_verdicts_title,
    /// Of how many: `{count}`.
    what_if_verdicts,
    /// Column.
    what_if_kept,
    /// Kind of verdict.
    what_if_confirmed,
    /// Kind of verdict.
    what_if_legitimate,
    /// Kind of verdict.
    what_if_false,
    /// Kind of verdict.
    what_if_neither,
    /// Heading.
    what_if_by_month,
    /// Caption.
    what_if_by_month_help,
    /// Column.
    what_if_month,
    /// Heading.
    what_if_by_province,
    /// Caption.
    what_if_by_province_help,
    /// A table is empty.
    what_if_none,
    /// A threshold, in short.
    dial_overlap_minutes,
    /// A threshold, in short.
    dial_minutes_after_admission,
    /// A threshold, in short.
    dial_minutes_before_discharge,
    /// A threshold, in short.
    dial_facilities,
    /// A threshold, in short.
    dial_visits,
    /// A threshold, in short.
    dial_outlier_level,
    /// Page: the data measures.
    measures,
    /// Nothing was computed yet.
    measures_unknown,
    /// Up to when: `{at}`.
    measures_at,
    /// From when on: `{at}`.
    measures_counted_from,
    /// Heading.
    measures_streams,
    /// Caption.
    measures_streams_help,
    /// Column.
    measures_stream,
    /// Column.
    measures_rows,
    /// Column.
    measures_complete,
    /// Column.
    measures_accepted,
    /// Column.
    measures_again,
    /// Column.
    measures_last,
    /// Column.
    measures_in_time,
    /// Column.
    measures_month_end,
    /// Column.
    measures_correct,
    /// Column.
    measures_p90,
    /// Heading.
    measures_checks,
    /// Column.
    measures_check,
    /// Column.
    measures_share,
    /// Column.
    measures_wrong,
    /// A share that is not computed.
    measures_not_computed,
    /// Heading.
    measures_facilities,
    /// Caption: `{shown}`, `{all}`, `{by}`.
    measures_facilities_help,
    /// Column.
    measures_claims,
    /// Column.
    measures_amount,
    /// Field.
    measures_sort,
    /// No facility.
    measures_facilities_empty,
    /// Beside a share: `{count}`, `{of}`.
    measures_of,
    /// A time: `{count}`.
    measures_days,
    /// A time: `{count}`.
    measures_hours,
    /// A time: `{count}`.
    measures_minutes,
    /// A time: known before it happened.
    measures_before,
    /// A time without a bound.
    measures_beyond,
    /// Name of the picture: `{by}`.
    measures_chart,
    /// What the picture shows.
    measures_chart_help,
    /// A check.
    check_authenticated,
    /// A check.
    check_single,
    /// A check.
    check_in_step_with_deaths,
    /// A check.
    check_cards_registered,
    /// A check.
    check_one_identity,
    /// A check.
    check_diagnoses_fit,
    /// A check.
    check_amounts_agree,
    /// A check.
    check_not_repeated,
    /// A check.
    check_identity_and_registers,
    /// A check.
    check_alive,
    /// A check.
    check_compatible,
}
