// Bundles the page's program and packs the engine into built/, so that nobody who installs sheetgen needs node.
// With --stale it only tells, by ending well, that something was changed since.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

process.chdir(dirname(fileURLToPath(import.meta.url)));
const SUM = "built/sources.sha256";

function sourcesSum() {
  const sources = ["build.mjs", "package-lock.json", "style.css", ...readdirSync("src").sort().map((name) => `src/${name}`)];
  const sum = createHash("sha256");
  for (const name of sources) sum.update(`${name}\n`).update(readFileSync(name));
  return `${sum.digest("hex")}\n`;
}

function known() {
  try {
    return readFileSync(SUM, "utf8");
  } catch {
    return "";
  }
}

// An instance of the engine that a too deep chain has killed can be replaced: its glue code may be started again.
const again = {
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

async function make() {
  const { build } = await import("esbuild");
  const engine = dirname(createRequire(import.meta.url).resolve("@ironcalc/wasm"));
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
  writeFileSync(SUM, sourcesSum());
}

if (process.argv.includes("--stale")) process.exitCode = known() === sourcesSum() ? 1 : 0;
else await make();
