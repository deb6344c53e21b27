// SPDX-License-Identifier: Apache-2.0
// What a chart says that its table does not, in the page's language; numbers and dates by its custom.

const root = document.documentElement;
const language = (root.lang || "en").split("-")[0];
const words = document.currentScript.dataset;

export const mirrored = root.dir === "rtl";

// The page sends them with the script: <script data-none="No figure" data-from="from %1 to %2">.
export const say = (key, ...values) => (words[key] ?? "").replace(/%(\d)/g, (_, i) => values[i - 1]);

// Arabic pages of the United Nations use the digits 0 to 9.
const locale = `${language}-u-nu-latn`;
const plain = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
const small = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 });
const short = new Intl.NumberFormat(locale, { notation: "compact", maximumSignificantDigits: 3 });
const month = new Intl.DateTimeFormat(locale, { year: "numeric", month: "short", timeZone: "UTC" });

export const numberWrite = value => (Math.abs(value) < 1 ? small : plain).format(value);
const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
export const numberShort = value => (Math.abs(value) < 100 ? numberWrite : Math.abs(value) < 10000 ? whole.format : short.format)(value);
export const yearWrite = date => String(date.getUTCFullYear());
export const monthWrite = date => month.format(date);
