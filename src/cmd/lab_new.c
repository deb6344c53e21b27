// SPDX-License-Identifier: Apache-2.0
//
// sextant lab new: the start of a laboratory of one's own.

#include "cmd/laboratory.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

static const char *const usage[] = {"lab new FOLDER", NULL};

static const struct example examples[] = {
    {"sextant lab new ./mine", "Writes mine/lab.yaml, which \"sextant lab test ./mine\" passes."},
    {NULL}};

static const char start[] =
    "# A laboratory. Every key is explained in doc/labs.md; \"sextant lab test FOLDER\" says "
    "whether\n"
    "# it is whole.\n"
    "title: Two hosts and a router\n"
    "summary: One sentence for the list.\n"
    "minutes: 20\n"
    "rfcs: [4291]\n"
    "learn:\n"
    "  - What one can do afterwards.\n"
    "story: |\n"
    "  Where we are, and what is wrong. Two hosts hang on one router; the second has no route.\n"
    "\n"
    "# What the machine must have, and the ways to have it; the first that is there is taken.\n"
    "# needs:\n"
    "#   - {feature: router advertisements, ways: [\"own:ra\", \"program:radvd\"]}\n"
    "\n"
    "nodes:\n"
    "  - name: h1\n"
    "    interfaces:\n"
    "      - {name: eth0, addresses: [\"2001:db8:1::10/64\"]}\n"
    "    routes: [\"default via 2001:db8:1::1\"]\n"
    "  - name: r1\n"
    "    kind: router # it forwards\n"
    "    interfaces:\n"
    "      - {name: lan1, addresses: [\"2001:db8:1::1/64\"]}\n"
    "      - {name: lan2, addresses: [\"2001:db8:2::1/64\"]}\n"
    "  - name: h2\n"
    "    interfaces:\n"
    "      - {name: eth0, addresses: [\"2001:db8:2::10/64\"]}\n"
    "    # services:\n"
    "    #   - name: web\n"
    "    #     run: [nginx, -c, /run/lab/nginx.conf]\n"
    "    #     ready: {tcp: {to: \"::1\", port: 80}}\n"
    "\n"
    "links:\n"
    "  - {name: one, ends: [\"h1:eth0\", \"r1:lan1\"]}\n"
    "  - {name: two, ends: [\"r1:lan2\", \"h2:eth0\"], delay: 5ms}\n"
    "\n"
    "tasks:\n"
    "  - name: route\n"
    "    title: The second host finds its way\n"
    "    text: Give h2 a default route.\n"
    "    steps:\n"
    "      - Enter h2 with \"sextant lab enter h2\" and look at \"ip -6 route\".\n"
    "    hints:\n"
    "      - The next hop is on the same link.\n"
    "    checks:\n"
    "      - name: h1-h2\n"
    "        title: h1 reaches h2\n"
    "        node: h1\n"
    "        points: 2\n"
    "        ping: {to: \"2001:db8:2::10\"}\n"
    "\n"
    "solution:\n"
    "  - {step: h2, node: h2, routes: [\"default via 2001:db8:2::1\"]}\n"
    "\n"
    "# Each makes at least one check fail, and each check is made to fail by one.\n"
    "variants:\n"
    "  - name: no-route\n"
    "    title: h2 has no default route\n"
    "    omit: [h2]\n"
    "    fails: [h1-h2]\n"
    "\n"
    "teacher: |\n"
    "  Typical errors, and what to ask.\n";

static int run_new(struct invocation *inv, struct err *e)
{
    char path[FILE_PATH_MAX];
    const char *folder = inv->arguments[0];
    if (snprintf(path, sizeof path, "%s/lab.yaml", folder) >= (int)sizeof path)
        return err_set(e, ERR_USAGE, "%s: path too long", folder);
    if (!lab_folder_name(folder))
        return err_set(e, ERR_USAGE,
                       "\"%.80s\" names no laboratory: 1 to %d letters a-z, digits and \"-\" are "
                       "wanted at its end",
                       folder, LAB_NAME_MAX);
    if (mkdir(folder, 0777) != 0)
        return errno == EEXIST ? err_set(e, ERR_USAGE, "%s is there already", folder)
                               : err_system(e, "%s", folder);
    int code = file_publish(path, start, sizeof start - 1, e);
    if (code == 0 && !inv->quiet)
        fprintf(stderr, "%s is written; \"sextant lab test %s\" tries it.\n", path, folder);
    return code;
}

const struct command command_lab_new = {
    .name = "lab new",
    .group = COMMAND_LAB,
    .summary = "Write the start of a laboratory of your own",
    .usage = usage,
    .description = "Makes a folder with a commented lab.yaml: a small laboratory that is whole, to "
                   "be changed. The folder's name is the laboratory's.",
    .examples = examples,
    .argument = "FOLDER",
    .argument_help = "a folder that is not there yet; its name has letters a-z, digits and \"-\"",
    .argument_kind = ARGUMENT_FILE,
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run_new,
};
