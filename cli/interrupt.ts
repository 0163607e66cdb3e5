let asked = false;

/** Whether ctrl-C was pressed: what was running ends itself, then the command ends with 130. */
export const interrupted = () => asked;

const stop = new AbortController();
/** Aborted by ctrl-C or SIGTERM. */
export const signal = stop.signal;

for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.on(name, () => {
    asked = true;
    stop.abort();
  });
}
