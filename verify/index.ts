export { deployedIn, type Resource } from "./deployed";
export { junitOf, recordsOf, summaryOf, textOf } from "./report";
export { verify, type Result } from "./run";
export { worldOf } from "./world";
