require("./runtime/lazy.cjs");
require("./runtime/structs.cjs");
require("./runtime/quiet.cjs");

// What `pulumi` runs: the program as it is in the tree now, compiled.
module.exports = require("./runtime/build.cjs").load("index.ts").default;
