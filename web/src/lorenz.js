// SPDX-License-Identifier: Apache-2.0
// The Lorenz curve: what share the least x percent have. It is read from the left in every language.

import { axisX, axisY, dot, gridY, line, pointer, tip } from "@observablehq/plot";
import { columnFind, numberOf } from "./table.js";
import { legend, plotDraw, series } from "./plot.js";
import { numberWrite, say } from "./words.js";

const sharesWrite = point => `${numberWrite(point.part)}\u202f% → ${numberWrite(point.share)}\u202f%`;

export function lorenzDraw({ table, figure, columns, width }) {
  const x = columnFind(table, figure.dataset.x) ?? table.columns[0];
  const points = columns.flatMap((column, i) => table.rows
    .map(row => ({ part: numberOf(row, x), share: numberOf(row, column), name: column.label, colour: series[i] }))
    .filter(point => point.part !== null && point.share !== null));
  if (!points.length) return null;
  const side = Math.min(width, 480);
  const percent = { ticks: [0, 20, 40, 60, 80, 100], tickFormat: value => `${value}\u202f%`, label: null };
  const { svg, at } = plotDraw(side, {
    height: side, marginLeft: 52, marginRight: 20, marginTop: 16, marginBottom: 32,
    x: { domain: [0, 100] }, y: { domain: [0, 100] }, color: { type: "identity" },
    marks: [
      gridY({ ticks: percent.ticks, stroke: "var(--line)", strokeOpacity: 1 }),
      axisX({ ...percent, tickSize: 4 }),
      axisY({ ...percent, anchor: "left", tickSize: 0 }),
      line([[0, 0], [100, 100]], { stroke: "var(--quiet)", strokeDasharray: "3 4" }),
      line(points, { x: "part", y: "share", z: "name", stroke: "colour", strokeWidth: 2 }),
      dot(points, { x: "part", y: "share", fill: "colour", r: 2.5 }),
      tip(points, pointer({ x: "part", y: "share", title: point => `${point.name}\n${sharesWrite(point)}` })),
    ],
  });
  const used = columns.map((column, i) => [series[i], column.label]);
  const marks = points.map(point => ({ ...at(point.part, point.share), row: point.name, text: `${point.name}: ${sharesWrite(point)}` }));
  return { svg, points: marks, below: legend([...used, ["var(--quiet)", say("even")]]) };
}
