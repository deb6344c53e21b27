// SPDX-License-Identifier: Apache-2.0
//
// The measures by name.

#include "measure/measure.h"

static const struct measure_kind kinds[] = {
    {"pace", "New delegations by period",
     PARAMETERS_SELECTION | PARAMETER_BIT(PARAMETER_BY) | PARAMETER_BIT(PARAMETER_ON) |
         PARAMETER_BIT(PARAMETER_ONLY) | PARAMETER_BIT(PARAMETER_FROM) |
         PARAMETER_BIT(PARAMETER_TO) | PARAMETER_BIT(PARAMETER_EVERY) |
         PARAMETER_BIT(PARAMETER_BASIS) | PARAMETER_BIT(PARAMETER_BRIDGE) |
         PARAMETER_BIT(PARAMETER_TOP),
     measure_pace},
    {"geography", "Who has how much",
     PARAMETERS_SELECTION | PARAMETER_BIT(PARAMETER_BY) | PARAMETER_BIT(PARAMETER_ON) |
         PARAMETER_BIT(PARAMETER_ONLY) | PARAMETER_BIT(PARAMETER_TOP),
     measure_geography},
    {"concentration", "How unevenly space is spread",
     PARAMETERS_SELECTION | PARAMETER_BIT(PARAMETER_ON) | PARAMETER_BIT(PARAMETER_ONLY),
     measure_concentration},
    {"changes", "What changed between two days",
     PARAMETERS_SELECTION | PARAMETER_BIT(PARAMETER_ONLY) | PARAMETER_BIT(PARAMETER_FROM) |
         PARAMETER_BIT(PARAMETER_TO) | PARAMETER_BIT(PARAMETER_TOP),
     measure_changes},
    {"economy", "One economy on a page",
     PARAMETER_BIT(PARAMETER_KNOWN_ON) | PARAMETER_BIT(PARAMETER_REGISTRY) |
         PARAMETER_BIT(PARAMETER_TOP) | PARAMETER_BIT(PARAMETER_ECONOMY),
     measure_economy},
    {"forecast", "What may come of a series, and how sure that is",
     PARAMETERS_SELECTION | PARAMETER_BIT(PARAMETER_BY) | PARAMETER_BIT(PARAMETER_ONLY) |
         PARAMETER_BIT(PARAMETER_TO) | PARAMETER_BIT(PARAMETER_EVERY) |
         PARAMETER_BIT(PARAMETER_COLLECTOR) | PARAMETER_BIT(PARAMETER_SERIES) |
         PARAMETER_BIT(PARAMETER_TARGET) | PARAMETER_BIT(PARAMETER_STEP) |
         PARAMETER_BIT(PARAMETER_HORIZON) | PARAMETER_BIT(PARAMETER_SEED) |
         PARAMETER_BIT(PARAMETER_DRAWS),
     measure_forecast},
    {"indices", "Published indices of the transition, side by side",
     PARAMETER_BIT(PARAMETER_ONLY) | PARAMETER_BIT(PARAMETER_KNOWN_ON) |
         PARAMETER_BIT(PARAMETER_SERIES) | PARAMETER_BIT(PARAMETER_COLLECTOR) |
         PARAMETER_BIT(PARAMETER_PEERS) | PARAMETER_BIT(PARAMETER_REGISTRY) |
         PARAMETER_BIT(PARAMETER_SEED) | PARAMETER_BIT(PARAMETER_DRAWS),
     measure_indices},
    {"adoption", "Users that have IPv6, by everyone who measures it",
     PARAMETER_BIT(PARAMETER_BY) | PARAMETER_BIT(PARAMETER_ONLY) | PARAMETER_BIT(PARAMETER_ON) |
         PARAMETER_BIT(PARAMETER_FROM) | PARAMETER_BIT(PARAMETER_EVERY) |
         PARAMETER_BIT(PARAMETER_SERIES) | PARAMETER_BIT(PARAMETER_COLLECTOR) |
         PARAMETER_BIT(PARAMETER_PEERS),
     measure_adoption},
    {"nameservers", "Country-code domains whose name servers have IPv6",
     PARAMETER_BIT(PARAMETER_BY) | PARAMETER_BIT(PARAMETER_ONLY) | PARAMETER_BIT(PARAMETER_FROM) |
         PARAMETER_BIT(PARAMETER_TO) | PARAMETER_BIT(PARAMETER_EVERY),
     measure_nameservers},
    {"visibility", "What of the delegations is announced, and what else is",
     PARAMETERS_SELECTION | PARAMETER_BIT(PARAMETER_BY) | PARAMETER_BIT(PARAMETER_ON) |
         PARAMETER_BIT(PARAMETER_ONLY) | PARAMETER_BIT(PARAMETER_TOP) |
         PARAMETER_BIT(PARAMETER_COLLECTOR) | PARAMETER_BIT(PARAMETER_PEERS),
     measure_visibility},
    {"networks", "Networks with IPv4, IPv6 and both; prefix lengths; origin validation",
     PARAMETERS_SELECTION | PARAMETER_BIT(PARAMETER_BY) | PARAMETER_BIT(PARAMETER_ON) |
         PARAMETER_BIT(PARAMETER_ONLY) | PARAMETER_BIT(PARAMETER_TOP) |
         PARAMETER_BIT(PARAMETER_COLLECTOR) | PARAMETER_BIT(PARAMETER_PEERS),
     measure_networks},
    {"delay", "How long from a delegation to its first announcement",
     PARAMETERS_SELECTION | PARAMETER_BIT(PARAMETER_ON) | PARAMETER_BIT(PARAMETER_ONLY) |
         PARAMETER_BIT(PARAMETER_EVERY) | PARAMETER_BIT(PARAMETER_COLLECTOR) |
         PARAMETER_BIT(PARAMETER_PEERS),
     measure_delay},
    {"holders", "Who is behind the delegations: further ones, new and old, concentration",
     PARAMETERS_SELECTION | PARAMETER_BIT(PARAMETER_BY) | PARAMETER_BIT(PARAMETER_ON) |
         PARAMETER_BIT(PARAMETER_ONLY) | PARAMETER_BIT(PARAMETER_FROM) |
         PARAMETER_BIT(PARAMETER_TO) | PARAMETER_BIT(PARAMETER_EVERY) |
         PARAMETER_BIT(PARAMETER_TOP),
     measure_holders},
    {"services", "Public services over IPv6, by economy and through time",
     PARAMETER_BIT(PARAMETER_BY) | PARAMETER_BIT(PARAMETER_ONLY) | PARAMETER_BIT(PARAMETER_FROM) |
         PARAMETER_BIT(PARAMETER_TO) | PARAMETER_BIT(PARAMETER_TOP) |
         PARAMETER_BIT(PARAMETER_CAMPAIGN) | PARAMETER_BIT(PARAMETER_SECTOR) |
         PARAMETER_BIT(PARAMETER_DOMAIN),
     measure_services},
};

size_t measure_count(void)
{
    return sizeof kinds / sizeof *kinds;
}

const struct measure_kind *measure_at(size_t i)
{
    return i < measure_count() ? &kinds[i] : NULL;
}

const struct measure_kind *measure_find(const char *name)
{
    for (size_t i = 0; i < measure_count(); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

void measure_tables_free(struct measure_tables *t)
{
    for (size_t i = 0; i < t->count; i++)
        table_free(&t->at[i]);
    t->count = 0;
}
