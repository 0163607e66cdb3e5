import { readdirSync, readFileSync } from "node:fs";

/** Ticks of a second in which Linux shows CPU time, on every architecture that Node runs on. */
export const TICKS = 100;

export interface Memory {
  /** Bytes of its own and its part of what it shares with other processes. */
  readonly pss: number;
  /** Bytes of its own and all that it shares, so that a sum counts shared pages more than once. */
  readonly rss: number;
}

export interface Process extends Memory {
  readonly pid: number;
  readonly parent: number;
  /** Its arguments, with a blank after each. */
  readonly command: string;
  /** Ticks that it and those of its children that it has waited for have run. */
  readonly ticks: number;
}

/** All processes of a session: a child keeps it whoever its parent or its process group becomes. */
export function processesOf(session: number): Process[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      const stat = statOf(pid);
      if (stat.session !== session || stat.state === "Z") return [];
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      return [{ pid: Number(pid), parent: stat.parent, command, ticks: stat.own + stat.children, ...memoryOf(pid) }];
    } catch {
      return []; // it has ended meanwhile
    }
  });
}

/** Ticks that the children of this process have run, with all those that they have waited for, once they have ended. */
export const ticksOfChildren = (): number => statOf("self").children;

function statOf(pid: string) {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" "); // the name before it may hold blanks
  const number = (index: number) => Number(fields[index]);
  return {
    state: fields[0],
    parent: number(1),
    session: number(3),
    own: number(11) + number(12),
    children: number(13) + number(14),
  };
}

function memoryOf(pid: string): Memory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0) * 1024;
  return { pss: bytes("Pss"), rss: bytes("Rss") };
}
