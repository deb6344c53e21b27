// SPDX-License-Identifier: Apache-2.0
// A small archive, made by hand: three days of each registry, on documentation prefixes.

import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const MEMBERS = {
  afrinic: ["KE", "UG", "ZA", "EG", "MU", "SC", "RW"],
  apnic: ["JP", "CN", "FJ", "TV", "NP", "KI"],
  arin: ["US", "CA", "BB"],
  lacnic: ["BR", "CL", "TT"],
  ripencc: ["DE", "FR", "SA", "KZ", "MT"],
};
const DAYS = ["20201231", "20221231", "20241231"];

// Each economy has a few blocks more at each of the days; the first has most.
function recordsMake(registry, day) {
  const registries = Object.keys(MEMBERS);
  return MEMBERS[registry].flatMap((economy, i) => DAYS.slice(0, DAYS.indexOf(day) + 1).flatMap((since, year) => {
    const place = registries.indexOf(registry) * 256 + i * 32 + year * 8;
    const dated = `${Number(since.slice(0, 4)) - 1}0${1 + year}1${i}`;
    const six = Array.from({ length: 1 + ((i * 3 + year) % 5) }, (_, n) =>
      `${registry}|${economy}|ipv6|3fff:${(place + n).toString(16)}::|${n % 2 ? 40 : 32}|${dated}|allocated|${economy}${year}`);
    return i || year ? six : [...six, `${registry}|${economy}|asn|${64496 + registries.indexOf(registry)}|1|${dated}|allocated|${economy}0`,
      `${registry}|${economy}|ipv4|198.51.100.${registries.indexOf(registry) * 32}|32|${dated}|allocated|${economy}0`];
  }));
}

function fileMake(registry, day) {
  const records = recordsMake(registry, day);
  const count = type => records.filter(record => record.split("|")[2] === type).length;
  return [`2|${registry}|${day}|${records.length}|20000101|${day}|+0000`,
    ...["ipv4", "asn", "ipv6"].map(type => `${registry}|*|${type}|*|${count(type)}|summary`), ...records, ""].join("\n");
}

export function archiveMake(sextant, folder) {
  const files = join(folder, "files"), store = join(folder, "browser.sextant");
  for (const path of [files, store, `${store}-wal`, `${store}-shm`]) rmSync(path, { recursive: true, force: true });
  mkdirSync(files);
  const paths = Object.keys(MEMBERS).flatMap(registry => DAYS.map(day => {
    const path = join(files, `delegated-${registry}-extended-${day}`);
    writeFileSync(path, fileMake(registry, day));
    return path;
  }));
  execFileSync(sextant, ["import", "--quiet", "--store", store, ...paths], { stdio: ["ignore", "ignore", "inherit"] });
  return store;
}
