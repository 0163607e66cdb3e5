import { stacksOf } from "../../sandbox/stack";

/** Whether a stack is one that a test makes, and removes again: each ends in the id of the test's process. */
const OF_TEST = /-\d+(-\w+)?$/;

/** Names of the stacks that the repository ships, whatever other tests make meanwhile. */
export const shippedStacks = (): string[] => stacksOf(".").filter((stack) => !OF_TEST.test(stack));
