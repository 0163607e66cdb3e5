import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { signal } from "../../cli/interrupt";
import { measure } from "../measure";
import type { KubernetesObject } from "../objects";
import type { Orders, Spans } from "./orders";
import type { Run } from "./ours";

/**
 * Writes a chart that makes what a tenant of ours is made of, for the user that a release is named after.
 *
 * @throws Error where an object has what helm would take for a template
 */
export function writeChart(objects: readonly KubernetesObject[], user: string, folder: string): string {
  const chart = join(folder, "chart");
  const text = objects.map((object) => stringify(object)).join("---\n");
  if (text.includes("{{")) throw new Error("an object has a template in it, which helm would fill in");
  mkdirSync(join(chart, "templates"), { recursive: true, mode: 0o700 });
  writeFileSync(join(chart, "Chart.yaml"), stringify({ apiVersion: "v2", name: "tenant", version: "0.1.0" }));
  writeFileSync(join(chart, "templates", "objects.yaml"), text.replaceAll(user, "{{ .Release.Name }}"), { mode: 0o600 });
  return chart;
}

type Wanted = Pick<Orders, "bulk" | "alone" | "workers"> & { readonly env: Readonly<Record<string, string>> };

/** Installs a release a tenant, so many at once, then some one after another. */
export async function runHelm(chart: string, { bulk, alone, workers, env }: Wanted, folder: string): Promise<Run> {
  const list = (name: string, users: readonly string[]) => {
    writeFileSync(join(folder, name), users.map((user) => `${user}\n`).join(""));
    return `${join(folder, name)}`;
  };
  const ended = join(folder, "ended");
  const install = `helm install "$0" ${chart} --namespace default --wait --timeout 15m >/dev/null; echo "$0 $(date +%s%3N)" >> ${ended}`;
  const all = (file: string, parallel: number) => `
    date +%s%3N > ${file}.began
    xargs --arg-file ${file} --max-procs ${parallel} --max-args 1 bash -euc '${install}'`;
  const [many, few] = [list("bulk", bulk), list("alone", alone)];
  const measured = await measure([all(many, workers), all(few, 1)].join("\n"), { env, signal });

  const ends = new Map(
    readFileSync(ended, "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split(" "))
      .map(([user = "", at]) => [user, Number(at)] as const),
  );
  const endOf = (user: string) => ends.get(user) ?? NaN;
  const beganAt = (file: string) => Number(readFileSync(`${file}.began`, "utf8"));
  const began = beganAt(few);
  return {
    bulk: bulk.map((user) => [beganAt(many), endOf(user)]),
    alone: alone.map((user, i): Spans[number] => [i === 0 ? began : endOf(alone[i - 1] ?? ""), endOf(user)]),
    changes: [],
    measured,
  };
}
