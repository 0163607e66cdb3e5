/** Kubernetes quantities of CPU, in thousandths of a core. */

/** Millicores of a quantity such as `250m`, `0.5` or `2`. Throws a RangeError that says what is accepted. */
export function millicores(quantity: string): number {
  const [, thousandths, cores] = /^(?:(\d+)m|(\d+(?:\.\d{1,3})?))$/.exec(quantity) ?? [];
  const value = thousandths === undefined ? Math.round(Number(cores) * 1000) : Number(thousandths);
  if (!Number.isInteger(value) || value <= 0) {
    throw new RangeError(`"${quantity}" is no amount of CPU: write cores or thousandths of a core, such as 2, 0.5 or 250m`);
  }
  return value;
}
