/**
 * Builds dist/: embed.js, the script that owners paste, with the style sheet and its English words in it; more.js, the
 * module that it loads for those who take part; count.js; and the translations. `node build.mjs --out DIR` writes
 * elsewhere, so that a test can compare: the same sources give the same bytes.
 */

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import { build, transform } from "esbuild";
import { minify } from "terser";

const here = path.dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({ options: { out: { type: "string", default: path.join(here, "dist") } } });
const english = JSON.parse(await readFile(path.join(here, "locales/en.json"), "utf8"));

/**
 * Property names that only our own modules read: names of the DOM, of the service's JSON and of what is stored may not
 * stand here. Those with an underscore in front are private to their class and need no listing.
 */
const OURS = [
  "above|article|aspects|back|bare|base|become|brief|cursor|deep|discard|draftFor|drafts|emit|extras|fail|flush",
  "folded|forget|fresh|full|here|holdsFocus|instead|keep|known|late|later|linked|list|load|look|meets|node",
  "panel|panels|phase|readerKey|recall|renew|replying|retry|retryAll|root|say|show|submission|take|takeUp|trouble",
  "unsent|update|view|waiting|wake|whom|words|writer",
].join("|");

/** What a browser does with `import sheet from "./style.css" with { type: "css" }`, for a script that is one file. */
const styleSheets = {
  name: "style sheets",
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true, legalComments: "none" });
      const text = JSON.stringify(code.trim());
      return { contents: `const sheet = new CSSStyleSheet(); sheet.replaceSync(${text}); export default sheet;` };
    });
  },
};

/** Only some of the English words, in the place of all. */
const words = (keys) => ({
  name: "words",
  setup({ onLoad }) {
    const some = Object.fromEntries(Object.entries(english).filter(([key]) => keys.has(key)));
    onLoad({ filter: /en\.json$/ }, () => ({ contents: JSON.stringify(some), loader: "json" }));
  },
});

/** Bundles an entry; `names` are what properties were called in the bundles before, which hand each other objects. */
async function bundle(entry, { format = "iife", keys = new Set(), names = {}, version = "" } = {}) {
  const { outputFiles, mangleCache, metafile } = await build({
    absWorkingDir: here,
    entryPoints: [`src/${entry}.js`],
    bundle: true,
    write: false,
    metafile: true,
    format,
    target: "es2022",
    minify: true,
    mangleProps: new RegExp(`^(_[a-z].*|${OURS})$`),
    mangleCache: names,
    define: { "import.meta.version": JSON.stringify(version) },
    charset: "utf8",
    legalComments: "none",
    plugins: [styleSheets, words(keys)],
  });
  // A second pass, by terser: it gives neighbouring scopes the same short names, which spares 300 bytes of brotli.
  // "Unsafe" is only what asks a function for its prototype.
  const compress = { passes: 2, unsafe_arrows: true, unsafe_methods: true };
  const { code } = await minify(outputFiles[0].text, { ecma: 2020, toplevel: true, module: format === "esm", compress });
  return { bytes: Buffer.from(code), names: mangleCache, sources: Object.keys(metafile.inputs) };
}

/** Words of more.js alone, whose keys the first part uses as names of other things: of a class, an event, a verb. */
const LATE = ["change", "code", "kept", "list"];

/** The English words go with the part whose sources name them; a word of both parts goes with the first. */
async function keysIn(sources) {
  const code = await Promise.all(sources.filter((file) => file.endsWith(".js")).map((file) => readFile(path.join(here, file), "utf8")));
  return new Set(Object.keys(english).filter((key) => !LATE.includes(key) && code.join().includes(`"${key}"`)));
}

const draft = await bundle("index");
const early = await keysIn(draft.sources);
const late = new Set(Object.keys(english).filter((key) => !early.has(key)));
const more = await bundle("more", { format: "esm", keys: late, names: draft.names });

const files = new Map([["more.js", more.bytes]]);
for (const name of (await readdir(path.join(here, "locales"))).sort()) {
  if (name === "en.json") continue;
  files.set(`locales/${name}`, Buffer.from(JSON.stringify(JSON.parse(await readFile(path.join(here, "locales", name), "utf8")))));
}
// In the addresses of what embed.js loads, so that a browser may keep it for good. The service computes it as well.
const version = createHash("sha256").update(Buffer.concat([...files.values()])).digest("hex").slice(0, 12);
files.set("embed.js", (await bundle("index", { keys: early, names: more.names, version })).bytes);
files.set("count.js", (await bundle("count")).bytes);

for (const [name, bytes] of files) {
  await mkdir(path.dirname(path.join(values.out, name)), { recursive: true });
  await writeFile(path.join(values.out, name), bytes);
}

for (const name of ["embed.js", "more.js", "count.js"]) {
  const bytes = files.get(name);
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  console.log(`${name.padEnd(8)} ${bytes.length} B, gzip ${gzipSync(bytes, { level: 9 }).length} B, brotli ${brotli.length} B`);
}
