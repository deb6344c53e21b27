// SPDX-License-Identifier: Apache-2.0
// A chart without a pointer: the arrow keys move a cursor over its points, the line under it says what is there,
// Enter opens the point's page; a click on a mark does too.

import { mirrored, say } from "./words.js";

const REACH = 40; // pixels between a click and its point
const namespace = "http://www.w3.org/2000/svg";

// A point: x and y in the drawing, its row (a line, or one for all), what is said, the page it leads to.
function moved(points, at, key) {
  if (at === null) return key === "End" ? points.length - 1 : 0;
  const now = points[at], rows = [...new Set(points.map(point => point.row))];
  const forward = key === "ArrowDown" || key === (mirrored ? "ArrowLeft" : "ArrowRight") ? 1 : -1;
  if (key === "Home" || key === "End") {
    const own = points.filter(point => point.row === now.row);
    return points.indexOf(own.at(key === "Home" ? 0 : -1));
  }
  if (rows.length > 1 && (key === "ArrowUp" || key === "ArrowDown")) {
    const row = rows[(rows.indexOf(now.row) + forward + rows.length) % rows.length];
    const others = points.filter(point => point.row === row);
    return points.indexOf(others.reduce((a, b) => (Math.abs(b.x - now.x) < Math.abs(a.x - now.x) ? b : a)));
  }
  const next = at + forward;
  return points[next] && points[next].row === now.row ? next : at;
}

function ringMake() {
  const ring = document.createElementNS(namespace, "circle");
  for (const [key, value] of Object.entries({ r: 7, fill: "none", stroke: "var(--focus)", "stroke-width": 2.5 })) ring.setAttribute(key, value);
  return ring;
}

// Plot's tips follow the pointer; this one is where the cursor is.
function pointerSend(svg, type, point) {
  const box = svg.getBoundingClientRect(), scale = box.width / svg.viewBox.baseVal.width;
  svg.dispatchEvent(new PointerEvent(type, { pointerType: "mouse", clientX: box.x + (point?.x ?? -99) * scale, clientY: box.y + (point?.y ?? -99) * scale }));
}

const KEYS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"];

function nearest(chart, event) {
  const own = chart.points.find(point => point.key && event.target.classList.contains(point.key));
  if (own) return own;
  const box = chart.svg.getBoundingClientRect(), scale = box.width / chart.svg.viewBox.baseVal.width;
  const along = ["bar", "range"].includes(chart.kind) ? 0 : 1; // of a bar each place is as good
  const far = point => Math.hypot(along * (box.x + point.x * scale - event.clientX), box.y + point.y * scale - event.clientY);
  const found = chart.points.reduce((a, b) => (far(b) < far(a) ? b : a));
  return far(found) < REACH ? found : null;
}

export function cursorMake(chart) {
  const { place } = chart;
  const said = document.createElement("p");
  said.className = "said";
  said.setAttribute("aria-live", "polite");
  place.tabIndex = 0;
  place.setAttribute("role", "application");
  place.setAttribute("aria-label", `${chart.title}. ${say("table")} ${say("keys")}`);
  let at = null, ring = null;
  const leave = () => {
    ring?.remove();
    ring = null;
    if (chart.svg) pointerSend(chart.svg, "pointerleave");
  };
  place.addEventListener("keydown", event => {
    if (!chart.points?.length || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Enter" && chart.points[at]?.href) location.href = chart.points[at].href;
    if (!KEYS.includes(event.key)) return;
    event.preventDefault();
    leave();
    at = moved(chart.points, at < chart.points.length ? at : null, event.key);
    const point = chart.points[at];
    ring = ringMake();
    ring.setAttribute("cx", point.x);
    ring.setAttribute("cy", point.y);
    chart.svg.append(ring);
    pointerSend(chart.svg, "pointermove", point);
    said.textContent = point.text;
  });
  place.addEventListener("blur", leave);
  place.addEventListener("click", event => {
    const point = chart.points?.length ? nearest(chart, event) : null;
    if (point?.href) location.href = point.href;
  });
  return said;
}
