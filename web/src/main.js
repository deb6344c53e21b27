// SPDX-License-Identifier: Apache-2.0
// Draws a chart for each <figure data-chart>, from the table that it names. Without this script, or where
// a chart cannot be drawn, the page is complete: it has the table.

import { barDraw } from "./bar.js";
import { cursorMake } from "./cursor.js";
import { lineDraw } from "./line.js";
import { rangeDraw } from "./range.js";
import { lorenzDraw } from "./lorenz.js";
import { mapDraw, worldLoad } from "./map.js";
import { columnsFind, tableRead } from "./table.js";
import { say } from "./words.js";

const draw = { line: lineDraw, bar: barDraw, map: mapDraw, lorenz: lorenzDraw, range: rangeDraw };
const worldAddress = new URL("world.json", document.currentScript.src).href;

// The reader's choices stand in the fragment: #pace:y=slash32,scale=log
function choicesRead(id) {
  const [of, list] = decodeURIComponent(location.hash.slice(1)).split(":");
  return of === id && list ? Object.fromEntries(list.split(",").map(pair => pair.split("="))) : {};
}

function choicesWrite(id, choices) {
  const list = Object.entries(choices).map(pair => pair.join("="));
  history.replaceState(null, "", `#${id}:${list.join(",")}`);
}

function control(label, options, chosen, changed) {
  const frame = document.createElement("label");
  const select = document.createElement("select");
  for (const [value, text] of options) select.add(new Option(text, value, false, value === chosen));
  select.addEventListener("change", () => changed(select.value));
  frame.append(label, select);
  return frame;
}

// The pictures that the page links are those of the choice.
function picturesChoose(chart) {
  for (const link of chart.figure.querySelectorAll("a[data-picture]")) {
    const address = new URL(link.href);
    for (const [key, value] of Object.entries(chart.choices)) address.searchParams.set(key, value);
    link.href = address.href;
  }
}

function toolsMake(chart) {
  const tools = document.createElement("div");
  tools.className = "tools";
  const choose = key => value => {
    chart.choices[key] = value;
    choicesWrite(chart.id, chart.choices);
    picturesChoose(chart);
    chartDraw(chart);
  };
  if (chart.columns.length > 1 && chart.kind !== "lorenz" && !("together" in chart.figure.dataset))
    tools.append(control(say("column"), chart.columns.map(column => [column.key, column.label]), chart.choices.y, choose("y")));
  if (chart.kind === "line")
    tools.append(control(say("scale"), [["linear", say("linear")], ["log", say("log")]], chart.choices.scale, choose("scale")));
  return tools;
}

function svgName(svg) {
  svg.setAttribute("aria-hidden", "true"); // the place around it says what it shows
  for (const part of svg.querySelectorAll("[aria-label]")) {
    part.classList.add(part.getAttribute("aria-label").replace(/[^a-zA-Z0-9]+/g, "-"));
    part.removeAttribute("aria-label");
  }
}

function chartDraw(chart) {
  const width = Math.floor(chart.figure.clientWidth);
  if (!width) return;
  const column = chart.columns.find(each => each.key === chart.choices.y) ?? chart.columns[0];
  const drawn = draw[chart.kind]({ ...chart, column, log: chart.choices.scale === "log", width });
  chart.place.replaceChildren();
  chart.width = width;
  chart.svg = drawn?.svg;
  chart.points = drawn?.points ?? [];
  if (!drawn) return;
  svgName(drawn.svg);
  chart.place.append(drawn.svg, ...(drawn.below ? [drawn.below] : []));
}

async function chartStart(figure) {
  const kind = figure.dataset.chart;
  const source = document.querySelector(figure.dataset.source);
  if (!draw[kind] || !source?.tHead) return;
  const table = tableRead(source);
  const columns = columnsFind(table, figure.dataset.y);
  if (!columns.length) return;
  const atlas = kind === "map" ? await worldLoad(worldAddress) : null;
  const place = document.createElement("div");
  const chart = { figure, kind, table, columns, atlas, place, id: source.id, title: figure.querySelector("figcaption")?.textContent.trim() ?? "" };
  chart.choices = { y: columns[0].key, scale: figure.dataset.scale ?? "linear", ...choicesRead(source.id) };
  figure.dataset.drawn = "";
  figure.querySelector("figcaption").after(toolsMake(chart), place, cursorMake(chart));
  chartDraw(chart);
  new ResizeObserver(() => {
    if (Math.floor(figure.clientWidth) !== chart.width) chartDraw(chart);
  }).observe(figure);
}

for (const figure of document.querySelectorAll("figure[data-chart]"))
  chartStart(figure).catch(failure => {
    delete figure.dataset.drawn;
    console.warn(failure);
  });
