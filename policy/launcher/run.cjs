require("../../runtime/lazy.cjs");

const pack = require("@pulumi/pulumi/cmd/run-policy-pack/run");
const { run } = pack;
pack.run = (options) => run({ ...options, typeScript: false });

require("@pulumi/pulumi/cmd/run-policy-pack");
