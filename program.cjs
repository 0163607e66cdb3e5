// Pulumi's runtime takes a stack trace at every step, and has ts-node look each of its frames up in source maps. There are none: it was a fifth
// of the program's CPU time.
Error.prepareStackTrace = undefined;

require("./lazy.cjs");
require("./structs.cjs");

// What `pulumi` runs: the program as it is in the tree now, compiled.
module.exports = require("./build.cjs").load("index.ts").default;
