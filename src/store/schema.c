// SPDX-License-Identifier: Apache-2.0
//
// How the archive is laid out.
//
// input      one row for each file that was ever taken: its hash, its source, what it states.
// line_fate  what became of its lines; `used`, and each reason to ignore or reject that occurred.
// finding    what is odd about it: the first FINDING_KEPT of each kind; finding_count has the sums.
// snapshot   the series: which input speaks for a registry and a family on a day.
// holder     opaque-ids. Number 0 is "none stated".
// lifetime   each record, and the run of its series' snapshots that show it. `last` is NULL while
// the
//            record stands in the newest snapshot, so that an unchanged record costs nothing.
// largest    the largest count of a series' IPv4 or AS blocks: how far before an address one can
// begin
//            that reaches it.
// route_*    routing tables and validated ROA payloads, as packed lifetimes (routes_pack.h).
// observation  dated figures of economies; observation_series says of what, observation_input which
//            inputs extend a series.
// as_name    the names of networks, of the newest input with such; users_per_as their users by day;
//            network_input which input speaks for a day.
// service_*  public services that were asked: campaigns (a name, a place), domains, a result for
//            each pair of them, its evidence (JSON, zstd), and who does not want to be asked. What
//            is in result.tests and result.scores: services_pack.h.
//
// input.registry is -1 and input.subject a collector or a series for what is no register.
// Dates are days since 1970-01-01; -2147483648 where a record states none. `start` is in network
// order, 16 bytes for IPv6 and 4 for IPv4 and AS numbers, so that SQLite sorts it as numbers.
// Families, registries and statuses are numbered as in read.h. The key of `lifetime` begins with
// what every question fixes: family, registry, status; so a question reads just its own rows, in
// order.

#include "store/sql.h"

#include <string.h>

#define APPLICATION_ID 0x5378746e // "Sxtn"
#define VERSION        3

