//! What every engine must do, run on each: SQLite in a file and in memory.
//!
//! A case takes an empty store and knows no engine. Another engine joins by a line in `engines!`.

// A test fails by panicking.
#![allow(clippy::unwrap_used)]

mod agents;
mod audit;
mod bus;
mod contract;
mod deliberations;
mod desk;
mod discord;
mod discord_pages;
mod discord_panels;
mod ledger;
mod much;
mod notes;
mod people;
mod runs;
mod units;
mod values;

use std::sync::Arc;

use husting_store::{SqliteStore, Store};

/// An empty store, and what must live as long as it does.
struct Opened {
    store: Arc<dyn Store>,
    _folder: Option<tempfile::TempDir>,
}

async fn file() -> Opened {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path(), values::at(0))
        .await
        .unwrap();
    Opened {
        store: Arc::new(store),
        _folder: Some(folder),
    }
}

async fn memory() -> Opened {
    Opened {
        store: Arc::new(SqliteStore::open_in_memory().await.unwrap()),
        _folder: None,
    }
}

/// Every case once on every engine, as a test of its own.
macro_rules! engines {
    ($($engine:ident),+; $cases:tt) => {$( engines!(@engine $engine $cases); )+};
    (@engine $engine:ident { $($subject:ident: $($case:ident),+;)+ }) => {
        mod $engine {$(
            mod $subject {$(
                #[tokio::test]
                async fn $case() {
                    let opened = crate::$engine().await;
                    crate::$subject::$case(opened.store.clone()).await;
                    opened.store.close().await;
                }
            )+}
        )+}
    };
}

