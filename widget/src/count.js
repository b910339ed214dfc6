/**
 * How many responses there are, put into links: `<a data-afterword-count href="…">Comments</a>` becomes
 * "Comments (17)". With a sentence for it, `data-afterword-count="{count} responses"`, the sentence is all; others for
 * one, few, many or a certain number stand in `data-afterword-count-one`, `-few`, `-many`, `-0`.
 */

/** The service takes so many addresses at once, and a proxy before it a query of about so many characters. */
const MOST = 100;
const LONGEST = 3_500;

const NAME = "data-afterword-count";
const { src } = /** @type {HTMLScriptElement} */ (document.currentScript ?? document.querySelector('script[src*="count.js"]'));

/** what a link said before */
const said = /** @type {WeakMap<Element, string | null>} */ (new WeakMap());

/** Fills in every link of the page; a page that adds links later sends itself the event `afterword:count`. */
async function fill() {
  const links = /** @type {HTMLAnchorElement[]} */ ([...document.querySelectorAll(`a[${NAME}]`)]);
  const ids = new Map(links.map((link) => [address(link), link.getAttribute("data-page-id") ?? ""]));
  const pages = [...ids.keys()].sort();
  const named = [...ids.values()].some((id) => id);
  while (pages.length) {
    const query = new URLSearchParams();
    for (let taken = 0; pages.length && taken < MOST && (!taken || `${query}`.length < LONGEST); taken += 1) {
      const page = /** @type {string} */ (pages.shift());
      query.append("page", page);
      if (named) query.append("id", ids.get(page) ?? "");
    }
    // Without an answer a link says what it said: that is all that can be done here.
    const answer = await fetch(new URL(`api/v1/counts?${query}`, src), { credentials: "omit" }).catch(() => null);
    const { counts = {} } = answer?.ok ? await answer.json() : {};
    for (const link of links) if (address(link) in counts) show(link, counts[address(link)]);
  }
}

/** @param {HTMLAnchorElement} link */
function address({ href }) {
  return href.split("#")[0];
}

/**
 * @param {HTMLAnchorElement} link
 * @param {number} count
 */
function show(link, count) {
  // A page may hold a tag that is none.
  const lang = [link.closest("[lang]")?.getAttribute("lang") ?? ""].filter((tag) => /^\w{2,3}(-\w+)*$/.test(tag));
  if (!said.has(link)) said.set(link, link.textContent);
  const sentence = [count, new Intl.PluralRules(lang).select(count)].map((form) => link.getAttribute(`${NAME}-${form}`))
    .find((form) => form) || link.getAttribute(NAME) || `${said.get(link)} ({count})`;
  link.textContent = sentence.replace("{count}", count.toLocaleString(lang));
}

addEventListener("afterword:count", fill);
if (document.readyState === "loading") addEventListener("DOMContentLoaded", fill);
else fill();