static const char version_1[] =
    "CREATE TABLE input ("
    " id INTEGER PRIMARY KEY,"
    " sha256 TEXT NOT NULL UNIQUE,"
    " source TEXT NOT NULL,"
    " container TEXT NOT NULL,"
    " format INTEGER NOT NULL,"
    " registry INTEGER NOT NULL,"
    " extended INTEGER NOT NULL,"
    " date INTEGER NOT NULL,"
    " imported INTEGER NOT NULL,"
    " bytes_given INTEGER NOT NULL,"
    " bytes_read INTEGER NOT NULL,"
    " lines INTEGER NOT NULL) STRICT;"
    "CREATE INDEX input_bytes ON input (bytes_given);"

    "CREATE TABLE line_fate ("
    " input INTEGER NOT NULL REFERENCES input,"
    " fate INTEGER NOT NULL," // 0 used, 1 ignored, 2 rejected
    " reason INTEGER NOT NULL,"
    " lines INTEGER NOT NULL,"
    " PRIMARY KEY (input, fate, reason)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE finding_count ("
    " input INTEGER NOT NULL REFERENCES input,"
    " kind INTEGER NOT NULL,"
    " count INTEGER NOT NULL,"
    " PRIMARY KEY (input, kind)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE finding ("
    " input INTEGER NOT NULL REFERENCES input,"
    " kind INTEGER NOT NULL,"
    " number INTEGER NOT NULL,"
    " line INTEGER NOT NULL,"
    " text TEXT NOT NULL,"
    " PRIMARY KEY (input, kind, number)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE snapshot ("
    " family INTEGER NOT NULL,"
    " registry INTEGER NOT NULL,"
    " date INTEGER NOT NULL,"
    " input INTEGER NOT NULL REFERENCES input,"
    " records INTEGER NOT NULL,"
    " delegated INTEGER NOT NULL,"
    " extended INTEGER NOT NULL," // as the input's; here, so that reading a series needs no other
                                  // table
    " PRIMARY KEY (family, registry, date)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX snapshot_input ON snapshot (input);"

    "CREATE TABLE holder ("
    " id INTEGER PRIMARY KEY,"
    " registry INTEGER NOT NULL,"
    " name TEXT NOT NULL,"
    " UNIQUE (registry, name)) STRICT;"
    "INSERT INTO holder VALUES (0, -1, '');"

    "CREATE TABLE lifetime ("
    " family INTEGER NOT NULL,"
    " registry INTEGER NOT NULL,"
    " status INTEGER NOT NULL,"
    " start BLOB NOT NULL,"
    " value INTEGER NOT NULL,"
    " date INTEGER NOT NULL,"
    " economy TEXT NOT NULL,"
    " holder INTEGER NOT NULL REFERENCES holder,"
    " first INTEGER NOT NULL,"
    " last INTEGER,"
    " PRIMARY KEY (family, registry, status, start, value, date, economy, holder, first)"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE largest ("
    " family INTEGER NOT NULL,"
    " registry INTEGER NOT NULL,"
    " value INTEGER NOT NULL,"
    " PRIMARY KEY (family, registry)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE series_input ("
    " name TEXT PRIMARY KEY,"
    " sha256 TEXT NOT NULL,"
    " source TEXT NOT NULL,"
    " imported INTEGER NOT NULL) STRICT;"
    "CREATE TABLE series_value ("
    " name TEXT NOT NULL REFERENCES series_input,"
    " economy TEXT NOT NULL,"
    " year INTEGER NOT NULL,"
    " value REAL NOT NULL,"
    " PRIMARY KEY (name, economy, year)) STRICT, WITHOUT ROWID;"
    "PRAGMA application_id = 1400403054;" // APPLICATION_ID
    "PRAGMA user_version = 1;";

_Static_assert(APPLICATION_ID == 1400403054, "the pragma above must say the same");

// Routes; dated series, which the yearly ones of version 1 become; names and users of networks.
static const char version_2[] =
    "ALTER TABLE input ADD COLUMN subject TEXT NOT NULL DEFAULT '';"

    "CREATE TABLE route_series ("
    " id INTEGER PRIMARY KEY,"
    " kind INTEGER NOT NULL," // as in routes.h
    " family INTEGER NOT NULL,"
    " collector TEXT NOT NULL,"
    " UNIQUE (kind, collector, family)) STRICT;"

    "CREATE TABLE route_snapshot ("
    " series INTEGER NOT NULL REFERENCES route_series,"
    " date INTEGER NOT NULL,"
    " input INTEGER NOT NULL REFERENCES input,"
    " routes INTEGER NOT NULL,"
    " prefixes INTEGER NOT NULL,"
    " peers INTEGER NOT NULL,"
    " peers_full INTEGER NOT NULL,"
    " PRIMARY KEY (series, date)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX route_snapshot_input ON route_snapshot (input);"

    "CREATE TABLE route_piece ("
    " id INTEGER PRIMARY KEY,"
    " series INTEGER NOT NULL REFERENCES route_series,"
    " key BLOB NOT NULL," // of its first route
    " runs INTEGER NOT NULL,"
    " checksum INTEGER NOT NULL," // CRC-32 of `bytes`
    " bytes BLOB NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX route_piece_key ON route_piece (series, key);"

    "CREATE TABLE observation_series ("
    " id INTEGER PRIMARY KEY,"
    " name TEXT NOT NULL UNIQUE,"
    " unit TEXT NOT NULL,"
    " title TEXT NOT NULL,"
    " source TEXT NOT NULL,"
    " stated INTEGER NOT NULL DEFAULT 0," // rows of `observation`; of those that count:
    " known INTEGER NOT NULL DEFAULT 0,"
    " first INTEGER NOT NULL DEFAULT 0,"
    " last INTEGER NOT NULL DEFAULT 0) STRICT;"

    "CREATE TABLE observation_input ("
    " series INTEGER NOT NULL REFERENCES observation_series,"
    " input INTEGER NOT NULL REFERENCES input,"
    " PRIMARY KEY (series, input)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX observation_input_input ON observation_input (input);"

    "CREATE TABLE observation ("
    " series INTEGER NOT NULL REFERENCES observation_series,"
    " key TEXT NOT NULL,"
    " date INTEGER NOT NULL,"
    " input INTEGER NOT NULL REFERENCES input,"
    " value REAL NOT NULL,"
    " low REAL,"
    " high REAL,"
    " samples REAL,"
    " PRIMARY KEY (series, key, date, input)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE network_input (" // which input speaks for a day
    " kind INTEGER NOT NULL,"      // 0 names of ASes, 1 users per AS
    " date INTEGER NOT NULL,"
    " input INTEGER NOT NULL REFERENCES input,"
    " PRIMARY KEY (kind, date)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX network_input_input ON network_input (input);"

    "CREATE TABLE as_name ("
    " asn INTEGER PRIMARY KEY,"
    " economy TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " registry TEXT NOT NULL) STRICT;"

    "CREATE TABLE users_per_as ("
    " date INTEGER NOT NULL,"
    " asn INTEGER NOT NULL,"
    " economy TEXT NOT NULL,"
    " users REAL NOT NULL,"
    " samples REAL,"
    " PRIMARY KEY (date, asn, economy)) STRICT, WITHOUT ROWID;"

    "INSERT INTO input (sha256, source, container, format, registry, extended, date, imported,"
    " bytes_given, bytes_read, lines, subject)"
    " SELECT sha256, source, '', 4, -1, 0, (SELECT CAST(julianday(printf('%d-01-01', max(year)))"
    " - 2440587.5 AS INTEGER) FROM series_value v WHERE v.name = s.name), imported, 0, 0, 0, name"
    " FROM series_input s WHERE EXISTS (SELECT 1 FROM series_value v WHERE v.name = s.name)"
    " AND NOT EXISTS (SELECT 1 FROM input i WHERE i.sha256 = s.sha256) ORDER BY name;"
    "INSERT INTO observation_series (name, unit, title, source)"
    " SELECT subject, 'people', 'Population', 'World Bank' FROM input WHERE format = 4;"
    "INSERT INTO observation_input SELECT o.id, i.id FROM observation_series o"
    " JOIN input i ON i.subject = o.name;"
    "INSERT INTO observation (series, key, date, input, value)"
    " SELECT o.series, v.economy, CAST(julianday(printf('%d-01-01', v.year)) - 2440587.5 AS"
    " INTEGER), o.input, v.value FROM observation_input o JOIN input i ON i.id = o.input"
    " JOIN series_value v ON v.name = i.subject;"
    "UPDATE observation_series SET (stated, known, first, last) = (SELECT count(*), count(*),"
    " coalesce(min(date), 0), coalesce(max(date), 0) FROM observation WHERE series = id);"
    "DROP TABLE series_value;"
    "DROP TABLE series_input;"
    "PRAGMA user_version = 2;";

