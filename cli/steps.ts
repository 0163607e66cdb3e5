import ora from "ora";
import type { Step } from "../sandbox";

/** Seconds since a moment, as a person reads them. */
const since = (started: number) => `${((Date.now() - started) / 1000).toFixed(1)} s`;

/**
 * Runs one long step and shows what is being done, how far it is and how long it took: on a terminal in one line that changes,
 * elsewhere a line a change. All of it goes to standard error: standard output is for what a command answers.
 */
export const step: Step = async (title, run) => {
  const started = Date.now();
  const spinner = ora({ text: title, discardStdin: false }).start();
  try {
    const result = await run((progress) => {
      spinner.text = `${title}: ${progress}`;
      if (!spinner.isEnabled) console.error(`  ${progress}`);
    });
    spinner.succeed(`${title} (${since(started)})`);
    return result;
  } catch (error) {
    spinner.fail(`${title} (${since(started)})`);
    throw error;
  }
};
