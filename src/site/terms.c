// SPDX-License-Identifier: Apache-2.0

#include "site/terms.h"

#include "site/words.h"

#include <string.h>

static const struct {
    const char *term, *label;
} terms[] = {
    {"ipv6", say_later("IPv6")},
    {"ipv4", say_later("IPv4")},
    {"asn", say_later("AS numbers")},
    {"allocated", say_later("allocated")},
    {"assigned", say_later("assigned")},
    {"available", say_later("available")},
    {"reserved", say_later("reserved")},
    {"other", say_later("other")},
    {"world", say_later("World")},
    {"region", say_later("Region")},
    {"subregion", say_later("Sub-region")},
    {"itu-region", say_later("ITU region")},
    {"group", say_later("Group")},
    {"afrinic", say_later("AFRINIC")},
    {"apnic", say_later("APNIC")},
    {"arin", say_later("ARIN")},
    {"lacnic", say_later("LACNIC")},
    {"ripencc", say_later("RIPE NCC")},
    {"iana", say_later("IANA")},
    {"table", say_later("Range table")},
    {"covers", say_later("covers it")},
    {"overlaps", say_later("overlaps it")},
    {"within", say_later("lies within it")},
    {"stands", say_later("stands")},
    {"gone", say_later("gone")},
    {"yes", say_later("yes")},
    {"no", say_later("no")},
    {"new", say_later("new")},
    {"returned", say_later("returned")},
    {"transferred", say_later("transferred between registries")},
    {"moved", say_later("moved to another economy")},
    {"holder-changed", say_later("holder changed")},
    {"status-changed", say_later("status changed")},
    {"re-dated", say_later("date changed")},
    {"restated", say_later("stated differently")},
    {"grown", say_later("grown")},
    {"shrunk", say_later("shrunk")},
    {"split", say_later("split")},
    {"merged", say_later("merged")},
    {"rearranged", say_later("rearranged")},
    {"all", say_later("all")},
    {"extended", say_later("extended")},
    {"plain", say_later("plain")},
    {"used", say_later("used")},
    {"ignored", say_later("ignored")},
    {"rejected", say_later("rejected")},
    {"suspect", say_later("suspect")},
    {"pass", say_later("Pass")},
    {"partial", say_later("Partial")},
    {"fail", say_later("Fail")},
    {"not-applicable", say_later("Not applicable")},
    {"not-testable", say_later("Not testable")},
    {"unknown", say_later("Not testable")},
    {"none", say_later("None")},
    {"named", say_later("Named")},
    {"reachable", say_later("Reachable")},
    {"working", say_later("Working")},
    {"complete", say_later("Complete")},
    {"better", say_later("better")},
    {"worse", say_later("worse")},
    {"different", say_later("different")},
    {"stage", say_later("stage")},
};

const char *term_label(const char *text)
{
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++)
        if (strcmp(terms[i].term, text) == 0)
            return terms[i].label;
    return text;
}
