/** The words of the interface, from `locales/`: English is in the script, others are fetched one at a time. */

import en from "../locales/en.json" with { type: "json" };
import { brief, full, span } from "./time.js";

/** @typedef {import("./types.d.ts").Strings} Strings */

/** The languages that there are translations of, beside English. */
const LOCALES = "ar de es fa fr he it ja ko nl pl pt-BR ru tr uk zh-CN".split(" ");

/** After this many milliseconds a thread is shown in English: its words matter less than what stands in it. */
const PATIENCE = 5_000;

/** @type {Strings} */
const english = { ...en };

/**
 * Returns the first wanted language that there is a translation of, English when there is none. A region that has no
 * translation of its own takes another's: European Portuguese the Brazilian one; but traditional Chinese is another
 * script, which readers of the simplified one may not read, and the other way round.
 * @param {string[]} wanted language tags, the most wanted first
 */
export function languageOf(wanted) {
  for (const tag of wanted) {
    const [base, ...rest] = tag.toLowerCase().split(/[-_]/);
    if (base === "en") break;
    const known = LOCALES.find((code) => code.split("-")[0] === base);
    if (known && !(base === "zh" && /hant|tw|hk|mo/.test(rest.join()))) return known;
  }
  return "en";
}

/**
 * Returns the words for the first wanted language there is. Until `load` is through, those of another language than
 * English are empty: a thread does not change its language before the reader's eyes.
 * @param {string[]} wanted
 * @returns {import("./types.d.ts").Words}
 */
export function wordsFor(wanted) {
  const code = languageOf(wanted);
  let strings = /** @type {Strings | null} */ (null);
  let plurals = /** @type {Intl.PluralRules} */ (/** @type {unknown} */ (null));
  let region = "";

  /**
   * @param {string} lang
   * @param {Strings} found
   */
  function use(lang, found) {
    strings = found;
    words.lang = lang;
    words.dir = /^(ar|fa|he)$/.test(lang) ? "rtl" : null;
    plurals = new Intl.PluralRules(lang);
    // Dates as they are written where the reader lives, if that tag is one: a browser's may be "en-US@posix".
    region = navigator.languages.find((tag) => /^\w+(-\w+)*$/.test(tag) && tag.split("-")[0] === lang) ?? lang;
  }

  /** @type {import("./types.d.ts").Words} */
  const words = {
    lang: "",
    dir: null,
    t(key, values = {}) {
      /** @type {any} */
      const entry = strings && (strings[key] ?? english[key]);
      /** @type {string} */
      const text = entry?.[plurals.select(+values.count)] ?? entry?.other ?? entry ?? "";
      return text.replace(/\{(\w+)\}/g, (_, name) => values[name].toLocaleString(region));
    },
    brief: (iso) => brief(iso, region),
    full: (iso) => full(iso, region),
    span: (seconds) => span(seconds, region),
    async load(base) {
      if (strings) return;
      const found = await translation(`${base}/locales/${code}.json?v=${import.meta.version}`);
      use(found ? code : "en", found ?? english);
    },
    add: (strings) => Object.assign(english, strings),
  };
  if (code === "en") use(code, english);
  return words;
}

/**
 * @param {string} address
 * @returns {Promise<Strings | null>}
 */
async function translation(address) {
  try {
    const response = await fetch(address, { credentials: "omit", signal: AbortSignal.timeout(PATIENCE) });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}
