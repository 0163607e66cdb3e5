require("./lazy.cjs");
require("./structs.cjs");
require("./quiet.cjs");

// What `pulumi` runs: the program as it is in the tree now, compiled.
module.exports = require("./build.cjs").load("index.ts").default;
