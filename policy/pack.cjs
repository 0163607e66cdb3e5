require("../runtime/lazy.cjs");
require("../runtime/structs.cjs");
require("../runtime/quiet.cjs");

// What `pulumi --policy-pack policy` runs: the rules as they are in the tree now, compiled.
require("../runtime/build.cjs").load("policy/index.ts");
