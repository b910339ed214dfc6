/**
 * Builds dist/embed.js: one classic script with the style sheet and the English words in it.
 * `node build.mjs --out DIR` writes elsewhere, so that a test can compare: the same sources give the same bytes.
 */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import { build, transform } from "esbuild";
import { minify } from "terser";

const here = path.dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({ options: { out: { type: "string", default: path.join(here, "dist") } } });

/**
 * Property names that only our own modules read: names of the DOM, of the service's JSON and of what is stored may not
 * stand here. Those with an underscore in front are private to their class and need no listing.
 */
const OURS = "article|cursor|discard|draftFor|drafts|focusReply|renew|replying|submission|trouble|writer";

/** What a browser does with `import sheet from "./style.css" with { type: "css" }`, for a classic script. */
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

const bundle = await build({
  absWorkingDir: here,
  entryPoints: ["src/index.js"],
  bundle: true,
  write: false,
  format: "iife",
  target: "es2022",
  minify: true,
  mangleProps: new RegExp(`^(_[a-z].*|${OURS})$`),
  charset: "utf8",
  legalComments: "none",
  plugins: [styleSheets],
});
// A second pass, by terser: it gives neighbouring scopes the same short names, which spares 300 bytes of brotli.
const { code } = await minify(bundle.outputFiles[0].text, { ecma: 2020, toplevel: true });
const bytes = Buffer.from(code);
await mkdir(values.out, { recursive: true });
await writeFile(path.join(values.out, "embed.js"), bytes);

const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
console.log(`embed.js ${bytes.length} B, gzip ${gzipSync(bytes, { level: 9 }).length} B, brotli ${brotli.length} B`);
