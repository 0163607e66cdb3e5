import { parse } from "yaml";
import { capacityOf, type Capacity } from "../../capacity";
import { planOf, plansIn } from "../../capacity/plans";
import type { CapacitySection } from "../../config/capacity";
import type { Values } from "../../planned/resource";
import { planned } from "../../cli/planned";

/** Marks around what `npm run sizes` writes into docs/capacity.md. */
const BEGIN = "<!-- begin: npm run sizes -->";
const END = "<!-- end -->";

const STACKS = ["vultr-platform", "vultr"];
const LAYERS = ["dotdo", "fluxiondb", "plinko", "starter"];
const GiB = 2 ** 30;

const isMap = (value: unknown): value is Values => typeof value === "object" && value !== null && !Array.isArray(value);
const over = (base: unknown, change: unknown): unknown =>
  isMap(base) && isMap(change)
    ? { ...base, ...Object.fromEntries(Object.entries(change).map(([key, value]) => [key, over(base[key], value)])) }
    : change;

/** What a size of docs/vultr.md has written over the stack's file, by the names after `stackyard:`; nothing for the one that the file is for. */
function changesIn(vultr: string, size: string): Values {
  const [, yaml = "{}"] = new RegExp(`<!-- size: ${size}, [^>]*-->\\n\\n\`\`\`yaml\\n([^]*?)\`\`\``).exec(vultr) ?? [];
  return Object.fromEntries(Object.entries(parse(yaml) as Values).map(([key, value]) => [key.replace("stackyard:", ""), value]));
}

/** A stack's values with a size's over them; layers that the size leaves out are without their sections. */
function sized(values: Values, changes: Values): Values {
  const whole = over(values, changes) as Values;
  const layers = whole["layers"] as readonly string[];
  return Object.fromEntries(Object.entries(whole).filter(([key]) => !LAYERS.includes(key) || layers.includes(key)));
}

interface Size {
  readonly name: string;
  readonly section: CapacitySection;
  readonly capacity: Capacity;
}

async function sizeOf(name: string, vultr: string): Promise<Size> {
  let section: CapacitySection | undefined;
  const objects = await planned(STACKS, "sandbox", (stack, values) => {
    if (stack !== "vultr") return values;
    const whole = sized(values, changesIn(vultr, name));
    section = whole["capacity"] as CapacitySection;
    return whole;
  });
  if (section === undefined) throw new Error("stack vultr has no section stackyard:capacity");
  const plan = planOf(plansIn("capacity/plans.yaml"), section.node);
  const { expected, zones = 1 } = section;
  const all = objects.flatMap((stack) => stack.objects);
  return { name, section, capacity: capacityOf(all, plan, zones, expected && { ...expected, loadBalancers: expected.loadBalancers ?? 0 }) };
}

/** A page with the three sizes of seed 002 as they are now, each number beside the seed's. */
export async function withSizes(page: string, vultr: string): Promise<string> {
  const sizes: Size[] = [];
  for (const name of ["development", "production", "high availability"]) sizes.push(await sizeOf(name, vultr));
  const row = (cells: readonly (string | number | undefined)[]) => `| ${cells.map((cell) => cell ?? "").join(" | ")} |`;
  const lines = [
    BEGIN,
    "<!-- prettier-ignore -->",
    row(["size", "nodes: seed", "taken", "in any order", "GiB: seed", "claimed", "monthly: seed", "taken", "not in the sum"]),
    row(Array.from({ length: 9 }, () => "---")),
    ...sizes.map(({ name, section: { expected }, capacity: { minimum, storage } }) =>
      row([
        name,
        expected?.nodes,
        minimum.nodes,
        minimum.anyOrder,
        expected?.storage?.replace("Gi", ""),
        storage.reduce((sum, { bytes }) => sum + bytes / GiB, 0),
        expected?.monthly,
        minimum.bill.monthly,
        minimum.bill.unpriced.join(", "),
      ]),
    ),
    "",
    ...sizes.flatMap(({ name, capacity: { off } }) => off.map((what) => `- ${name}: ${what}`)),
    "",
    END,
  ];
  const [before = "", rest = ""] = page.split(BEGIN);
  return [before, lines.join("\n"), ...rest.split(END).slice(1)].join("");
}
