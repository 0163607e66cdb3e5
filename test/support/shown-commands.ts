import type { Command } from "commander";
import { program } from "../../cli/program";

/** What the pages show and `shown-commands.test.ts` runs, in this order, on a sandbox where `dev` is up. */
export const HERE = [
  "verify dev --wait 600",
  "verify dev",
  "verify dev --json",
  "verify dev --junit verify.xml",
  "env",
  "env dev",
  "env <stack>",
  "preview",
  "preview dev",
  "capacity dev",
  "capacity dev --node vultr/high-performance-4c-8gb",
  "capacity --environment vultr",
  "graph dev --output dev.svg",
  "policy list <stack>",
  "policy explain <rule>",
  "policy explain dotdo-scaling",
  "rbac --user jane",
  "rbac --group platform-engineers --service-account ci/deployer",
  "tenants provision user123 --ram 2Gi",
  "tenants upgrade --tag 1.0.4 --wave 10",
  "tenants reconcile",
  "tenants reconcile --drift",
  "tenants reconcile --free-host <host>",
  "tenants list",
  "tenants show user123",
  "tenants show <user>",
];

/** What another test of the sandbox runs, with other values: each of that command's words is in it. */
export const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  "charts-recovery": ["up --take-over", "up <stack> --take-over"],
  environment: ["up --environment prod", "up --environment prod --cluster my-context", "up --environment staging"],
  environments: ["up <stack>", "up staging", "up dev --cluster my-context", "verify prod --cluster my-context", "verify prod --wait 600"],
  fly: ["up fly", "fly-toml fly", "fly-toml fly --sandbox default"],
  release: [
    "release starter <stack> --list",
    "release starter prod --cluster my-context --list",
    "release starter prod --cluster my-context --tag 1.5.0",
  ],
  rollback: [
    "rollback <stack>",
    "rollback dev",
    "rollback <stack> dotdo",
    "rollback <stack> fluxiondb",
    "rollback <stack> plinko",
    "rollback <stack> starter",
    "up <stack> --set stackyard:dotdo.image.tag=<tag before>",
  ],
  starter: ["up prod --cluster my-context --set stackyard:starter.api.image=ghcr.io/org/starter-api:1.3.0"],
  "main-job": ["up", "down", "sandbox reset"],
  tenants: [
    "tenants resize user123 --ram 4Gi",
    "tenants suspend user123",
    "tenants resume user123",
    "tenants rotate-key user123",
    "tenants backup user123",
    "tenants restore user123 --backup <id>",
    "tenants delete user123 --grace-days 7",
  ],
  "tenants-fleet": [
    "tenants export <file>",
    "tenants import <file>",
    "tenants adopt user123 --ram 2Gi --no-wait",
    'tenants adopt "$new" --ram "$ram" --key-file key',
  ],
  "tenants-http": ["tenants serve", "tenants token create console"],
  vultr: ["sandbox start --nodes 5 --cpu 4 --memory 8Gi", "up vultr-platform --cluster <context> --take-over"],
};

/** The command of a line, and those that it is in, from the outside in. */
export function pathOf(line: string): Command[] {
  const path: Command[] = [];
  for (const word of line.split(" ")) {
    const inner = (path.at(-1) ?? program).commands.find((one) => one.name() === word);
    if (inner === undefined) break;
    path.push(inner);
  }
  return path;
}

/** Names of commands and options in a line; how a cluster is named is the same for all of them. */
export const wordsOf = (line: string): string[] => [
  ...pathOf(line).map((command) => command.name()),
  ...line.split(" ").filter((word) => word.startsWith("--") && word !== "--cluster"),
];
