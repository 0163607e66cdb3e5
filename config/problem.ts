/** One thing that is wrong with a config. */
export interface Problem {
  /** Full key of the setting. */
  readonly key: string;
  /** What was given, unless it may be a secret, and what is accepted. */
  readonly reason: string;
  /** What to type. */
  readonly remedies: readonly string[];
}
