// SPDX-License-Identifier: Apache-2.0
// The site as its readers meet it: every kind of page in three languages, with and without script.
//     node site_test.mjs SEXTANT DATA CHROMIUM FOLDER

import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { get } from "node:http";
import { join } from "node:path";
import axe from "axe-core";
import { HtmlValidate } from "html-validate";
import { chromium } from "playwright-core";
import { archiveMake } from "./archive.mjs";

const [, , sextant, data, browserPath, folder] = process.argv;
process.env.SEXTANT_DATA = data;

const KINDS = {
  world: "/", economies: "/economy", economy: "/economy/KE", island: "/economy/TV", region: "/region/africa",
  "itu-region": "/itu-region/africa", group: "/group/ldc", registry: "/registry/afrinic",
  routing: "/routing", "routing of regions": "/routing?by=region",
  users: "/users", "users of one": "/users?of=KE", "name servers": "/name-servers", holders: "/holders", indices: "/indices",
  services: "/services", "services of a sector": "/services?campaign=2024&sector=health", service: "/services/health.ke.example",
  forecast: "/forecast?series=google&of=KE&target=60&horizon=2030-12-31",
  compare: "/compare?with=KE,UG,group:ldc", changes: "/changes?from=2022-12-31&to=2024-12-31",
  labs: "/labs", lab: "/labs/static-routing", "lab with hints": "/labs/first-hop", courses: "/courses",
  address: "/address/3fff:0:1::", data: "/data", methods: "/methods",
};
// While one works on some: SEXTANT_PAGES=routing,forecast
const only = process.env.SEXTANT_PAGES?.split(",");
for (const kind of Object.keys(KINDS)) if (only && !only.includes(kind)) delete KINDS[kind];
const LANGUAGES = ["ar", "en", "zh"];
const CHARTS = ["world", "economy", "region", "routing", "users", "holders", "services", "forecast", "compare"].filter(kind => kind in KINDS);
const HTML_MAX = 50 * 1024, SCRIPT_MAX = 130 * 1024, STYLE_MAX = 15 * 1024, CRAWL_MAX = 250;

let passed = 0, failed = 0;
const waiting = [];
const check = (name, body) => waiting.push(readers => checkOne(name, () => body(readers)));

// Readers of their own, three at once: much of the time goes by with waiting.
const AT_ONCE = 3;
const checksRun = browser => Promise.all(Array.from({ length: AT_ONCE }, async () => {
  const readers = { scripted: await readerMake(browser), plain: await readerMake(browser, { javaScriptEnabled: false }) };
  for (let next = waiting.shift(); next; next = waiting.shift()) await next(readers);
}));

async function checkOne(name, body) {
  try {
    await body();
    passed++;
  } catch (failure) {
    failed++;
    console.log(`FAILED ${name}: ${failure.message.slice(0, 2000)}`);
  }
}

function expect(holds, sentence) {
  if (!holds) throw new Error(sentence);
}

// ---- the server

const freePort = () => new Promise(done => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => done(port));
  });
});

const fetchRaw = (address, headers = { "Accept-Encoding": "gzip" }) => new Promise((done, fail) => {
  get(address, { headers }, answer => {
    const parts = [];
    answer.on("data", part => parts.push(part));
    answer.on("end", () => done({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) }));
  }).on("error", fail);
});

async function serve(store) {
  const port = await freePort();
  const child = spawn(sextant, ["serve", "--quiet", "--listen", `127.0.0.1:${port}`, "--store", store], { stdio: "inherit" });
  const site = `http://127.0.0.1:${port}`;
  for (let i = 0; i < 100; i++) {
    const ready = await fetchRaw(`${site}/healthz`).then(answer => answer.status === 200, () => false);
    if (ready) return { child, site };
    await new Promise(done => setTimeout(done, 50));
  }
  child.kill();
  throw new Error("the server does not answer");
}

// ---- one page

const DESKTOP = { width: 1440, height: 1200 }, PHONE = { width: 360, height: 740 };

