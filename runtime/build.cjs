// Compiles what is in the tree now: plain JavaScript, because it is what compiles the rest.
const { Buffer } = require("node:buffer");
const { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, statSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

const root = join(__dirname, "..");
const cache = join(root, "node_modules", ".cache", "stackyard");
const STAMPS = "\n//# stamps=";

/**
 * Bundles one entry point into one file, with everything that it imports but Pulumi's own packages and
 * what they share with us, of which there must be one copy a process.
 *
 * The file carries a stamp of each source that went into it, and is made anew when one differs, so it is never stale.
 *
 * @param {string} entry path of a TypeScript file, relative to the root
 * @returns {string} path of the compiled file
 */
function build(entry) {
  const file = join(cache, `${entry.replace(/\.ts$/, "").replaceAll("/", "-")}.cjs`);
  if (isCurrent(file)) return file;

  const begin = Date.now();
  const { outputFiles, metafile } = require("esbuild").buildSync({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    // PGlite finds its program and its files beside its own code; pg-native is what pg can do without
    external: [
      "fastify",
      "@fastify/*",
      "prom-client",
      "@pulumi/*",
      "@grpc/grpc-js",
      "google-protobuf",
      "esbuild",
      "@electric-sql/pglite",
      "pg-native",
    ],
    // no source map: it takes 60 MB of the program's memory, and the code is readable as it is
    write: false,
    metafile: true,
    outdir: cache,
    logLevel: "silent",
  });
  // a source that was written while it was compiled may be in the file in either form: its stamp matches nothing
  const stamps = ["runtime/build.cjs", "package-lock.json", ...Object.keys(metafile.inputs)].map((source) => [
    source,
    stampOf(source, begin),
  ]);
  const unfinished = `${file}.${process.pid}`;
  mkdirSync(cache, { recursive: true });
  writeFileSync(unfinished, outputFiles[0].text + STAMPS + JSON.stringify(stamps));
  renameSync(unfinished, file); // two runs at once never see half a file
  return file;
}

function isCurrent(file) {
  try {
    const [, stamps] = endOf(file).split(STAMPS);
    return JSON.parse(stamps).every(([source, stamp]) => stamp === stampOf(source, Infinity));
  } catch {
    return false;
  }
}

/** The last megabyte of a file, in which the stamps are; all of the command line's would take a tenth of a second to read. */
function endOf(file) {
  const open = openSync(file, "r");
  try {
    const { size } = fstatSync(open);
    const end = Buffer.alloc(Math.min(size, 2 ** 20));
    readSync(open, end, 0, end.length, size - end.length);
    return end.toString("utf8");
  } finally {
    closeSync(open);
  }
}

/** When a source was changed last, which a package that is installed again shows, too, and its size. */
function stampOf(source, begin) {
  const { ctimeMs, size } = statSync(join(root, source));
  return ctimeMs < begin ? `${ctimeMs} ${size}` : "";
}

/** Compiles an entry point and runs it. */
const load = (entry) => require(build(entry));

module.exports = { build, load };
