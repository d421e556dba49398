//! The alert store from outside: one suite on both databases, then what is particular to each.

mod backend;
mod cuts;
mod inputs;
mod made;
mod model;
mod pages;
mod servers;
mod statements;
mod suite;
mod threads;
mod tls;

#[path = "../support/ports.rs"]
mod ports;
#[path = "../support/postgres.rs"]
mod postgres_cluster;

/// Runs each test of the suite on a SQLite file and on a PostgreSQL database.
macro_rules! on_both {
    ($($module:ident: $($name:ident),+;)+) => {
        mod sqlite_file {
            $($(
                #[test]
                fn $name() {
                    super::$module::$name(&super::backend::Backend::file());
                }
            )+)+
        }

        mod postgres_database {
            $($(
                #[test]
                fn $name() {
                    if let Some(backend) = super::backend::Backend::database() {
                        super::$module::$name(&backend);
                    }
                }
            )+)+
        }
    };
}

on_both! {
    suite:
        what_is_committed_is_there_after_reopening,
        the_same_epoch_again_changes_nothing,
        other_outputs_of_a_committed_epoch_are_refused,
        the_newer_writer_wins,
        another_journal_is_refused,
        a_group_is_written_whole_or_not_at_all,
        a_failure_in_the_middle_leaves_nothing,
        alerts_come_go_and_come_again,
        only_old_epochs_are_forgotten,
        odd_texts_come_back_as_they_went,
        a_store_of_the_first_schema_is_brought_up_to_date,
        what_identifies_people_is_sealed,
        another_key_is_refused,
        what_was_changed_past_the_program_is_told,
        a_later_schema_is_left_alone,
        what_is_no_store_is_left_alone;
    pages:
        pages_go_through_everything_once,
        a_page_goes_on_where_it_ended_whatever_changed;
    inputs:
        refused_rows_are_kept_and_settled,
        positions_and_requests_are_kept;
    threads:
        an_export_is_one_state_and_holds_nobody_up,
        a_receiver_that_fails_ends_the_export,
        readers_see_whole_commits;
    model:
        random_histories_equal_a_map;
}