// A window that one page after the other is read in, and what it complained of since it was last asked.
async function readerMake(browser, options = {}) {
  const context = await browser.newContext({ viewport: DESKTOP, ...options });
  const page = await context.newPage();
  const reader = { context, page, scripted: options.javaScriptEnabled !== false, site: "", complaints: [] };
  const complain = text => reader.complaints.push(text);
  page.on("console", message => ["error", "warning"].includes(message.type()) && complain(message.text()));
  page.on("pageerror", failure => complain(failure.message));
  page.on("request", request => {
    if (!request.url().startsWith(reader.site) && !request.url().startsWith("data:")) complain(`asks for ${request.url()}`);
  });
  return reader;
}

function quiet(reader) {
  const complaints = reader.complaints.splice(0);
  expect(!complaints.length, complaints.join("; "));
}

async function turnTo(reader, address) {
  reader.site = new URL(address).origin;
  reader.complaints.length = 0;
  const answer = await reader.page.goto(address, { waitUntil: "load" });
  if (reader.scripted)
    await reader.page.waitForFunction(() => document.querySelectorAll("figure[data-chart]").length === document.querySelectorAll("figure svg.plot").length,
      null, { timeout: 5000 }).catch(() => {});
  return answer.status();
}

// A window of one page's own.
async function pageOpen(browser, address, options) {
  const reader = await readerMake(browser, options);
  await turnTo(reader, address);
  return reader;
}

