// @pulumi/pulumi loads the Automation API with itself, and npm's reader of package trees, which only functions that are serialized need. No program
// here uses either: they were a third of what a policy pack takes to start.
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
  // an ES module by its own word: compiled code asks that first, and then for what it uses
  stand.exports = new Proxy({}, { get: (_, name) => (name === "__esModule" ? true : load()[name]) });
  require.cache[file] = stand;
}

const pulumi = require.resolve("@pulumi/pulumi");
later("./automation", pulumi);
later("@npmcli/arborist", pulumi);