engines! { file, memory; {
    units:
        a_refused_unit_leaves_nothing,
        a_unit_that_breaks_a_rule_leaves_nothing,
        every_precondition_is_checked_before_any_write,
        sixty_four_callers_are_all_kept,
        of_callers_that_require_the_same_version_one_is_kept,
        tenants_do_not_see_each_other,
        a_closed_store_says_so;
    deliberations:
        a_session_reads_back_as_written,
        how_a_session_stands_is_read_alone,
        a_list_of_one_who_asks_holds_their_sessions_alone,
        sessions_change_one_thing_at_a_time,
        a_list_is_newest_first_and_counts_all,
        a_list_counts_each_state_as_sessions_change,
        a_list_is_searched_in_titles_tags_and_prompts,
        what_was_said_is_found_by_its_words,
        what_was_said_beside_the_answers_is_found_as_what_it_is,
        a_list_tells_rounds_contested_claims_and_cost,
        a_list_tells_how_the_newest_rounds_calls_stand,
        a_round_reads_back_in_every_state,
        only_a_running_round_can_change,
        a_call_reads_back_in_every_state,
        an_ended_call_does_not_change,
        words_of_failed_calls_are_forgotten_and_of_no_other,
        an_attempt_asks_a_model_for_one_answer,
        a_restart_finds_what_was_running,
        round_preconditions_hold_and_fail,
        deleting_a_session_keeps_the_ledger,
        a_session_with_money_on_hold_is_not_deleted;
    contract:
        keys_are_made_used_and_revoked_once,
        live_keys_have_names_of_their_own,
        an_acknowledgement_stands_in_one_place,
        of_two_requests_only_a_twin_stands_in_the_others_way,
        what_stands_by_words_lasts_as_long_as_its_round,
        a_synthesis_is_awaited_without_losing_the_one_before,
        a_callers_rounds_of_a_day_are_counted,
        summaries_read_back_and_a_restart_finds_those_at_work,
        a_list_has_the_last_changed_first_and_the_last_opened_of_equals;
    ledger:
        bookings_read_back_as_written,
        the_wallet_is_one_moment,
        an_unbalanced_booking_is_refused,
        a_bucket_never_falls_below_zero,
        a_booking_is_made_once,
        a_refund_names_a_debit_of_its_round,
        an_amount_out_of_range_is_refused,
        months_and_bookings_since_a_moment_are_told,
        bookings_are_listed_by_kind_words_and_page,
        a_page_of_the_ledger_tells_the_balance_after_each_booking,
        bookings_of_one_moment_are_paged_one_by_one,
        the_balances_of_two_tenants_are_apart,
        spend_is_summed_by_each_dimension,
        past_rounds_tell_what_they_cost,
        a_past_round_tells_what_was_said_before_it,
        broken_rounds_are_no_history,
        a_hold_is_never_less_than_nothing,
        balances_follow_from_the_entries;
    much:
        a_word_is_found_among_all_that_was_said;
    desk:
        providers_read_back_as_written,
        models_read_back_as_written,
        models_off_the_list_keep_their_terms,
        settings_and_drafts_are_put_and_dropped,
        broken_json_is_refused,
        what_is_kept_is_measured_by_kind,
        a_backup_is_a_whole_store;
    runs:
        a_wiring_takes_the_place_of_the_one_before_at_its_path,
        a_wiring_that_was_undone_is_gone_and_no_other,
        how_an_agent_is_run_reads_back_as_written,
        a_run_reads_back_in_every_state,
        an_agents_program_runs_once_at_a_time,
        runs_are_paged_newest_first_and_wakes_are_counted,
        what_follows_a_run_is_kept_with_its_end_and_taken_away_by_another_start,
        of_old_runs_the_newest_of_an_agent_stays_without_its_words;
    agents:
        tenants_are_set_up_and_changed,
        an_agent_reads_back_as_written_and_changes,
        a_name_is_free_again_after_a_revocation,
        tokens_end_once_and_never_later,
        agents_stand_while_nothing_of_theirs_changes,
        a_call_behind_a_change_is_refused,
        of_fifty_mints_at_once_five_are_kept,
        a_mint_stands_under_its_key_until_it_is_forgotten,
        a_denial_is_one_question_until_it_is_answered;
    bus:
        a_message_reads_back_as_written,
        any_text_is_kept_as_written,
        nobody_gets_no_mail_but_the_operator_always_does,
        a_full_mailbox_refuses_and_a_broadcast_passes_it_by,
        a_plain_message_ends_with_the_next_fetch,
        a_fetch_may_leave_plain_mail_in_work,
        what_nobody_heard_of_is_put_back_and_another_lease_is_left,
        a_plain_message_returns_once_and_rests_then,
        a_request_returns_until_it_was_given_five_times,
        an_acknowledgement_ends_even_what_rests,
        an_answer_acknowledges_and_the_first_stays,
        what_rests_is_delivered_again_and_what_has_not_ended_withdrawn,
        what_has_not_ended_or_rests_is_withdrawn,
        what_was_given_once_is_not_taken_back_as_unseen,
        what_nobody_reads_any_more_is_parked,
        an_answer_carries_no_more_than_fits,
        what_is_given_at_once_never_waits,
        a_broadcast_reaches_who_is_there,
        erased_words_are_gone_in_all_mailboxes,
        a_sweep_tells_what_it_took_back,
        what_managed_agents_held_comes_back_with_the_next_sweep,
        messages_are_listed_by_whatever_is_asked,
        a_broadcast_stands_once_where_that_is_asked,
        a_broadcast_tells_in_how_many_mailboxes_it_came_how_far,
        messages_are_found_by_when_they_were_sent,
        messages_that_ended_are_deleted_and_what_waits_stays,
        a_request_that_was_answered_late_is_kept_as_long_from_then,
        words_are_found_in_any_case_and_script,
        words_are_found_where_people_read_them,
        a_thread_is_all_that_answers_or_is_answered,
        a_thread_has_a_broadcast_once,
        hops_are_those_that_were_given_lately,
        the_next_mail_is_the_oldest_that_waits,
        a_send_stands_under_its_key_until_it_is_forgotten,
        squads_live_as_long_as_their_members,
        a_message_has_the_state_that_is_required,
        mailboxes_of_two_tenants_are_apart;
    audit:
        rows_are_numbered_without_a_gap_and_bound,
        a_refused_unit_leaves_no_row,
        many_writers_make_one_chain_for_each_tenant,
        the_newest_seal_of_a_day_is_kept,
        rows_are_listed_by_agent_kind_and_page,
        calls_are_counted_behind_a_row;
    discord:
        a_gateway_session_is_where_it_was_heard_last,
        a_question_reads_back_as_written,
        a_message_is_heard_once_by_each_bot,
        words_change_only_while_they_wait_here,
        a_question_moves_from_the_state_it_is_in,
        a_question_is_sent_once_and_read_since_the_first_time,
        a_warning_is_in_vain_once_nothing_of_its_question_rests,
        questions_are_listed_by_state_and_newest_first,
        a_reply_reads_back_with_its_posts,
        mail_is_taken_in_once_by_each_bot,
        a_reply_answers_the_question_that_it_names,
        a_reply_to_nothing_or_anothers_question_is_refused,
        an_unplaced_reply_is_given_its_place_once,
        what_waits_to_be_posted_has_a_place,
        a_reply_is_posted_with_its_last_message,
        a_reply_moves_from_the_state_it_is_in,
        replies_are_listed_by_state_in_their_order,
        a_channels_next_reply_is_the_one_that_arrived_first,
        the_newest_questions_of_a_state_come_first,
        what_is_to_be_asked_leaves_out_agents_that_cannot_be_asked,
        a_channel_tells_whether_anybody_asked_since,
        a_deleted_message_is_noted_once_with_all_that_was_made_of_it,
        who_said_stop_is_known_for_thirty_days,
        a_question_rests_since_it_came_to_rest_and_no_more_once_it_goes_on,
        a_reply_rests_since_it_came_to_rest_and_no_more_once_it_goes_on,
        what_was_barred_waits_again_in_its_server,
        what_is_known_of_a_channel_grows,
        what_was_not_answered_in_seven_days_waits_no_more,
        what_ended_is_forgotten_after_thirty_days,
        a_question_stays_until_its_last_reply_has_ended,
        sessions_and_channels_are_not_forgotten;
    discord_pages:
        pages_of_questions_lose_none_of_a_moment,
        pages_of_replies_lose_none_of_a_moment,
        pages_of_stops_lose_none_of_a_moment,
        what_belongs_to_a_message_is_read_together,
        what_passed_is_counted_since_a_moment,
        what_rests_and_what_waits_for_the_bridge_is_counted_by_kind,
        replies_that_named_nothing_stay_counted_when_they_are_placed;
    discord_panels:
        a_panel_reads_back_as_written_and_its_command_is_heard_once,
        steering_is_kept_while_a_panel_rests_and_goes_with_the_round,
        what_was_said_is_taken_back_while_a_panel_rests,
        a_round_that_is_refused_is_taken_back_with_its_steering,
        a_round_that_came_to_nothing_gives_back_what_it_took_along,
        what_a_round_gave_back_goes_once_it_was_heard,
        panels_at_work_are_listed,
        panels_at_rest_are_listed_with_what_their_message_shows,
        rounds_of_panels_that_have_not_begun_are_counted,
        pages_of_panels_lose_none_of_a_moment,
        no_more_rounds_begin_in_a_day_than_may,
        a_panel_takes_no_more_steering_than_a_round_takes_along,
        a_panel_is_forgotten_when_nothing_was_begun_for_long;
    notes:
        notes_read_back_as_written_until_forgotten,
        any_word_finds_and_the_best_is_first,
        of_equals_the_newer_is_first_and_age_does_not_hide_a_match,
        memory_is_apart_by_owner_squad_and_tenant,
        no_query_is_syntax;
} }
