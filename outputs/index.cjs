// What `stackyard/outputs` gives to a program outside this repository: the source as it is in the tree now, compiled.
const outputs = require("../runtime/build.cjs").load("outputs/index.ts");
exports.outputsOf = outputs.outputsOf;
exports.StackOutputs = outputs.StackOutputs;
