// Bundles the page's program and packs the engine into built/, so that nobody who installs sheetgen needs node.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

const engine = dirname(createRequire(import.meta.url).resolve("@ironcalc/wasm"));
const again = {
  // An instance that a too deep chain has killed can be replaced: its glue code may be started a second time.
  name: "again",
  setup(made) {
    made.onLoad({ filter: /@ironcalc[\\/]wasm[\\/]wasm\.js$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      const start = text.indexOf("function initSync");
      const guard = "if (wasm !== undefined) return wasm;";
      if (start < 0 || text.indexOf(guard, start) < 0) throw new Error("initSync of @ironcalc/wasm has changed");
      return { contents: text.slice(0, start) + text.slice(start).replace(guard, "") };
    });
  },
};

mkdirSync("built", { recursive: true });
await build({
  entryPoints: ["src/main.js"],
  bundle: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  minify: true,
  legalComments: "none",
  define: { "import.meta.url": '"about:blank"' },
  plugins: [again],
  outfile: "built/runtime.js",
});
await build({ entryPoints: ["style.css"], minify: true, charset: "utf8", outfile: "built/style.css" });
writeFileSync("built/engine.wasm.gz", gzipSync(readFileSync(join(engine, "wasm_bg.wasm")), { level: 9 }));

// What it was made from: a test sees to it that nobody forgets to build.
const sources = ["build.mjs", "package-lock.json", "style.css", ...readdirSync("src").sort().map((name) => `src/${name}`)];
const sum = createHash("sha256");
for (const name of sources) sum.update(`${name}\n`).update(readFileSync(name));
writeFileSync("built/sources.sha256", `${sum.digest("hex")}\n`);
