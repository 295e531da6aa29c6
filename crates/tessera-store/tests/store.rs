//! The store suite. Every case runs on both engines. Every method of the store has a case.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "suite/mod.rs"]
mod suite;

/// Makes one test per case and engine.
macro_rules! on_both_engines {
    ($($room:ident { $($case:ident)+ })+) => {
        mod sqlite {
            $(mod $room { $(
                #[test]
                fn $case() { crate::suite::bed::on_sqlite(crate::suite::$room::$case); }
            )+ })+
        }
        mod postgres {
            $(mod $room { $(
                #[test]
                fn $case() { crate::suite::bed::on_postgres(crate::suite::$room::$case); }
            )+ })+
        }
    };
}

on_both_engines! {
    users {
        a_user_reads_back
        names_are_unique_and_sorted_byte_by_byte
        i04_a_status_never_goes_back
        what_is_told_about_a_user_is_replaced
        passwords_are_set_and_confirmed
        the_costs_of_the_passwords_are_listed
        deleting_a_user_takes_everything_of_theirs
    }
    clients {
        a_client_reads_back
        secrets_are_replaced
        what_is_chosen_for_a_client_is_replaced
        o05_a_client_proves_pkce_once
        a_client_is_disabled_once
        deleting_a_client_takes_its_grants_and_consents
        every_change_of_the_catalog_shows_in_its_version
    }
    apis {
        an_api_reads_back
        name_and_settings_of_an_api_are_replaced
        of_changes_at_the_same_moment_none_is_lost
    }
    groups {
        a_group_reads_back_with_its_members
        a_group_goes_once_nobody_is_in_it
        a_member_needs_a_group_and_goes_with_the_account
    }
    authenticators {
        r21_an_authenticator_reads_back_and_has_one_owner
        i04_a_counter_never_goes_back
        what_a_credential_shows_of_itself_is_written_without_loss
        a_recovery_code_is_spent_once
        each_step_of_a_login_is_taken_once
    }
    fobs {
        r08_a_fob_reads_back_and_its_label_is_unique
        r09_a_fob_has_one_person_and_comes_back_with_its_counter
        i04_a_lost_fob_stays_lost
    }
    documents {
        a_client_of_a_newer_version_reads_with_what_is_known
        a_change_of_a_client_by_an_older_instance_loses_nothing
        a_rotation_by_an_older_instance_ends_what_it_ends_and_keeps_the_rest
        an_api_of_a_newer_version_reads_and_is_changed_without_loss
        claims_of_a_newer_version_survive_a_change
        the_version_never_goes_down
        documents_of_older_versions_read_with_defaults
        broken_documents_turn_off_that_one_row
    }
    backup {
        f53_a_backup_reads_back_on_either_engine
        f53_a_backup_is_one_state_of_the_database
        f14_an_older_backup_is_migrated_and_a_newer_one_refused
        a_database_of_an_older_version_can_still_be_read
        f08_a_restore_is_whole_or_leaves_nothing
        a_restore_needs_an_empty_place_and_no_server
        the_old_database_may_be_read_meanwhile_and_be_another_schema
        everything_that_was_issued_is_removed
        the_first_epoch_begins_once
    }
    sessions {
        a_session_reads_back
        i04_an_ended_session_stays_ended
        only_a_live_session_is_touched
        all_sessions_of_a_user_end_at_once
    }
    grants {
        every_stage_reads_back
        a_code_is_spent_only_while_it_is_good
        the_third_failure_burns_the_code
        i04_a_revoked_grant_stays_revoked
        grants_end_with_the_generation_of_their_person
        o13_an_offline_grant_outlives_its_session_and_no_code_does
        i08_a_session_and_client_have_at_most_sixteen_codes_waiting
        the_only_client_of_a_session_is_found
        a_grant_needs_its_person_client_and_session
        grants_without_a_session_or_a_person_read_back_and_end
        the_columns_of_a_grant_fit_its_holder_and_stage
    }
    removal {
        what_a_person_or_client_holds_is_removed_in_steps
        grants_of_ended_sessions_are_removed_a_few_hundred_at_a_time
        expired_rows_are_purged_and_living_ones_stay
    }
    rotation {
        o22_the_statement_follows_the_rule_of_the_model
        a_grant_past_its_end_does_not_rotate
    }
    consents {
        a_person_sees_who_has_access_and_since_when
        an_answer_is_remembered_beside_the_ones_before
        of_answers_at_the_same_moment_none_is_lost
    }
    throttles {
        p3_the_steps_are_those_of_the_model
        l17_however_few_may_be_wrong_the_last_of_them_blocks_until_midnight
        p3_nothing_blocks_for_long_while_the_clock_is_in_doubt
        p3_failures_count_within_one_utc_day
        p3_a_block_of_a_clock_that_was_days_ahead_holds_nobody
        i05_an_attempt_that_was_wrong_is_no_longer_waited_for
        an_attempt_that_nobody_verified_is_taken_back
        success_clears_a_counter_and_an_operator_all_of_an_account
        counters_of_days_that_are_over_are_purged
    }
    keys {
        a_key_reads_back
        f04_one_active_and_one_next_key_per_purpose
        i04_a_key_never_goes_back
        a_plan_is_written_down_and_ends_with_the_step
        what_a_clock_that_was_ahead_wrote_is_brought_back
    }
    revocations {
        rules_are_read_in_order_and_purged
        a_follower_learns_what_was_committed_and_where_the_last_rules_begin
        rules_about_the_same_thing_become_one
        a_rule_of_each_kind_hits_what_was_issued_until_then
        a_rule_that_is_there_is_not_written_again
        a_token_that_names_a_rule_is_not_hit_by_it
        what_decides_about_a_grant_comes_with_its_person
        rules_are_counted_and_folded_by_person_and_client
        a_follower_misses_no_rule
    }
    audit {
        an_event_reads_back_and_is_written_once
        a_page_looks_at_a_bounded_stretch
        a_request_is_found_by_its_id
        events_are_filtered_and_paged
        old_events_are_purged_in_small_steps
    }
    spent {
        i01_a_thing_is_spent_once
        expired_entries_are_purged_in_small_steps
    }
    outbox {
        a_message_reads_back_and_comes_when_it_is_due
        whoever_counted_an_attempt_says_what_came_of_it
        a_message_goes_with_its_person
    }
    jobs {
        a_run_is_claimed_extended_and_ended
        the_claim_follows_the_rule_of_the_model
        a_holder_that_lost_its_lease_changes_nothing
        a_job_that_is_woken_while_it_runs_runs_again
    }
    clock {
        the_highest_time_only_rises_until_a_clock_is_accepted
        a_server_has_a_clock_of_its_own
    }
    transactions {
        i03_an_error_takes_everything_back
        a_swallowed_failure_cannot_be_committed
        cancellation_midway_leaves_nothing
        a_panic_leaves_nothing
        a_handle_is_dead_after_its_closure
        a_read_cannot_write
        futures_can_be_spawned_and_may_borrow
        i03_what_many_writers_were_told_is_there_after_reopening
    }
    races {
        i01_o10_one_of_64_racers_redeems_a_code
        i01_o10_one_of_64_racers_at_two_stores_redeems_a_code
        i01_o24_one_of_64_racers_rotates_a_refresh_token
        i10_o24_racers_with_retry_get_one_and_the_same_leaf
        i10_o24_racers_with_retry_at_two_stores_get_one_and_the_same_leaf
        one_of_64_racers_from_elsewhere_completes_a_shadow_run
        one_of_64_racers_writes_a_rule
        i05_one_of_64_racers_begins_an_attempt
        i01_one_of_64_racers_uses_a_code_a_recovery_code_and_a_step
        i01_one_of_64_racers_uses_a_code_of_a_fob_and_one_gets_it
        i04_lock_and_disable_end_disabled
        f04_one_of_64_racers_activates_a_key
        i01_one_of_64_racers_spends_a_thing
        i01_one_of_64_racers_at_two_stores_spends_a_thing
        i01_one_of_64_racers_at_two_stores_makes_an_attempt
        one_of_64_racers_claims_a_job
        one_of_64_racers_at_two_stores_takes_a_job_over
    }
    migrations {
        grants_of_version_2_keep_their_meaning
        grants_of_version_3_read_back_and_can_be_used
        keys_of_version_3_read_back
        settings_of_version_1_keep_their_meaning
        settings_of_version_2_keep_their_meaning
        settings_of_version_3_keep_their_meaning
        people_and_sessions_of_version_3_read_back
    }
    schema {
        f14_a_newer_schema_is_refused
        f14_a_foreign_database_is_refused
        f14_tables_that_do_not_fit_are_refused
        unreadable_rows_are_reported_without_their_values
        an_unreadable_row_of_the_catalog_hides_no_other
        many_may_open_an_empty_database_at_once
        f14_only_create_initialises_an_empty_database
        i03_a_probe_writes_and_knows_the_installation
    }
}
