// SPDX-License-Identifier: Apache-2.0
// The world in equal areas, coloured by quantiles of the figures. Economies too small to be seen are dots.

import { dot, geo, pointer, tip } from "@observablehq/plot";
import { geoEqualEarth } from "d3-geo";
import { feature, mesh } from "topojson-client";
import { columnFind, numberOf } from "./table.js";
import { hatch, hatching, legend, plotDraw, shades } from "./plot.js";
import { numberShort, say } from "./words.js";

let world;

// world.json stands beside the script.
export function worldLoad(address) {
  world ??= fetch(address).then(answer => {
    if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
    return answer.json();
  });
  return world;
}

// The least figure of each class above the first; equal figures are always in one class.
export function quantileBounds(values, classes) {
  const sorted = [...values].sort((a, b) => a - b);
  const bounds = [];
  for (let i = 1; i < classes; i++) bounds.push(sorted[Math.floor((sorted.length * i) / classes)]);
  return [...new Set(bounds)].filter(bound => bound > sorted[0]);
}

const classOf = (value, bounds) => bounds.filter(bound => value >= bound).length;

// Fewer classes than shades: the darkest ones stay.
function colourOf(value, bounds) {
  if (value === null || value === undefined) return hatching;
  return shades[shades.length - 1 - bounds.length + classOf(value, bounds)];
}

function legendEntries(values, bounds) {
  const sorted = [...values].sort((a, b) => a - b);
  const classes = Array.from({ length: bounds.length + 1 }, (_, i) => sorted.filter(value => classOf(value, bounds) === i));
  return classes.map(members => [colourOf(members[0], bounds), members[0] === members.at(-1)
    ? numberShort(members[0])
    : say("from", numberShort(members[0]), numberShort(members.at(-1)))]);
}

export function mapDraw({ table, figure, column, width, atlas }) {
  const name = columnFind(table, figure.dataset.name ?? "name") ?? table.columns[0];
  const rows = new Map(table.rows.map(row => [row.key, row]));
  const valueOf = key => rows.has(key) ? numberOf(rows.get(key), column) : null;
  const places = feature(atlas, atlas.objects.economies).features;
  const points = atlas.points.map(([key, longitude, latitude]) => ({ key, longitude, latitude, value: valueOf(key) }));
  const values = points.map(point => point.value).filter(value => value !== null);
  if (!values.length) return null;
  const bounds = quantileBounds(values, shades.length);
  const shaped = new Set(places.map(place => place.id));
  const dots = points.filter(point => !shaped.has(point.key) && point.value !== null);
  const known = points.filter(point => point.value !== null);
  const title = point => [name, column].map(each => rows.get(point.key).text[each.index]).join("\n");
  const height = Math.round(width * 0.49);
  const projection = geoEqualEarth().rotate([-11, 0]).fitExtent([[2, 2], [width - 2, height - 2]], { type: "Sphere" });
  const { svg } = plotDraw(width, {
    height,
    margin: 2,
    projection,
    color: { type: "identity" },
    marks: [
      hatch,
      geo(places, { fill: place => colourOf(valueOf(place.id), bounds), ariaLabel: "id" }),
      geo(mesh(atlas, atlas.objects.economies, (a, b) => a !== b), { stroke: "var(--map-border)", strokeWidth: 0.5 }),
      dot(dots, { x: "longitude", y: "latitude", r: width < 600 ? 2 : 3.2, fill: point => colourOf(point.value, bounds),
                  stroke: "currentColor", strokeWidth: 0.5, ariaLabel: "key" }),
      tip(known, pointer({ x: "longitude", y: "latitude", title, maxRadius: 30 })),
    ],
  });
  const missing = [hatching, say("none")];
  const rank = key => table.rows.findIndex(row => row.key === key);
  const marks = known.sort((a, b) => rank(a.key) - rank(b.key)).map(point => {
    const [x, y] = projection([point.longitude, point.latitude]);
    return { x, y, key: point.key, href: rows.get(point.key).href, text: title(point).replace("\n", ": ") };
  });
  return { svg, points: marks, below: legend([...legendEntries(values, bounds), missing]) };
}
