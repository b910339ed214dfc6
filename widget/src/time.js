/** Dates and spans in words, all of them from `Intl`. Languages are given as tags that `Intl` knows. */

/** Formats a date as it is shown, "14 May 2011, 18:20". */
export const brief = formatter({ dateStyle: "medium", timeStyle: "short" });

/** Formats a date with its weekday, seconds and time zone. */
export const full = formatter({ dateStyle: "full", timeStyle: "long" });

/** @type {[unit: string, seconds: number][]} */
const UNITS = [["hour", 3600], ["minute", 60], ["second", 1]];

/**
 * Returns a span in words, "3 minutes"; rounded up, so that nobody is sent back a moment too early.
 * @param {number} seconds
 * @param {string} lang
 */
export function span(seconds, lang) {
  // Up to two minutes or hours in the smaller unit: "90 seconds" is truer than "2 minutes".
  const [unit, size] = UNITS.find(([, size]) => seconds >= 2 * size) ?? UNITS[2];
  return new Intl.NumberFormat(lang, { style: "unit", unit, unitDisplay: "long" }).format(Math.ceil(seconds / size));
}

/**
 * Returns a function for dates in a language and the reader's own time zone; what is no date comes back as it is.
 * @param {Intl.DateTimeFormatOptions} options
 */
function formatter(options) {
  // Making one costs about as much as formatting a thousand dates.
  const made = /** @type {Record<string, Intl.DateTimeFormat>} */ ({});
  return (/** @type {string} */ iso, /** @type {string} */ lang) => {
    const time = Date.parse(iso);
    return time ? (made[lang] ??= new Intl.DateTimeFormat(lang, options)).format(time) : iso;
  };
}
