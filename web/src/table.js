// SPDX-License-Identifier: Apache-2.0
// A page's table, read: what it shows is all that a chart knows.

const cellValue = cell => cell.dataset.value ?? cell.textContent.trim();

export function tableRead(table) {
  const heads = [...table.tHead.rows].at(-1).cells;
  const columns = [...heads].map((head, index) => ({
    key: head.dataset.column ?? String(index),
    label: head.dataset.label ?? head.textContent.trim().replace(/\s+/g, " "),
    index,
  }));
  const rows = [...table.tBodies]
    .flatMap(body => [...body.rows])
    .filter(row => !row.classList.contains("total"))
    .map(row => ({
      key: row.dataset.key ?? "",
      href: row.querySelector("a[href]")?.href,
      text: [...row.cells].map(cell => cell.textContent.trim()),
      value: [...row.cells].map(cellValue),
    }));
  return { columns, rows };
}

export const columnFind = (table, key) => table.columns.find(column => column.key === key);

// The columns of a list of keys that the table has.
export const columnsFind = (table, keys = "") =>
  keys.split(/\s+/).map(key => columnFind(table, key)).filter(Boolean);

// A number, or null where the cell is empty or no number.
export function numberOf(row, column) {
  const text = row.value[column.index] ?? "";
  const value = Number(text);
  return text === "" || Number.isNaN(value) ? null : value;
}

// The first day of a period: 2024, 2024-Q3, 2024-05 or 2024-05-17.
export function dateOf(text) {
  const found = /^(\d{4})(?:-(?:Q([1-4])|(\d\d)(?:-(\d\d))?))?$/.exec(text);
  if (!found) return null;
  const [, year, quarter, month, day] = found;
  return new Date(Date.UTC(+year, quarter ? (quarter - 1) * 3 : (month ?? 1) - 1, +(day ?? 1)));
}
