/** The words of the interface, from `locales/`. */

import en from "../locales/en.json" with { type: "json" };

/** @typedef {import("./types.d.ts").Strings} Strings */

/** @type {Record<string, Strings>} */
const LOCALES = Object.assign(Object.create(null), { en });

/**
 * Returns the words for the first wanted language that there is a translation of, English when there is none.
 * @param {string[]} wanted language tags, the most wanted first
 * @returns {import("./types.d.ts").Words}
 */
export function wordsFor(wanted) {
  const lang = wanted.map((tag) => tag.toLowerCase().split(/[-_]/)[0]).find((tag) => LOCALES[tag]) ?? "en";
  const plurals = new Intl.PluralRules(lang);
  return {
    lang,
    t(key, values = {}) {
      const entry = /** @type {any} */ (LOCALES[lang][key]);
      /** @type {string} */
      const text = entry[plurals.select(+values.count)] ?? entry.other ?? entry;
      return text.replace(/\{(\w+)\}/g, (_, name) => values[name].toLocaleString(lang));
    },
  };
}
