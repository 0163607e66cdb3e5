/** Classes and codes of SQLSTATE that say: not now. Connections, shutdown, start, no connection left. */
const STATES = /^(08...|57P0[1235]|53300)$/;
const SYSTEM = ["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOENT", "EHOSTUNREACH", "ENETUNREACH", "EAI_AGAIN", "ENOTFOUND"];
/** What `pg` says without a code. */
const SAID =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed|Cannot use a pool after)/;

/** Whether an error says that the registry does not answer now, and may answer later. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError && error.errors.some(isUnavailable)) return true;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code !== undefined && (STATES.test(code) || (syscall !== undefined && SYSTEM.includes(code)))) return true;
  return SAID.test(error.message);
}