async function axeRun(page, rules) {
  if (!await page.evaluate(() => "axe" in window)) await page.evaluate(axe.source);
  const found = await page.evaluate(only => window.axe.run(document, {
    runOnly: only ?? ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"] }), rules);
  return found.violations.map(each => `${each.id} (${each.nodes.length}): ${each.nodes[0].html.slice(0, 160)} ${each.nodes[0].failureSummary}`);
}

const overflowOf = page => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

// What text is without a space around it, for what one page shows and another must too.
const mainText = page => page.evaluate(() => document.querySelector("main").innerText);

async function chartsDrawn(page, kind) {
  const asked = await page.locator("figure[data-chart]").count(), drawn = await page.locator("figure svg.plot").count();
  expect(asked === drawn, `${drawn} of ${asked} charts are drawn`);
  expect(asked > 0 || !CHARTS.includes(kind), "there is no chart");
}

async function accessible(page, colorScheme, rules) {
  await page.emulateMedia({ colorScheme });
  const violations = await axeRun(page, rules);
  await page.emulateMedia({ colorScheme: "light" });
  expect(!violations.length, violations.join("\n"));
}

async function fitsPhone(page, language) {
  await page.setViewportSize(PHONE);
  await page.waitForFunction(() => document.documentElement.scrollWidth <= window.innerWidth, null, { timeout: 2000 }).catch(() => {});
  const over = await overflowOf(page), direction = await page.evaluate(() => document.documentElement.dir || "ltr");
  await page.setViewportSize(DESKTOP);
  expect(over <= 0, `wider than a phone by ${over} px`);
  expect(direction === (language === "ar" ? "rtl" : "ltr"), "direction");
}

// All that is looked at on one page. What its language hardly alters is looked at in one of the languages.
async function withScript({ scripted }, site, kind, language) {
  const { page } = scripted, name = `${kind} ${language}`, turn = Object.keys(KINDS).indexOf(kind) % LANGUAGES.length === LANGUAGES.indexOf(language);
  const chart = CHARTS.includes(kind);
  await checkOne(name, async () => {
    const status = await turnTo(scripted, `${site}/${language}${KINDS[kind]}`);
    expect(status === 200, `status ${status}`);
    await chartsDrawn(page, kind);
    quiet(scripted);
  });
  await checkOne(`${name} is accessible`, () => accessible(page, "light", null));
  if (turn) await checkOne(`${name} has its contrast in the dark`, () => accessible(page, "dark", ["color-contrast"]));
  await checkOne(`${name} fits a phone`, () => fitsPhone(page, language));
  if (chart || turn) await checkOne(`${name} has its pictures`, () => picturesCheck(page, language));
  if (turn) await checkOne(`keyboard on ${name}`, () => keyboardCheck(page));
  if (chart) await checkOne(`arrow keys on ${name}`, () => cursorCheck(page, language));
  await checkOne(`${name} does not complain`, async () => quiet(scripted));
}

async function withoutScript({ plain }, site, kind, language) {
  const { page } = plain;
  await turnTo(plain, `${site}/${language}${KINDS[kind]}`);
  quiet(plain);
  expect(await page.locator("h1").count() === 1, "not one h1");
  for (const picture of await page.locator("figure[data-chart] img").all()) {
    await picture.scrollIntoViewIfNeeded();
    await page.waitForFunction(img => img.complete && img.naturalWidth === 800, await picture.elementHandle(), { timeout: 5000 });
  }
  expect(await page.locator("figure[data-chart] img").count() === await page.locator("figure[data-chart]").count(), "a chart has no picture");
  for (const figure of await page.locator("figure[data-chart]").all())
    expect(await page.locator(`table${await figure.getAttribute("data-source")}`).count() === 1, "a chart has no table");
}

const validator = new HtmlValidate({ root: true, extends: ["html-validate:standard", "html-validate:a11y"],
  rules: { "prefer-native-element": ["error", { exclude: ["region"] }] } });

async function validate(address) {
  const answer = await fetchRaw(address, {});
  const report = await validator.validateString(answer.body.toString());
  expect(report.valid, report.results.flatMap(each => each.messages).map(each => `${each.line}:${each.column} ${each.ruleId}: ${each.message}`).slice(0, 10).join("; "));
}

async function weigh(address, most) {
  const { status, body } = await fetchRaw(address);
  expect(status === 200 && body.length > 0 && body.length <= most, `status ${status}, ${body.length} bytes; no more than ${most} are wanted`);
}

// ---- links

const linksOf = html => [...html.matchAll(/\s(?:href|src)="([^"]*)"/g)].map(found => found[1].replaceAll("&amp;", "&"));

async function crawl(site) {
  const waiting = LANGUAGES.flatMap(language => Object.values(KINDS).map(path => `${site}/${language}${path}`));
  const seen = new Set(waiting), broken = [];
  for (let i = 0; i < waiting.length && i < CRAWL_MAX; i++) {
    const { status, headers, body } = await fetchRaw(waiting[i], {});
    if (status !== 200) broken.push(`${status} ${waiting[i]}`);
    if (!/^text\/html/.test(headers["content-type"])) continue;
    const html = body.toString();
    for (const link of linksOf(html)) {
      const address = new URL(link, waiting[i]);
      if (link.startsWith("#") && link.length > 1 && !html.includes(`id="${decodeURIComponent(link.slice(1))}"`)) broken.push(`${waiting[i]}${link}`);
      address.hash = "";
      if (address.origin !== site || seen.has(address.href)) continue;
      seen.add(address.href);
      waiting.push(address.href);
    }
  }
  expect(!broken.length, [...new Set(broken)].slice(0, 20).join("\n"));
}

// ---- what is drawn is what the table says, and the table what the CSV says

function csvRead(text) {
  const [head, ...lines] = text.split("\n").filter(line => line && !line.startsWith("#")).map(line => line.split(",").map(cell => cell.trim().replace(/^"|"$/g, "")));
  return lines.map(line => Object.fromEntries(head.map((key, i) => [key, line[i]])));
}

async function rankingRead(page, site) {
  const links = page.locator('a[href*="/geography?by=economy"][href*="format=csv"]');
  const link = await links.count() ? new URL(await links.first().getAttribute("href"), site).href : null;
  expect(link, "the ranking has no CSV");
  return csvRead((await fetchRaw(link, {})).body.toString());
}

// Each class but the first begins at a quantile; written apart from the script's own.
function shadesOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const starts = [1, 2, 3, 4].map(i => sorted[Math.floor(sorted.length * i / 5)]);
  const used = starts.filter((start, i) => start > sorted[0] && starts.indexOf(start) === i);
  return value => `var(--map-${5 - used.length + used.filter(start => start <= value).length})`;
}

async function mapCheck(browser, site) {
  const { context, page } = await pageOpen(browser, `${site}/en/`);
  const column = (await page.locator("figure[data-chart=map]").getAttribute("data-y")).split(" ")[0];
  const rows = (await rankingRead(page, site)).filter(row => /^[A-Z]{2}$/.test(row.key) && row[column] !== "");
  expect(rows.length === 24, `${rows.length} economies in the CSV`);
  const shade = shadesOf(rows.map(row => Number(row[column])));
  for (const row of rows) {
    const marks = page.locator(`figure[data-chart=map] svg .${row.key}`);
    expect(await marks.count() === 1, `${await marks.count()} marks of ${row.key}`);
    const fill = await marks.getAttribute("fill");
    expect(fill === shade(Number(row[column])), `${row.key}: ${fill} for ${row[column]}`);
  }
  await context.close();
}

// ---- the server's pictures

// Of each row that a picture shows: what it is called, and its figure.
const marksOf = (page, svg) => page.evaluate(text => {
  const drawing = new DOMParser().parseFromString(text, "image/svg+xml");
  if (drawing.querySelector("parsererror")) throw new Error(drawing.querySelector("parsererror").textContent);
  return [...drawing.querySelectorAll("circle > title, rect > title, path > title")].map(title => title.textContent);
}, svg);

const cellsOf = figure => figure.evaluate(of => {
  const table = document.querySelector(of.dataset.source), heads = [...[...table.tHead.rows].at(-1).cells];
  const index = key => heads.findIndex(head => head.dataset.column === key);
  const { chart, x, y, name, series } = of.dataset, together = "together" in of.dataset || chart === "lorenz";
  const range = chart === "range", lines = series && new Set([...table.tBodies[0].rows].map(row => row.cells[index(series)].textContent.trim())).size;
  const keys = y.split(" ").filter(key => index(key) >= 0).slice(0, together ? 8 : 1);
  const rows = [...table.tBodies[0].rows].filter(row => !row.classList.contains("total"));
  const text = (row, key) => row.cells[index(key)].textContent.trim();
  return keys.flatMap(key => rows.filter(row => text(row, key) !== "").map(row => {
    const label = heads[index(key)].textContent.trim();
    const line = range ? "" : lines > 1 ? `${text(row, series)}, ` : keys.length > 1 ? `${label}, ` : "";
    return { mark: range ? `${text(row, name)}, ${label}: ${text(row, key)}` : `${line}${text(row, chart === "line" || chart === "lorenz" ? x : name)}: ${text(row, key)}`,
             value: Number(row.cells[index(key)].dataset.value ?? text(row, key)), key: row.dataset.key };
  }));
});

async function picturesCheck(page, language) {
  for (const figure of await page.locator("figure[data-chart]").all()) {
    const links = await figure.locator("a[data-picture]").evaluateAll(all => all.map(each => each.href));
    const [svgLink, pngLink] = ["svg", "png"].map(form => links.find(link => new URL(link).pathname.endsWith(form)));
    const svg = await fetchRaw(svgLink, {});
    expect(svg.status === 200 && svg.headers["content-type"] === "image/svg+xml", `${svgLink}: ${svg.status}`);
    expect(/frame-ancestors \*/.test(svg.headers["content-security-policy"]), "it cannot be embedded");
    const isMap = await figure.getAttribute("data-chart") === "map", scale = await figure.getAttribute("data-scale");
    const unit = text => text.replace(/ \(\S+\), /, ", ").replace(/ \u200e?[%/]\S*, /, ", ").replace(/ \(?%\)?: /, ": "); // of a line's name
    const wanted = (await cellsOf(figure)).filter(cell => (isMap ? /^[A-Z]{2}$/.test(cell.key) : true) && (scale !== "log" || cell.value > 0));
    const most = await figure.getAttribute("data-chart") === "bar" ? 20 : Infinity;
    const marks = (await marksOf(page, svg.body.toString())).map(unit), names = new Set(wanted.map(cell => unit(cell.mark)));
    expect(marks.length === Math.min(wanted.length, most), `${svgLink}: ${marks.length} marks for ${wanted.length} cells`);
    for (const mark of marks) expect(names.has(mark), `${svgLink}: "${mark}" is not in the table: ${[...names].slice(0, 3).join(" | ")}`);
    if (!pngLink && language !== "en") continue; // the fonts lack the letters
    const png = await fetchRaw(pngLink, {});
    if (png.status === 404) continue; // built without
    const height = Number(/ height="([\d.]+)"/.exec(svg.body.toString())[1]);
    expect(png.body.readUInt32BE(16) === 1600 && Math.abs(png.body.readUInt32BE(20) - 2 * height) <= 1, `${pngLink}: its size`);
  }
}

async function tableCheck(browser, site) {
  const { context, page } = await pageOpen(browser, `${site}/ar/`);
  const id = (await page.locator("figure[data-chart=map]").getAttribute("data-source")).slice(1);
  const shown = await page.evaluate(of => {
    const table = document.getElementById(of), at = [...table.tHead.rows].at(-1).cells;
    const index = [...at].findIndex(cell => cell.dataset.column === "slash32");
    return [...table.querySelectorAll("tbody tr[data-key]")].map(row => [row.dataset.key, row.cells[index].dataset.value ?? row.cells[index].textContent.trim()]);
  }, id);
  const rows = new Map((await rankingRead(page, site)).map(row => [row.key, row.slash32]));
  expect(shown.length >= 24, `${shown.length} rows`);
  for (const [key, value] of shown) expect(Number(rows.get(key)) === Number(value), `${key}: ${value}, in the CSV ${rows.get(key)}`);
  await context.close();
}

// ---- what is sent to a colleague, and what the keyboard reaches

async function compareCheck(browser, site) {
  const first = await pageOpen(browser, `${site}/en/compare?with=KE,ZA,region:africa`);
  const submit = first.page.locator("main form button, main form input[type=submit]").first();
  await Promise.all([first.page.waitForNavigation(), submit.click()]);
  const address = first.page.url(), text = await mainText(first.page);
  expect(address.includes("with="), address);
  const second = await pageOpen(browser, address);
  expect(await mainText(second.page) === text, "another view");
  expect(text.includes("Kenya") && text.includes("South Africa"), "not what was chosen");
  await first.context.close();
  await second.context.close();
}

async function choiceCheck(browser, site) {
  const first = await pageOpen(browser, `${site}/en/economy/KE`);
  const choice = page => page.locator("figure[data-chart=line]").first().locator("select").last();
  await choice(first.page).selectOption("log");
  expect(first.page.url().includes("scale=log"), first.page.url());
  const picture = await first.page.locator("figure[data-chart=line] a[data-picture]").first().getAttribute("href");
  expect(picture.includes("scale=log"), picture);
  const second = await pageOpen(browser, first.page.url());
  expect(await choice(second.page).inputValue() === "log", "the scale is not kept");
  await first.context.close();
  await second.context.close();
}

const STROKES_MAX = 160; // of the list of all economies the rest is alike

async function keyboardCheck(page) {
  const wanted = await page.evaluate(() => {
    const all = [...document.querySelectorAll("a[href], button, select, input:not([type=hidden]), textarea, summary, [tabindex='0']")];
    return all.filter(each => each.checkVisibility() && !(each.type === "radio" && !each.checked)).length;
  });
  await page.evaluate(() => { window.reached = new Set(); });
  const unseen = [];
  for (let i = 0; i < Math.min(wanted + 12, STROKES_MAX); i++) { // a date takes four strokes
    await page.keyboard.press("Tab");
    unseen.push(...await page.evaluate(() => {
      const at = document.activeElement;
      if (at === document.body || window.reached.has(at)) return [];
      window.reached.add(at);
      return getComputedStyle(at).outlineStyle === "none" ? [at.outerHTML.slice(0, 120)] : [];
    }));
  }
  const reached = await page.evaluate(() => window.reached.size);
  expect(reached >= Math.min(wanted, STROKES_MAX - 12), `${reached} of ${wanted} are reached`);
  expect(!unseen.length, `focus cannot be seen: ${unseen[0]}`);
}

// The arrow keys read each figure of a chart; Enter opens the page of the economy.
async function cursorCheck(page, language) {
  for (const figure of await page.locator("figure[data-chart]").all()) {
    const kind = await figure.getAttribute("data-chart"), said = figure.locator(".said");
    const figures = new Set((await cellsOf(figure)).map(cell => cell.mark.split(": ").at(-1)));
    await figure.locator("[role=application]").focus();
    const heard = [];
    const forward = language === "ar" ? "ArrowLeft" : "ArrowRight";
    for (const key of ["Home", forward, "ArrowDown", "End", forward]) {
      await page.keyboard.press(key);
      heard.push(await said.textContent());
    }
    expect(heard.every(Boolean) && heard[3] === heard[4] && (heard[0] !== heard[3] || figures.size < 2), `${kind}: ${heard.join(" | ")}`);
    if (kind !== "lorenz") for (const text of heard) expect(figures.has(text.split(": ").at(-1)), `${kind}: "${text}" is not in the table`);
    expect(await figure.locator("svg.plot [aria-label=tip], svg.plot .tip").first().textContent() !== "", `${kind}: the tip does not follow`);
  }
}

async function enterCheck(browser, site, path, kind) {
  const { context, page } = await pageOpen(browser, `${site}/en${path}`);
  const figure = page.locator(`figure[data-chart=${kind}]`).first();
  await figure.locator("[role=application]").focus();
  await page.keyboard.press("Home");
  await Promise.all([page.waitForURL(/\/economy\/[A-Z]{2}$/, { timeout: 5000 }), page.keyboard.press("Enter")]);
  await page.goBack();
  await page.waitForSelector(`figure[data-chart=${kind}] svg.plot`);
  const mark = page.locator(`figure[data-chart=${kind}] svg.plot ${kind === "map" ? ".BR" : "rect"}`).first();
  await mark.scrollIntoViewIfNeeded();
  await Promise.all([page.waitForURL(/\/economy\/[A-Z]{2}$/, { timeout: 5000 }), mark.click({ position: kind === "map" ? undefined : { x: 3, y: 3 }, force: true })]);
  await context.close();
}

// For people to look at: SEXTANT_SCREENSHOTS=1.
async function screenshots(browser, site) {
  const place = join(folder, "screenshots");
  mkdirSync(place, { recursive: true });
  for (const width of [360, 768, 1440])
    for (const [kind, path] of Object.entries(KINDS)) {
      const language = ["economy", "service"].includes(kind) ? "ar" : "en", colorScheme = kind === "compare" ? "dark" : "light";
      const { context, page } = await pageOpen(browser, `${site}/${language}${path}`, { viewport: { width, height: width < 500 ? 2200 : 1800 }, colorScheme });
      await page.screenshot({ path: join(place, `${kind}-${language}-${width}.png`) });
      await context.close();
    }
}

function everything(browser, site) {
  for (const [kind, path] of Object.entries(KINDS))
    for (const language of LANGUAGES) {
      const address = `${site}/${language}${path}`;
      waiting.push(readers => withScript(readers, site, kind, language));
      check(`${kind} ${language} without script`, readers => withoutScript(readers, site, kind, language));
      check(`${kind} ${language} is valid`, () => validate(address));
      check(`${kind} ${language} is light`, () => weigh(address, HTML_MAX));
    }
  check("no such page", () => fetchRaw(`${site}/en/economy/QQ`).then(answer => expect(answer.status === 404, `status ${answer.status}`)));
  check("script", () => weigh(`${site}/static/app.js`, SCRIPT_MAX));
  check("style sheet", () => weigh(`${site}/static/style.css`, STYLE_MAX));
  check("map", () => weigh(`${site}/static/world.json`, HTML_MAX));
  check("links", () => crawl(site));
  check("the map is the CSV", () => mapCheck(browser, site));
  check("the table is the CSV", () => tableCheck(browser, site));
  check("compare is sent by its address", () => compareCheck(browser, site));
  check("a chart's choice is in its address", () => choiceCheck(browser, site));
  check("Enter and a click on the map", () => enterCheck(browser, site, "/", "map"));
  check("Enter and a click on the bars", () => enterCheck(browser, site, "/region/africa", "bar"));
  if (process.env.SEXTANT_SCREENSHOTS) check("screenshots", () => screenshots(browser, site));
}

const { child, site } = await serve(archiveMake(sextant, folder));
const browser = await chromium.launch({ executablePath: browserPath, args: ["--headless", "--no-sandbox", "--disable-gpu",
  "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"] });
try {
  everything(browser, site);
  await checksRun(browser);
} finally {
  await browser.close();
  child.kill();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed || (!only && passed < 50) ? 1 : 0;
