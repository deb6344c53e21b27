// SPDX-License-Identifier: Apache-2.0
// The one place that calls Observable Plot. Plot puts a <style> into what it draws, which the pages'
// Content-Security-Policy refuses; style.css has those rules.

import { plot } from "@observablehq/plot";

export const series = Array.from({ length: 8 }, (_, i) => `var(--series-${i + 1})`);
export const shades = Array.from({ length: 5 }, (_, i) => `var(--map-${i + 1})`);

// The drawing, and where a pair of values lies in it.
export function plotDraw(width, options) {
  const drawn = plot({ width, className: "plot", style: { fontSize: "13px" }, ...options });
  const svg = drawn.matches("svg") ? drawn : drawn.querySelector("svg");
  svg.querySelector("style")?.remove();
  const along = name => {
    const scale = drawn.scale(name);
    return value => scale.apply(value) + (scale.bandwidth ?? 0) / 2;
  };
  return { svg, at: (x, y) => ({ x: along("x")(x), y: along("y")(y) }) };
}

const namespace = "http://www.w3.org/2000/svg";

const element = (name, attributes, ...children) => {
  const made = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};

// What has no figure is hatched, so that it is no shade.
export const hatching = "url(#hatch)";
export const hatch = () =>
  element("defs", {}, element("pattern", { id: "hatch", width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    element("rect", { width: 5, height: 5, fill: "var(--map-none)" }),
    element("rect", { width: 1.2, height: 5, fill: "var(--map-hatch)" })));

// A patch of colour for a legend.
const swatch = (colour, opacity = 1) =>
  element("svg", { width: 22, height: 14, "aria-hidden": "true" },
    element("rect", { x: 0.5, y: 0.5, width: 21, height: 13, rx: 1, fill: colour, "fill-opacity": opacity, stroke: "var(--line)" }));

export function legend(entries) {
  const list = document.createElement("ul");
  list.className = "legend";
  for (const [colour, text, opacity] of entries) {
    const item = document.createElement("li");
    item.append(swatch(colour, opacity), text);
    list.append(item);
  }
  return list;
}
