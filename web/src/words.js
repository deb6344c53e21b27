// SPDX-License-Identifier: Apache-2.0
// What a chart says that its table does not, in the page's language.

const catalogue = {
  en: { column: "Show", scale: "Scale", linear: "Linear", log: "Logarithmic", none: "No figure", even: "All equal",
        table: "The figures are in the table that follows.", save: "Save as SVG", from: "from {0} to {1}" },
  ar: { column: "عرض", scale: "المقياس", linear: "خطي", log: "لوغاريتمي", none: "لا يوجد رقم", even: "تساوٍ تام",
        table: "الأرقام في الجدول التالي.", save: "حفظ بصيغة SVG", from: "من {0} إلى {1}" },
  es: { column: "Mostrar", scale: "Escala", linear: "Lineal", log: "Logarítmica", none: "Sin dato", even: "Igualdad total",
        table: "Las cifras figuran en el cuadro siguiente.", save: "Guardar como SVG", from: "de {0} a {1}" },
  fr: { column: "Afficher", scale: "Échelle", linear: "Linéaire", log: "Logarithmique", none: "Pas de chiffre", even: "Égalité parfaite",
        table: "Les chiffres figurent dans le tableau qui suit.", save: "Enregistrer en SVG", from: "de {0} à {1}" },
  ru: { column: "Показать", scale: "Шкала", linear: "Линейная", log: "Логарифмическая", none: "Нет данных", even: "Полное равенство",
        table: "Данные приведены в таблице ниже.", save: "Сохранить как SVG", from: "от {0} до {1}" },
  zh: { column: "显示", scale: "刻度", linear: "线性", log: "对数", none: "无数据", even: "完全均等",
        table: "数据见下表。", save: "保存为 SVG", from: "{0} 至 {1}" },
};

const root = document.documentElement;
const language = (root.lang || "en").split("-")[0];
const words = catalogue[language] ?? catalogue.en;

export const mirrored = root.dir === "rtl";
export const say = (key, ...values) => words[key].replace(/\{(\d)\}/g, (_, i) => values[i]);

// Arabic pages of the United Nations use the digits 0 to 9.
const locale = `${language}-u-nu-latn`;
const plain = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
const small = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 });
const short = new Intl.NumberFormat(locale, { notation: "compact", maximumSignificantDigits: 3 });
const month = new Intl.DateTimeFormat(locale, { year: "numeric", month: "short", timeZone: "UTC" });

export const numberWrite = value => (Math.abs(value) < 1 ? small : plain).format(value);
export const numberShort = value => (Math.abs(value) < 10000 ? numberWrite : short.format)(value);
export const yearWrite = date => String(date.getUTCFullYear());
export const monthWrite = date => month.format(date);
