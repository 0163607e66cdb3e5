const SUFFIXES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/**
 * Any amount that Kubernetes takes, as a number of cores, bytes or pieces: `250m` is 0.25, `1Gi` 1073741824, `1e3` 1000. Nought is one, too.
 *
 * @throws RangeError where it is none
 */
export function amount(quantity: string | number): number {
  const [, digits, suffix] = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([numkMGTPE]|[KMGTPE]i)?$/.exec(String(quantity)) ?? [];
  if (digits === undefined) throw new RangeError(`"${quantity}" is no amount: write a number with a unit, such as 250m, 2 or 4Gi`);
  return Number(digits) * SUFFIXES[suffix ?? ""]!;
}
