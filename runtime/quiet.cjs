// Pulumi's SDK tells the engine of each step of a resource, one call after another, and takes a stack trace for each promise that might never end: a third of
// the program's CPU time, for what is dropped unless somebody asks for it. The stack trace of each resource goes into the state, a tenth of it; of compiled
// code, it has the lines of a file that nobody reads.
const log = require("@pulumi/pulumi/log");
const { Resource } = require("@pulumi/pulumi/resource");
const debuggable = require("@pulumi/pulumi/runtime/debuggable");

// the engine does not say whether it runs with --debug, but for this way of saying it
if (!process.env.PULUMI_OPTION_DEBUG) log.debug = () => Promise.resolve();

if (!process.env.PULUMI_DEBUG_PROMISE_LEAKS) {
  const { debuggablePromise } = debuggable;
  debuggable.debuggablePromise = (promise, context) => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(promise, context);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  };
}

Resource.callsites = () => [];
