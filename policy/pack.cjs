require("../lazy.cjs");
require("../structs.cjs");
require("../quiet.cjs");

// What `pulumi --policy-pack policy` runs: the rules as they are in the tree now, compiled.
require("../build.cjs").load("policy/index.ts");
