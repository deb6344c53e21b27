// SPDX-License-Identifier: Apache-2.0
//
// The table of commands, in the order in which help lists them within a group.

#include "cmd/daemons.h"

extern const struct command command_adoption;
extern const struct command command_changes;
extern const struct command command_check;
extern const struct command command_completion;
extern const struct command command_concentration;
extern const struct command command_delay;
extern const struct command command_doctor;
extern const struct command command_economy;
extern const struct command command_evidence;
extern const struct command command_fetch_rir;
extern const struct command command_fetch_routing;
extern const struct command command_fetch_rpki;
extern const struct command command_fetch_users;
extern const struct command command_forecast;
extern const struct command command_geography;
extern const struct command command_help;
extern const struct command command_holders;
extern const struct command command_import;
extern const struct command command_indices;
extern const struct command command_lab_break;
extern const struct command command_lab_capture;
extern const struct command command_lab_check;
extern const struct command command_lab_down;
extern const struct command command_lab_enter;
extern const struct command command_lab_grade;
extern const struct command command_lab_list;
extern const struct command command_lab_log;
extern const struct command command_lab_new;
extern const struct command command_lab_reset;
extern const struct command command_lab_service;
extern const struct command command_lab_show;
extern const struct command command_lab_solve;
extern const struct command command_lab_status;
extern const struct command command_lab_test;
extern const struct command command_lab_up;
extern const struct command command_lifetimes;
extern const struct command command_lookup;
extern const struct command command_mrt_peers;
extern const struct command command_mrt_prefixes;
extern const struct command command_mrt_routes;
extern const struct command command_nameservers;
extern const struct command command_networks;
extern const struct command command_observe_export;
extern const struct command command_observe_import;
extern const struct command command_observe_key;
extern const struct command command_optout;
extern const struct command command_pace;
DAEMONS(DAEMON_DECLARED)
extern const struct command command_serve;
extern const struct command command_services;
extern const struct command command_snapshots;
extern const struct command command_tally;
extern const struct command command_verify;
extern const struct command command_visibility;

// clang-format off
const struct command *const commands[] = {
    &command_fetch_rir,
    &command_fetch_routing,
    &command_fetch_rpki,
    &command_fetch_users,
    &command_import,
    &command_doctor,
    &command_tally,
    &command_pace,
    &command_geography,
    &command_nameservers,
    &command_adoption,
    &command_indices,
    &command_forecast,
    &command_concentration,
    &command_visibility,
    &command_delay,
    &command_networks,
    &command_services,
    &command_holders,
    &command_snapshots,
    &command_lifetimes,
    &command_mrt_routes,
    &command_mrt_prefixes,
    &command_mrt_peers,
    &command_economy,
    &command_changes,
    &command_lookup,
    &command_check,
    &command_optout,
    &command_observe_key,
    &command_observe_export,
    &command_observe_import,
    &command_serve,
    &command_evidence,
    &command_verify,
    DAEMONS(DAEMON_OF_TABLE)
    &command_lab_list,
    &command_lab_show,
    &command_lab_up,
    &command_lab_status,
    &command_lab_enter,
    &command_lab_check,
    &command_lab_grade,
    &command_lab_capture,
    &command_lab_service,
    &command_lab_log,
    &command_lab_solve,
    &command_lab_break,
    &command_lab_reset,
    &command_lab_down,
    &command_lab_test,
    &command_lab_new,
    &command_help,
    &command_completion,
    NULL,
};
// clang-format on
