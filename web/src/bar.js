// SPDX-License-Identifier: Apache-2.0
// A ranking: who has most. In right-to-left pages the bars grow from the right.

import { axisY, barX, pointerY, ruleX, text, tip } from "@observablehq/plot";
import { columnFind, numberOf } from "./table.js";
import { plotDraw } from "./plot.js";
import { mirrored } from "./words.js";

const ROW = 24;

// How many letters wide a text is about: those of Chinese are twice as wide.
const isWide = letter => letter >= "\u2e80";
const lengthOf = text => [...text].reduce((sum, letter) => sum + (isWide(letter) ? 1.9 : 1), 0);

export const nameWidth = names => 7.5 * Math.max(...names.map(lengthOf));

export function nameShorten(name, letters) {
  if (lengthOf(name) <= letters) return name;
  let short = name;
  while (short && lengthOf(short) > letters - 1) short = [...short].slice(0, -1).join("");
  return short.trimEnd() + "…";
}

export function barDraw({ table, figure, column, width }) {
  const name = columnFind(table, figure.dataset.name ?? "name") ?? table.columns[0];
  const rows = table.rows
    .map(row => ({ href: row.href, name: row.text[name.index], value: numberOf(row, column), figure: row.text[column.index] }))
    .filter(row => row.value !== null)
    .sort((a, b) => "ordered" in figure.dataset ? 0 : b.value - a.value)
    .slice(0, "ordered" in figure.dataset ? 60 : 20);
  if (!rows.length) return null;
  const letters = Math.floor((width * 0.4) / 7.5);
  const wide = 12 + nameWidth(rows.map(row => nameShorten(row.name, letters)));
  const narrow = 12 + 8 * Math.max(...rows.map(row => row.figure.length));
  const { svg, at } = plotDraw(width, {
    height: rows.length * ROW + 8,
    marginLeft: mirrored ? narrow : wide, marginRight: mirrored ? wide : narrow, marginTop: 4, marginBottom: 4,
    x: { axis: null, reverse: mirrored, zero: true },
    y: { domain: rows.map((_, i) => i), padding: 0.25 },
    marks: [
      axisY({ label: null, anchor: mirrored ? "right" : "left", tickSize: 0, tickFormat: i => nameShorten(rows[i].name, letters) }),
      barX(rows, { x: "value", y: (_, i) => i, fill: "var(--series-1)" }),
      text(rows, { x: "value", y: (_, i) => i, text: "figure", textAnchor: mirrored ? "end" : "start", dx: mirrored ? -5 : 5 }),
      ruleX([0]),
      tip(rows, pointerY({ x: "value", y: (_, i) => i, title: row => `${row.name}\n${row.figure}` })),
    ],
  });
  const points = rows.map((row, i) => ({ ...at(row.value, i), href: row.href, text: `${row.name}: ${row.figure}` }));
  return { svg, points, below: null };
}
