// SPDX-License-Identifier: Apache-2.0
// Figures by period; a line for each economy, region or group.

import { areaY, axisX, axisY, dot, gridY, line, pointer, ruleY, tip } from "@observablehq/plot";
import { columnFind, dateOf, numberOf } from "./table.js";
import { plotDraw, series, legend } from "./plot.js";
import { mirrored, monthWrite, numberShort, yearWrite } from "./words.js";

function pointsRead(table, x, y, name) {
  return table.rows
    .map(row => ({ at: dateOf(row.value[x.index]), period: row.text[x.index], value: numberOf(row, y), figure: row.text[y.index], name: name ? row.text[name.index] : "" }))
    .filter(point => point.at);
}

// Intervals: data-bands="low90:high90:90 % interval;low50:high50:50 % interval"
function bandsRead(table, x, list = "") {
  return list.split(";").filter(Boolean).map(text => text.split(":")).map(([low, high, name]) => {
    const [from, to] = [low, high].map(key => columnFind(table, key));
    const rows = from && to ? table.rows.map(row => ({ at: dateOf(row.value[x.index]), low: numberOf(row, from), high: numberOf(row, to) })) : [];
    return { name, rows: rows.filter(row => row.at && row.low !== null && row.high !== null) };
  });
}

const textOf = point => [point.name, point.period, point.figure].filter(Boolean);

const years = points => {
  const times = points.map(point => +point.at);
  return (Math.max(...times) - Math.min(...times)) / 31557600e3;
};

export function lineDraw({ table, figure, column, columns, log, width }) {
  const x = columnFind(table, figure.dataset.x) ?? table.columns[0];
  const name = columnFind(table, figure.dataset.series);
  const read = "together" in figure.dataset
    ? columns.flatMap(each => pointsRead(table, x, each).map(point => ({ ...point, name: each.label })))
    : pointsRead(table, x, column, name);
  const points = read.filter(point => !log || point.value === null || point.value > 0);
  if (!points.some(point => point.value !== null)) return null;
  const names = [...new Set(points.map(point => point.name))].slice(0, series.length);
  const drawn = points.filter(point => names.includes(point.name));
  const colour = point => series[names.indexOf(point.name)];
  const side = mirrored ? "right" : "left";
  const ticks = { ticks: Math.max(3, Math.min(8, Math.round(width / 110))) };
  const bands = bandsRead(table, x, figure.dataset.bands);
  const channels = { x: "at", y: "value", z: "name", stroke: colour };
  const { svg, at } = plotDraw(width, {
    height: Math.round(Math.min(420, Math.max(260, width * 0.5))),
    marginLeft: mirrored ? 20 : 56, marginRight: mirrored ? 56 : 20, marginTop: 16, marginBottom: 32,
    x: { type: "utc", reverse: mirrored },
    y: { type: log ? "log" : "linear", zero: !log },
    color: { type: "identity" },
    marks: [
      gridY({ stroke: "var(--line)", strokeOpacity: 1, ...(log ? { ticks: 4 } : { ticks: 5 }) }),
      axisX({ label: null, tickSize: 4, tickFormat: years(drawn) > 3 ? yearWrite : monthWrite, ...ticks }),
      axisY({ label: null, anchor: side, tickSize: 0, tickFormat: numberShort, ...(log ? { ticks: 4 } : { ticks: 5 }) }),
      log ? null : ruleY([0]),
      ...bands.map(band => areaY(log ? band.rows.filter(row => row.low > 0) : band.rows, { x: "at", y1: "low", y2: "high", fill: series[1], fillOpacity: 0.2 })),
      line(drawn, { ...channels, strokeWidth: 2 }),
      drawn.length > 80 * names.length ? null : dot(drawn, { x: "at", y: "value", fill: colour, r: 2.5 }),
      tip(drawn, pointer({ x: "at", y: "value", title: point => textOf(point).join("\n") })),
    ],
  });
  const marks = drawn.filter(point => point.value !== null).sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name) || a.at - b.at)
    .map(point => ({ ...at(point.at, point.value), row: point.name, text: textOf(point).join(": ") }));
  return { svg, points: marks, below: names.length > 1 ? legend([...names.map((each, i) => [series[i], each]), ...bands.map((band, i) => [series[1], band.name, i ? 0.36 : 0.2])]) : null };
}
