// SPDX-License-Identifier: Apache-2.0
//
// A list of domains from a stranger, and a list of who does not want to be asked. What is held:
// every line has one fate, every domain is one in its final form, texts fit and are printable, and
// what is left out is left out.

#include "check/domain_list.h"
#include "check/opt_out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hold(bool truth)
{
    if (!truth)
        abort();
}

static uint64_t told;

static void tell(const char *sentence, void *arg)
{
    (void)arg;
    hold(strstr(sentence, "/proc/self/fd/") == sentence && strlen(sentence) > 20);
    told++;
}

static void check_text(const char *text, size_t size)
{
    hold(memchr(text, '\0', size) != NULL);
    for (; *text; text++)
        hold((unsigned char)*text >= ' ');
}

static void check_listed(const struct listed *l)
{
    char again[CHECK_DOMAIN_MAX + 1];
    struct err e;
    hold(check_domain_name(slice_of(l->domain), again, &e) == 0 && strcmp(again, l->domain) == 0);
    check_text(l->organisation, sizeof l->organisation);
    check_text(l->sector, sizeof l->sector);
    hold(l->line > 0);
}

static void read_list(const char *path)
{
    struct domain_list *l = NULL;
    struct listed one;
    struct err e = {0};
    bool got = true;
    uint64_t domains = 0;
    told = 0;
    if (domain_list_open(path, tell, NULL, &l, &e)) {
        hold(e.text[0] != '\0');
        return;
    }
    int code = 0;
    while (!(code = domain_list_next(l, &one, &got, &e)) && got) {
        check_listed(&one);
        domains++;
    }
    struct domain_list_counts n = domain_list_counts(l);
    hold(n.domains == domains && n.bad == told);
    hold(code || n.domains + n.bad + n.blank == n.lines);
    domain_list_close(&l);
}

static void read_opt_out(const char *path)
{
    struct opt_out *o = NULL;
    struct err e = {0};
    hold(opt_out_new(&o, &e) == 0);
    if (opt_out_read(o, path, &e))
        hold(e.text[0] != '\0');
    opt_out_free(&o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    int file = memfd_create("list", 0);
    hold(file >= 0 && write(file, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    read_list(path);
    read_opt_out(path);
    close(file);
    return 0;
}
