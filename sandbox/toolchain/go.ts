import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const OLDEST = [1, 26] as const;
const REMEDY = `install Go ${OLDEST.join(".")} or newer and put it on PATH`;

/** The compiler collects no garbage until it holds that much, which saves a tenth of the time. */
const MEMORY = { GOGC: "off", GOMEMLIMIT: "1GiB" };

/** Runs `go` in a module's folder; the user's GOFLAGS, GOPROXY and the like hold. Interrupted, it ends in peace, its compilers with it. */
async function go(folder: string, args: readonly string[], signal?: AbortSignal): Promise<string> {
  const env = { ...MEMORY, ...process.env, CGO_ENABLED: "0", GOWORK: "off" };
  try {
    return (await run("go", args, { cwd: folder, env, signal, killSignal: "SIGINT", maxBuffer: 2 ** 26 })).stdout.trim();
  } catch (error) {
    const { code, stdout = "", stderr = "" } = error as NodeJS.ErrnoException & { stdout?: string; stderr?: string };
    if (signal?.aborted) throw error;
    if (code === "ENOENT") throw new Error(`go is not on PATH: ${REMEDY}`, { cause: error });
    const said = (stderr || stdout).trim().split("\n").slice(-15).join("\n");
    throw new Error(`go ${args.slice(0, 2).join(" ")} failed in ${folder}:\n${said}`, { cause: error });
  }
}

/** @throws Error with the remedy where Go is missing or too old */
export async function checkGo(): Promise<void> {
  const found = await go(process.cwd(), ["env", "GOVERSION"]);
  const [major = 0, minor = 0] = found.replace(/^go/, "").split(".").map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) throw new Error(`${found} is too old to build programs: ${REMEDY}`);
}

/** Flags of the compiler and the linker. */
interface Flags {
  readonly ldflags: string;
  readonly tags: readonly string[];
}

/** Builds one program, without what a debugger needs; what it is built from is held to the folder's go.sum. */
export const build = (folder: string, main: string, { ldflags, tags }: Flags, output: string, signal?: AbortSignal): Promise<string> => {
  const left = tags.length > 0 ? ["-tags", tags.join(",")] : [];
  const flags = ["-mod=readonly", "-trimpath", "-buildvcs=false", "-gcflags=all=-dwarf=false", "-ldflags", ldflags, ...left];
  return go(folder, ["build", ...flags, "-o", output, main], signal);
};

/** Folder with a module's own files, as a go.mod requires it and its go.sum knows it. */
export async function moduleFolder(folder: string, module: string, signal?: AbortSignal): Promise<string> {
  const { Dir } = JSON.parse(await go(folder, ["mod", "download", "-json", module], signal)) as { Dir: string };
  return Dir;
}

/** Version, without its "v", in which a folder's go.mod requires the module that a package belongs to. */
export function required(folder: string, main: string): string {
  const lines = readFileSync(join(folder, "go.mod"), "utf8").matchAll(/^\s*(?:require )?(\S+) v(\S+)/gm);
  const [version = "0.0.0"] = [...lines]
    .filter(([, module = ""]) => main === module || main.startsWith(`${module}/`))
    .sort(([, a = ""], [, b = ""]) => b.length - a.length)
    .map(([, , version = ""]) => version);
  return version;
}