// Public services.
static const char version_3[] =
    "CREATE TABLE service_word (" // names of tests and reasons, of organisations and sectors
    " id INTEGER PRIMARY KEY,"
    " text TEXT NOT NULL UNIQUE) STRICT;"
    "INSERT INTO service_word VALUES (0, '');"

    "CREATE TABLE service_domain ("
    " id INTEGER PRIMARY KEY,"
    " name TEXT NOT NULL UNIQUE) STRICT;"

    "CREATE TABLE service_campaign ("
    " id INTEGER PRIMARY KEY,"
    " name TEXT NOT NULL,"
    " vantage TEXT NOT NULL,"
    " list TEXT NOT NULL," // SHA-256 of the list of domains
    " options TEXT NOT NULL,"
    " version TEXT NOT NULL,"
    " began INTEGER NOT NULL," // milliseconds since 1970-01-01
    " ended INTEGER,"          // NULL: the list has not come to its end
    " signer TEXT NOT NULL,"   // a public key; '': not signed
    " results INTEGER NOT NULL,"
    " input INTEGER NOT NULL REFERENCES input,"
    " UNIQUE (name, vantage)) STRICT;"
    "CREATE INDEX service_campaign_input ON service_campaign (input);"

    "CREATE TABLE service_result ("
    " domain INTEGER NOT NULL REFERENCES service_domain,"
    " campaign INTEGER NOT NULL REFERENCES service_campaign,"
    " line INTEGER NOT NULL,"
    " economy TEXT NOT NULL,"
    " organisation INTEGER NOT NULL REFERENCES service_word,"
    " sector INTEGER NOT NULL REFERENCES service_word,"
    " began INTEGER NOT NULL,"
    " took INTEGER NOT NULL,"
    " level INTEGER NOT NULL,"
    " here INTEGER NOT NULL," // 1: the place has IPv4, 2: IPv6
    " stage INTEGER NOT NULL,"
    " tests BLOB NOT NULL,"
    " scores BLOB NOT NULL,"
    " PRIMARY KEY (domain, campaign)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX service_result_campaign ON service_result (campaign, line);"

    "CREATE TABLE service_evidence ("
    " domain INTEGER NOT NULL,"
    " campaign INTEGER NOT NULL,"
    " length INTEGER NOT NULL," // of the JSON
    " bytes BLOB NOT NULL,"     // zstd
    " PRIMARY KEY (domain, campaign)) STRICT;"
    "CREATE INDEX service_evidence_campaign ON service_evidence (campaign);"

    "CREATE TABLE service_opt_out ("
    " name TEXT PRIMARY KEY,"
    " subtree INTEGER NOT NULL," // 1: and all below it
    " added INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "PRAGMA user_version = 3;";

