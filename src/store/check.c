// SPDX-License-Identifier: Apache-2.0
//
// Is the archive sound? SQLite's own check first, then what only Sextant knows. Each rule is a
// query that finds what breaks it.

#include "store/routes_edit.h"

#include <stdio.h>

struct rule {
    const char *sql;      // rows: the culprits, one text column
    const char *sentence; // with one %s
};

static const struct rule rules[] = {
    {"SELECT 'table ' || \"table\" || ', row ' || coalesce(rowid, '?') FROM "
     "pragma_foreign_key_check",
     "%s refers to a row that is not there"},
    {"SELECT 'input ' || i.id || ' (' || i.source || ')' FROM input i"
     " LEFT JOIN line_fate f ON f.input = i.id GROUP BY i.id"
     " HAVING i.lines <> coalesce(sum(f.lines), 0)",
     "%s: its lines by fate do not sum to its lines"},
    {"SELECT count(*) || ' lifetimes of family ' || l.family || ', registry ' || l.registry"
     " FROM lifetime l WHERE NOT EXISTS (SELECT 1 FROM snapshot s WHERE s.family = l.family"
     " AND s.registry = l.registry AND s.date = l.first) GROUP BY l.family, l.registry",
     "%s begin on a day without a snapshot"},
    {"SELECT count(*) || ' lifetimes of family ' || l.family || ', registry ' || l.registry"
     " FROM lifetime l WHERE l.last IS NOT NULL AND NOT EXISTS (SELECT 1 FROM snapshot s"
     " WHERE s.family = l.family AND s.registry = l.registry AND s.date = l.last)"
     " GROUP BY l.family, l.registry",
     "%s end on a day without a snapshot"},
    {"SELECT count(*) || ' lifetimes of family ' || family || ', registry ' || registry"
     " FROM lifetime WHERE last < first GROUP BY family, registry",
     "%s end before they begin"},
    {"SELECT count(*) || ' lifetimes of family ' || family || ', registry ' || registry FROM ("
     "SELECT family, registry, first, lag(coalesce(last, 2147483647)) OVER (PARTITION BY family,"
     " registry, status, start, value, date, economy, holder ORDER BY first) AS before"
     " FROM lifetime) WHERE before >= first GROUP BY family, registry",
     "%s overlap another of the same record"},
    {"SELECT 'the newest snapshot of family ' || s.family || ', registry ' || s.registry"
     " FROM snapshot s WHERE s.date = (SELECT max(date) FROM snapshot n WHERE n.family = s.family"
     " AND n.registry = s.registry) AND s.records <> (SELECT count(*) FROM lifetime l"
     " WHERE l.family = s.family AND l.registry = s.registry AND l.last IS NULL)",
     "%s has another number of records than what stands"},
    {"SELECT 'series ' || name FROM observation_series s WHERE (stated, known) <> (SELECT"
     " coalesce(sum(rows), 0), count(*) FROM (SELECT count(*) AS rows FROM observation"
     " WHERE series = s.id GROUP BY key, date))",
     "%s: its values are not as many as were counted"},
    {"SELECT 'input ' || input || ', kind ' || kind FROM finding_count c WHERE count < (SELECT"
     " count(*) FROM finding f WHERE f.input = c.input AND f.kind = c.kind)",
     "%s keeps more findings than were counted"},
    {"SELECT 'campaign ' || name || ' (' || vantage || ')' FROM service_campaign c WHERE results <>"
     " (SELECT count(*) FROM service_result r WHERE r.campaign = c.id)",
     "%s: its results are not as many as were counted"},
    {"SELECT count(*) || ' pieces of evidence of campaign ' || campaign FROM service_evidence v"
     " WHERE NOT EXISTS (SELECT 1 FROM service_result r WHERE r.domain = v.domain AND r.campaign ="
     " v.campaign) GROUP BY campaign",
     "%s have no result"},
};

struct checker {
    struct store *store;
    void (*problem)(const char *text, void *arg);
    void *arg;
    uint64_t found;
    struct err *e;
};

static int run_rule(struct checker *c, const struct rule *rule)
{
    sqlite3_stmt *q;
    bool row;
    char text[512];
    int code = sql_prepare(c->store, rule->sql, &q, c->e);
    if (code)
        return code;
    while ((code = sql_step(c->store, q, &row, c->e)) == 0 && row) {
        const char *culprit = (const char *)sqlite3_column_text(q, 0);
        // The sentence is one of the table above.
        sqlite3_snprintf(sizeof text, text, rule->sentence, culprit ? culprit : "?");
        c->problem(text, c->arg);
        c->found++;
    }
    sqlite3_finalize(q);
    return code;
}

// SQLite says "ok", or one row a problem. A file so damaged that the check itself cannot go on is a
// problem too.
static int run_sqlite_check(struct checker *c)
{
    sqlite3_stmt *q;
    int code = sql_prepare(c->store, "PRAGMA integrity_check(100)", &q, c->e), step;
    if (code)
        return code;
    while ((step = sqlite3_step(q)) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(q, 0);
        if (text && strcmp(text, "ok") != 0) {
            c->problem(text, c->arg);
            c->found++;
        }
    }
    if (step != SQLITE_DONE) {
        c->problem(sqlite3_errmsg(c->store->db), c->arg);
        c->found++;
    }
    sqlite3_finalize(q);
    return 0;
}

int store_check(struct store *s, void (*problem)(const char *text, void *arg), void *arg,
                uint64_t *ret, struct err *e)
{
    struct checker c = {s, problem, arg, 0, e};
    int code = run_sqlite_check(&c);
    // In a file that SQLite finds damaged the rules would only stumble.
    for (size_t i = 0; i < sizeof rules / sizeof *rules && !code && c.found == 0; i++)
        code = run_rule(&c, &rules[i]);
    if (!code && c.found == 0)
        code = routes_check(s, problem, arg, &c.found, e);
    if (!code)
        *ret = c.found;
    return code;
}
