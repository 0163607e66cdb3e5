import { version } from "@pulumi/kubernetes/package.json";
import { serve } from "../rpc.js";
import { diffConfig, Objects } from "./provider.js";
import { Releases } from "./release.js";

const objects = new Objects();
const releases = new Releases(() => objects.args);

serve({
  version,
  of: (type) => (type === "kubernetes:helm.sh/v3:Release" ? releases : objects),
  diffConfig,
  configure: (args) => objects.configure(args),
});
