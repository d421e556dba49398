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
    /// A stream that is complete up to a time: `{stream}`, `{at}`.
    stream_up_to,
    /// A stream of which nothing has come: `{stream}`.
    stream_no_row,
    /// How many streams are behind: `{count}`, `{all}`.
    streams_behind,
    /// No stream is behind: `{count}`.
    streams_complete,
    /// Name of the list of streams.
    streams_list,
    /// Came and went since the page was made: `{raised}`, `{withdrawn}`.
    live_changes,
    /// The list has been made anew with what came and went: `{raised}`, `{withdrawn}`.
    live_shown,
    /// Name of the place where changes are told.
    live_region,
    /// Loads the list again.
    live_show,
    /// Beside a list that renews itself: has it stand still.
    live_pause,
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
    /// Too many at a time.
    sign_in_busy,
    /// Not possible now.
    sign_in_unavailable,
    /// Link to the identity provider: `{name}`.
    sign_in_with,
    /// Between the link and the form of passwords.
    sign_in_or,
    /// Signed in by the identity provider; the page goes on.
    signed_in_go_on,
    /// Signed out here; the page goes on to the identity provider.
    signed_out_here,
    /// The identity provider does not answer.
    provider_away,
    /// What came back is of no sign-in of this browser.
    provider_not_begun,
    /// The identity provider signed nobody in.
    provider_declined,
    /// What the identity provider says cannot be verified.
    provider_unsound,
    /// The identity provider did not ask anew.
    provider_not_anew,
    /// In no group that has a role.
    provider_no_group,
    /// Disabled here.
    provider_disabled,
    /// Somebody else proved who they are.
    provider_other_person,
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
    /// Page: what changed since a look.
    changes,
    /// Link: `{count}` changes since `{at}`.
    changes_link,
    /// No change since `{at}`.
    changes_none,
    /// Link where nothing was marked as seen yet.
    changes_begin,
    /// Nothing was marked as seen yet.
    changes_never,
    /// From when to when: `{from}`, `{to}`.
    changes_span,
    /// There is more.
    changes_cut,
    /// Field: which list.
    changes_place,
    /// Button.
    changes_show,
    /// Caption: alerts that became something else.
    changes_alerts,
    /// Column: fields that changed.
    changes_fields,
    /// Heading: what others did.
    changes_events,
    /// Only so many are listed: `{count}`.
    changes_limited,
    /// What exactly changed is not known.
    change_unknown,
    /// Button.
    mark_seen,
    /// After that.
    marked_seen,
    /// Mark of a row: raised since it was seen.
    since_new_mark,
    /// Mark of a row: changed since it was seen.
    since_changed_mark,
    /// What these marks mean.
    since_mark_help,
    /// Heading: changes since the alert was opened before.
    since_look,
    /// With what it is compared: `{at}`.
    since_look_at,
    /// An epoch: `{epoch}`.
    epoch_number,
    /// Name of a figure.
    severity,
    /// Name of a figure.
    likelihood,
    /// Name of a figure: why somebody does not authenticate.
    cause_name,
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
    /// None, and a stream is behind: `{stream}`.
    empty_stream_behind,
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
    /// Caption.
    streams_caption,
    /// What the states mean.
    streams_help,
    /// Column.
    stream,
    /// Column.
    stream_last,
    /// Column.
    stream_silent,
    /// Column.
    stream_expected,
    /// Column.
    stream_complete,
    /// No interval is set.
    stream_not_expected,
    /// State.
    stream_on_time,
    /// State.
    stream_quiet,
    /// State.
    stream_stalled,
    /// State.
    stream_awaited,
    /// State.
    stream_empty,
    /// Column.
    feed_waits,
    /// State.
    feed_slow,
    /// Unit.
    unit_seconds,
    /// Unit.
    unit_minutes,
    /// Unit.
    unit_hours,
    /// Unit.
    unit_days,
    /// Page and link: a stopped source is let go on.
    source_resume,
    /// What that does.
    source_resume_help,
    /// Button.
    source_resume_confirm,
    /// Rows that wait: `{count}`.
    source_waiting,
    /// It is not stopped.
    source_runs,
    /// After that.
    source_resumed,
    /// Link.
    cancel,
    /// Page: rows that were not accepted.
    rejects,
    /// Column.
    rejects_open,
    /// Caption.
    rejects_caption,
    /// No such row.
    rejects_none,
    /// Page: one of them: `{id}`.
    reject,
    /// Column: why.
    reject_why,
    /// Column: file and row.
    reject_place,
    /// Name of a figure.
    reject_code,
    /// A code that this version does not know.
    reject_unknown,
    /// State.
    reject_open,
    /// State.
    reject_repaired,
    /// State.
    reject_dismissed,
    /// Heading.
    reject_repair,
    /// How the form works.
    reject_repair_help,
    /// The row could not be read.
    reject_unread,
    /// Mark of a field.
    field_required,
    /// Mark of a field.
    field_wrong,
    /// A value that is not shown.
    field_masked,
    /// Below a field that is masked.
    field_kept,
    /// Below a field of several values.
    field_list,
    /// Box that empties a field.
    field_empty,
    /// Button.
    reject_send,
    /// Heading and button.
    reject_dismiss,
    /// What that does.
    reject_dismiss_help,
    /// Field.
    reject_dismiss_why,
    /// Refused.
    reject_reason_missing,
    /// Nothing can be done any more.
    reject_nothing_left,
    /// Conflict.
    reject_settled,
    /// Refused: `{why}`.
    reject_still_wrong,
    /// After that.
    reject_sent,
    /// After that.
    reject_set_aside,
    /// Heading.
    reject_fields,
    /// Column.
    reject_column,
    /// Column.
    reject_value,

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
    /// Link to the proof at the identity provider: `{name}`.
    prove_elsewhere,
    /// How the proof at the identity provider goes: `{name}`.
    prove_elsewhere_help,
    /// The proof at the identity provider was not given.
    prove_not_yet,
    /// The proof at the identity provider was given.
    proved_elsewhere,
    /// On one's own account: no password here.
    account_of_provider,
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
    /// In place of whether there is an app of codes.
    member_provider,
    /// A user whom the identity provider brought.
    member_provider_help,
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
    /// Part of what was done with several alerts as one: followed by its number.
    batch,
    /// Page: batches.
    batches,
    /// Link.
    batches_all,
    /// A text.
    batches_help,
    /// A text.
    batches_empty,
    /// Column.
    batch_number,
    /// Column.
    batch_what,
    /// Column.
    batch_author,
    /// Column.
    batch_at,
    /// `{number}`.
    batch_title,
    /// Page.
    batch_new,
    /// Link below a list.
    batch_whole_list,
    /// A text.
    batch_help,
    /// Button.
    batch_propose,
    /// `{most}`.
    batch_too_large,
    /// A text.
    batch_list_moved,
    /// A text.
    batch_decided_meanwhile,
    /// A text.
    wrong_not_together,
    /// `{name}`.
    batch_proposed_by,
    /// `{name}`.
    batch_approved_by,
    /// `{name}`.
    batch_returned_by,
    /// `{name}`.
    batch_undone_by,
    /// A text.
    batch_outcome_none,
    /// `{count}`.
    batch_sample,
    /// A text.
    batch_decide_help,
    /// A text.
    batch_undo_help,
    /// Button.
    batch_approve,
    /// Button.
    batch_return,
    /// Button.
    batch_undo,
    /// Link after something was done.
    batch_undo_link,
    /// Link below a list.
    sheet,
    /// Section: how the numbers of an alert are tied.
    identity,
    /// What the picture shows.
    identity_help,
    /// A number of nine digits.
    identity_old_id,
    /// A row of evidence: `{row}`.
    identity_row,
    /// Not all rows are drawn.
    identity_cut,
    /// A tie.
    tie_presented,
    /// A tie.
    tie_named,
    /// A tie.
    tie_holder,
    /// A tie.
    tie_personal_id,
    /// A tie.
    tie_superseded,
    /// A tie.
    tie_old_id,
    /// A tie: `{percent}`.
    tie_alike,
    /// Two rows compared.
    compared_agrees,
    /// Two rows that cannot be compared.
    compared_unknown,
    /// Mark of a tie.
    bridge,
    /// What a bridge is.
    bridge_help,
    /// There is no bridge.
    bridge_none,
    /// Section: money by stage of proof.
    by_stage,
    /// What the sums are.
    by_stage_help,
    /// Column.
    stage,
    /// The stage that every alert was in.
    stage_flagged,
    /// Section: facilities of a person or a card.
    group_facilities,
    /// Section: facilities where the same people have alerts.
    group_shared,
    /// What is counted.
    group_shared_help,
    /// Column.
    people,
    /// Section: days of services.
    calendar,
    /// What is in it.
    calendar_help,
    /// What is in it, for a provider.
    calendar_counts_help,
    /// Not all is in it.
    calendar_cut,
    /// Button.
    calendar_latest,
    /// More of a day: `{count}`.
    calendar_more,
    /// Mark of a day.
    calendar_visit,
    /// Mark of a day.
    calendar_stay,
    /// Mark of a day.
    calendar_stay_begins,
    /// Mark of a day.
    calendar_stay_goes_on,
    /// Mark of a day.
    calendar_stay_ends,
    /// The days of a week from Monday on, with spaces between.
    weekdays,
    /// Section of the page of administration.
    retention,
    /// What it shows.
    retention_help,
    /// What is kept.
    retention_claims,
    /// For how long: `{count}`.
    retention_claims_days,
    /// For how long.
    retention_claims_all,
    /// What is kept.
    retention_journal,
    /// For how long.
    retention_journal_kept,
    /// What is kept.
    retention_alerts,
    /// For how long.
    retention_alerts_kept,
    /// What is kept.
    retention_work,
    /// For how long.
    retention_work_kept,
    /// What is kept.
    retention_notes,
    /// For how long: `{count}`.
    retention_notes_days,
    /// What is kept.
    retention_log,
    /// For how long.
    retention_log_kept,
    /// Section of the page of administration.
    calendars,
    /// What it shows.
    calendars_help,
    /// A year: `{year}`.
    calendars_of,
    /// Kind of holidays.
    calendars_fixed,
    /// Kind of holidays.
    calendars_listed,
    /// There are none.
    calendars_none,
    /// A year has no list: `{years}`.
    calendars_missing,
    /// Role.
    role_portal,
    /// Beside a citizen's own records: what is left out.
    self_check_note,
    /// Page: requests of citizens for corrections.
    corrections,
    /// Help.
    corrections_help,
    /// Link: those that are open.
    corrections_open,
    /// Link: those that are answered.
    corrections_answered,
    /// Nothing is listed.
    corrections_empty,
    /// Caption of the list.
    corrections_caption,
    /// Title of one request: `{id}`.
    correction,
    /// Column.
    correction_reference,
    /// Column.
    correction_asked,
    /// Column.
    correction_due,
    /// Column.
    correction_database,
    /// Column.
    correction_field,
    /// Column.
    correction_handler,
    /// What is right, says the citizen.
    correction_should_be,
    /// More that the citizen says.
    correction_note,
    /// In the place of what somebody typed in a month that is erased.
    typed_erased,
    /// In the place of what somebody typed in a month whose key cannot be had.
    typed_unreadable,
    /// Through which portal.
    correction_portal,
    /// Whom it is about.
    correction_person,
    /// Link to the person's alerts.
    correction_alerts,
    /// Field, and heading of what was answered.
    correction_answer,
    /// Help.
    correction_answer_help,
    /// Button.
    correction_start,
    /// Button.
    correction_release,
    /// Button.
    correction_accept,
    /// Button.
    correction_refuse,
    /// Button.
    correction_reveal,
    /// Help.
    correction_reveal_help,
    /// It was kept.
    correction_done,
    /// An answer is missing or too long.
    correction_wrong,
    /// Somebody else did something meanwhile.
    correction_moved,
    /// Not theirs, or not possible now.
    correction_not_possible,
    /// On the page of an alert: the person says that something is wrong.
    correction_banner,

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
