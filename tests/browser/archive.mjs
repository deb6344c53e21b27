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

// A routing table of one day: of each economy the first two blocks, some of them in parts.
function routesMake() {
  const registries = Object.keys(MEMBERS);
  const lines = registries.flatMap((registry, i) => MEMBERS[registry].flatMap((economy, k) => {
    const place = (i * 256 + k * 32).toString(16);
    return [`${64496 + i}\t3fff:${place}::/32\t${100 + k}`, `${64496 + (i + k) % 6}\t3fff:${place}:8000::/${34 + k}\t90`];
  }));
  return ["% This file was generated at Tue Dec 31 10:06:01 UTC 2024.", ...lines, "64511\t2001:db8:dead::/48\t80", ""].join("\n");
}

const payloadsMake = () => ["ASN,IP Prefix,Max Length,Trust Anchor", ...Object.keys(MEMBERS).map((registry, i) =>
  `AS${64496 + i},3fff:${(i * 256).toString(16)}::/32,34,${registry}`), ""].join("\n");

// Shares of a made-up source by month, on the way to a half.
function usersMake() {
  const months = Array.from({ length: 84 }, (_, i) => [`${2018 + Math.floor(i / 12)}-${String(i % 12 + 1).padStart(2, "0")}-01`, 50 / (1 + Math.exp((45 - i) / 10))]);
  return ["# name: google", "# unit: %", "# title: Users that reach Google over IPv6", "date,economy,value",
    ...["KE", "UG", "WORLD"].flatMap((economy, k) => months.map(([day, share]) => `${day},${economy},${(share / (k + 1)).toFixed(3)}`)), ""].join("\n");
}

const serversMake = () => ["date,cctld,nameservers,nameservers_with_aaaa_in_root", ...DAYS.flatMap((day, year) => Object.values(MEMBERS).flat()
  .map((economy, i) => `${day.slice(0, 4)}-01-01,${economy.toLowerCase()},${4 + i % 3},${Math.min(1 + year + i % 4, 4)}`)), ""].join("\n");

// Public services: each year's campaign finds some of them a stage further, and the last of each economy as it was.
const STAGES = ["none", "named", "reachable", "working", "complete"], TESTS = ["names-aaaa", "web-aaaa", "web-tls", "mail-aaaa"];
const SECTORS = ["health", "tax", "education"];

function testsMake(domain, stage, at) {
  return TESTS.map((test, i) => ({ test, subject: i === 0 ? "ns1.example" : i === 3 ? `mx.${domain}` : `www.${domain}`,
    verdict: stage > i ? "pass" : ["none", "none", "fail", "partial"][i], evidence: ["ipv6", "ipv4"].map(family => ({ family, at, took: 1500 + i,
      asked: test === "web-tls" ? `a certificate for www.${domain}` : `AAAA ${domain}`, whom: family === "ipv6" ? "[2001:db8::53]:53" : "192.0.2.53:53",
      answer: stage > i || family === "ipv4" ? "2001:db8::80" : "no answer within 4 seconds" })) }));
}

function journalMake(year) {
  const began = Date.UTC(2023 + year, 5, 1);
  const head = { journal: 1, campaign: `${2023 + year}`, vantage: "here", list: "0".repeat(64), options: "", version: "", began };
  const lines = ["KE", "UG", "BR", "FJ", "FR"].flatMap((economy, k) => SECTORS.map((sector, i) => {
    const stage = Math.min(4, (k + i) % 4 + (i === 2 ? 0 : year)), domain = `${sector}.${economy.toLowerCase()}.example`;
    return { economy, organisation: `Office of ${sector}`, sector,
      result: { format: 1, domain, vantage: "here", began, ipv6: true, stage: STAGES[stage], tests: testsMake(domain, stage, began) } };
  }));
  return [head, ...lines, ""].map(line => line && JSON.stringify(line)).join("\n");
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
  for (const [name, text] of [["riswhoisdump-20241231.IPv6", routesMake()], ["vrps-20241231.csv", payloadsMake()], ["users.csv", usersMake()],
    ["cctld-name-servers.csv", serversMake()], ...[0, 1].map(year => [`services-${year}.journal`, journalMake(year)])]) {
    paths.push(join(files, name));
    writeFileSync(paths.at(-1), text);
  }
  execFileSync(sextant, ["import", "--quiet", "--store", store, ...paths], { stdio: ["ignore", "ignore", "inherit"] });
  return store;
}
