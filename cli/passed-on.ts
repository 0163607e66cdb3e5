/** Commands whose words after `--` go to Pulumi. */
const TO_PULUMI = ["up", "preview"];

const at = TO_PULUMI.includes(process.argv[2] ?? "") ? process.argv.indexOf("--") : -1;

/** What a command line says to us. */
export const toUs: readonly string[] = at < 0 ? process.argv : process.argv.slice(0, at);

/** What it passes on to Pulumi: all that follows `--`. */
export const passedOn: readonly string[] = at < 0 ? [] : process.argv.slice(at + 1);

/** The command line to type again, with an option more where one is given. */
export const sameAgain = (...options: string[]): string =>
  ["npx stackyard", ...toUs.slice(2), ...options, ...(at < 0 ? [] : ["--", ...passedOn])].join(" ");
