// SPDX-License-Identifier: Apache-2.0
// Writes app.js, style.css, world.json and world.paths into a folder: node build.mjs ECONOMIES.csv FOLDER

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { geoArea, geoCentroid, geoEqualEarth, geoPath } from "d3-geo";
import { feature, mergeArcs } from "topojson-client";

const LIMITS = { "style.css": 15 * 1024, "app.js": 130 * 1024, "world.json": 45 * 1024, "world.paths": 60 * 1024 };
const require = createRequire(import.meta.url);
const [, , economies, folder] = process.argv;
const here = name => fileURLToPath(new URL(name, import.meta.url));

function rowsRead(path) {
  const lines = readFileSync(path, "utf8").split("\n").filter(line => line && !line.startsWith("#"));
  return lines.slice(1).map(line => line.split(","));
}

// What the atlas shows apart and has no code of its own for belongs where the United Nations counts it;
// what is not counted anywhere keeps its shape and has no figure.
const PART_OF = { "N. Cyprus": "196", Somaliland: "706" };

const atlasRead = scale => JSON.parse(readFileSync(require.resolve(`world-atlas/countries-${scale}.json`), "utf8"));
const numericOf = shape => shape.id ?? PART_OF[shape.properties.name];

// French Guiana is drawn in France; it is an economy of its own.
function franceSplit(atlas, shape) {
  const inGuiana = arcs => {
    const [longitude, latitude] = geoCentroid(feature(atlas, { type: "Polygon", arcs }));
    return longitude < -50 && longitude > -55 && latitude > 0 && latitude < 7;
  };
  const guiana = shape.arcs.filter(inGuiana);
  return [{ ...shape, arcs: shape.arcs.filter(arcs => !inGuiana(arcs)) }, { type: "MultiPolygon", id: "GF", arcs: guiana }];
}

function shapesMake(atlas, codes) {
  const groups = new Map();
  for (const shape of atlas.objects.countries.geometries) {
    const numeric = numericOf(shape) ?? shape.properties.name;
    groups.set(numeric, [...(groups.get(numeric) ?? []), shape]);
  }
  return [...groups].flatMap(([numeric, shapes]) => {
    const id = codes.get(numeric);
    const whole = { ...(shapes.length > 1 ? mergeArcs(atlas, shapes) : { type: shapes[0].type, arcs: shapes[0].arcs }), id };
    return id === "FR" ? franceSplit(atlas, whole) : [whole];
  });
}

// The centre of the largest part: that of the whole may lie in the sea, or in another economy.
function centreOf(atlas, shape) {
  const { geometry } = feature(atlas, shape);
  const parts = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  const polygons = parts.map(coordinates => ({ type: "Polygon", coordinates }));
  const largest = polygons.reduce((a, b) => (geoArea(b) > geoArea(a) ? b : a));
  return geoCentroid(largest).map(degrees => Math.round(degrees * 10) / 10);
}

function pointsMake(codes) {
  const atlas = atlasRead("10m");
  const points = new Map(rowsRead(here("places.csv")).map(([economy, x, y]) => [economy, [+x, +y]]));
  for (const shape of atlas.objects.countries.geometries) {
    const economy = codes.get(shape.id);
    if (economy && !points.has(economy)) points.set(economy, centreOf(atlas, shape));
  }
  return [...points].map(([economy, at]) => [economy, ...at]).sort();
}

function worldMake() {
  const codes = new Map(rowsRead(economies).map(([economy, , numeric]) => [numeric, economy]));
  const atlas = atlasRead("110m");
  const points = pointsMake(codes);
  const absent = [...codes.values()].filter(code => !points.some(([economy]) => economy === code));
  if (absent.length) throw new Error(`no place on the map for ${absent.join(", ")}`);
  const geometries = shapesMake(atlas, codes);
  const { type, transform, arcs } = atlas;
  return { type, transform, arcs, objects: { economies: { type: "GeometryCollection", geometries } }, points };
}

// The same world for pictures that the server makes: shapes as paths of whole numbers, and a dot for each economy.
const PATHS_WIDTH = 2000;

function pathShorten(path) {
  return path.slice(1, -1).split("ZM").map(ring => {
    const points = ring.split("L").map(point => point.split(",").map(Math.round));
    const steps = points.slice(1).map(([x, y], i) => [x - points[i][0], y - points[i][1]]).filter(([x, y]) => x || y);
    return steps.length > 1 ? `M${points[0].join(" ")}l${steps.map(step => step.join(" ")).join(" ")}z` : "";
  }).join("");
}

function pathsMake(world) {
  const projection = geoEqualEarth().rotate([-11, 0]).fitWidth(PATHS_WIDTH, { type: "Sphere" });
  const draw = geoPath(projection);
  const height = Math.ceil(draw.bounds({ type: "Sphere" })[1][1]);
  const shapes = world.objects.economies.geometries
    .map(shape => [shape.id ?? "-", pathShorten(draw(feature(world, shape)) ?? "MZ")])
    .filter(([, path]) => path);
  const dots = world.points.map(([economy, ...at]) => [economy, ...projection(at).map(Math.round)]);
  return [[PATHS_WIDTH, height], ...shapes, ...dots].map(line => `${line.join(" ")}\n`).join("");
}

const common = { bundle: true, minify: true, write: false, logLevel: "warning", legalComments: "none" };
const [script, style] = await Promise.all([
  build({ ...common, entryPoints: [here("src/main.js")], target: "es2020", format: "iife" }),
  build({ ...common, entryPoints: [here("style.css")] }),
]);
const world = worldMake();
const made = {
  "app.js": script.outputFiles[0].text, "style.css": style.outputFiles[0].text,
  "world.json": JSON.stringify(world), "world.paths": pathsMake(world),
};

for (const [name, text] of Object.entries(made)) {
  const size = name === "style.css" ? Buffer.byteLength(text) : gzipSync(text, { level: 9 }).length;
  if (size > LIMITS[name]) throw new Error(`${name}: ${size} bytes, no more than ${LIMITS[name]} are wanted`);
  console.log(`${name}: ${size} bytes${name === "style.css" ? "" : " compressed"}`);
  writeFileSync(join(folder, name), text);
}
