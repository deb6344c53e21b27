// SPDX-License-Identifier: Apache-2.0
// Ranges: for each row its figures as dots on one line, from the least to the most.

import { axisX, axisY, dot, gridX, link, pointerY, tip } from "@observablehq/plot";
import { nameShorten, nameWidth } from "./bar.js";
import { columnFind, numberOf } from "./table.js";
import { plotDraw } from "./plot.js";
import { mirrored, numberShort } from "./words.js";

const ROW = 24;

export function rangeDraw({ table, figure, columns, width }) {
  const name = columnFind(table, figure.dataset.name ?? "name") ?? table.columns[0];
  const ordered = "ordered" in figure.dataset;
  const rows = table.rows
    .map(row => ({ href: row.href, name: row.text[name.index], figures: columns.map(column => ({ label: column.label, value: numberOf(row, column), text: row.text[column.index] })).filter(each => each.value !== null) }))
    .filter(row => row.figures.length)
    .map(row => ({ ...row, low: Math.min(...row.figures.map(each => each.value)), high: Math.max(...row.figures.map(each => each.value)) }))
    .sort((a, b) => (ordered ? 0 : b.high - a.high))
    .slice(0, ordered ? 60 : 20);
  if (!rows.length) return null;
  const letters = Math.floor((width * 0.4) / 7.5);
  const wide = 12 + nameWidth(rows.map(row => nameShorten(row.name, letters)));
  const dots = rows.flatMap((row, i) => row.figures.map(each => ({ ...each, i, href: row.href, name: row.name })));
  const { svg, at } = plotDraw(width, {
    height: rows.length * ROW + 40,
    marginLeft: mirrored ? 24 : wide, marginRight: mirrored ? wide : 24, marginTop: 6, marginBottom: 30,
    x: { reverse: mirrored, zero: true, nice: true },
    y: { type: "point", domain: rows.map((_, i) => i), padding: 0.5 },
    marks: [
      gridX({ stroke: "var(--line)", strokeOpacity: 1, ticks: 6 }),
      axisX({ label: null, tickSize: 0, ticks: 6, tickFormat: numberShort }),
      axisY({ label: null, anchor: mirrored ? "right" : "left", tickSize: 0, tickFormat: i => nameShorten(rows[i].name, letters) }),
      link(rows, { x1: "low", x2: "high", y1: (_, i) => i, y2: (_, i) => i, stroke: "var(--series-1)", strokeWidth: 2 }),
      dot(dots, { x: "value", y: "i", fill: "var(--series-1)", r: 4 }),
      tip(dots, pointerY({ x: "value", y: "i", title: each => `${each.name}\n${each.label}: ${each.text}` })),
    ],
  });
  const points = dots.map(each => ({ ...at(each.value, each.i), href: each.href, text: `${each.name}, ${each.label}: ${each.text}` }));
  return { svg, points, below: null };
}