static int migrate(struct store *s, int64_t version, struct err *e)
{
    int code = sql_begin(s, e);
    // Another writer may have been faster.
    if (!code)
        code = sql_integer(s, "PRAGMA user_version", &version, e);
    if (!code && version < 1)
        code = sql_run(s, version_1, e);
    if (!code && version < 2)
        code = sql_run(s, version_2, e);
    if (!code && version < 3)
        code = sql_run(s, version_3, e);
    if (!code)
        code = sql_commit(s, e);
    if (code)
        sql_rollback(s);
    return code;
}

// All in one transaction: another program may be making the tables at this moment.
static int read_identity(struct store *s, int64_t *application, int64_t *version, int64_t *tables,
                         struct err *e)
{
    int code = sql_run(s, "BEGIN", e);
    if (!code)
        code = sql_integer(s, "SELECT count(*) FROM sqlite_schema", tables, e);
    if (!code)
        code = sql_integer(s, "PRAGMA application_id", application, e);
    if (!code)
        code = sql_integer(s, "PRAGMA user_version", version, e);
    sql_rollback(s);
    return code;
}

int schema_check(struct store *s, int64_t *ret_version, struct err *e)
{
    int64_t application = 0, version = 0, tables = 0;
    int code = read_identity(s, &application, &version, &tables, e);
    if (code)
        return code;
    if (tables > 0 && application != APPLICATION_ID)
        return err_set(e, ERR_STORE, "%s: a database of another program, not a Sextant archive",
                       s->path);
    if (version > VERSION)
        return err_set(e, ERR_STORE,
                       "%s: the archive has version %lld, this program knows up to %d; use a newer "
                       "sextant",
                       s->path, (long long)version, VERSION);
    *ret_version = version;
    return 0;
}

int schema_prepare(struct store *s, struct err *e)
{
    int64_t version = 0;
    int code = schema_check(s, &version, e);
    if (code || version == VERSION)
        return code;
    if (s->mode == STORE_READ && version == 0)
        return err_set(e, ERR_NOT_FOUND, "%s: the archive is empty; fill it with sextant import",
                       s->path);
    if (s->mode == STORE_READ)
        return err_set(
            e, ERR_STORE,
            "%s: the archive was made by an older sextant (version %lld, wanted %d); the "
            "next sextant import, of any file, converts it",
            s->path, (long long)version, VERSION);
    return migrate(s, version, e);
}
