// @pulumi/pulumi loads much with itself that most runs use nothing of: the Automation API; the compiler of TypeScript and npm's readers of packages, which
// only functions that are serialized need. It was a third of what a policy pack takes to start, and half of each command's start.
const Module = require("node:module");

/** Has a module loaded once something of it is asked for. */
function later(specifier, from) {
  const file = Module.createRequire(from).resolve(specifier);
  if (file in require.cache) return;
  const stand = Object.assign(new Module(file), { filename: file, loaded: true });
  const load = () => {
    if (require.cache[file] === stand) delete require.cache[file];
    return require(file);
  };
  const get = (_, name) => {
    if (name === "__esModule") return true; // compiled code asks that first, and then for what it uses
    return name === "default" ? (load().default ?? load()) : load()[name];
  };
  stand.exports = new Proxy({}, { get });
  require.cache[file] = stand;
}

const pulumi = require.resolve("@pulumi/pulumi");
later("./automation", pulumi);
later("./typescript-shim", pulumi);
later("@npmcli/arborist", pulumi);
later("normalize-package-data", pulumi);
