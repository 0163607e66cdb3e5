import type { Graph as VizGraph } from "@viz-js/viz";
import type { Graph } from ".";
import type { Link } from "./links";
import type { Part } from "./parts";

/** A colour for each namespace in turn: border, and what is behind. */
const COLOURS = [
  ["#2b6cb0", "#ebf4ff"],
  ["#2f855a", "#edfaf1"],
  ["#b7791f", "#fff9e8"],
  ["#6b46c1", "#f5f0ff"],
  ["#c05621", "#fff1e8"],
  ["#2c7a7b", "#e8fafa"],
] as const;
const GREY = "#718096";

const SHAPES: Readonly<Record<Part["kind"], object>> = {
  service: { shape: "box", style: "rounded,filled" },
  database: { shape: "box", style: "rounded,filled", peripheries: 2 },
  job: { shape: "box", style: "rounded,filled,dashed" },
  volume: { shape: "cylinder", style: "filled" },
  outside: { shape: "box", style: "filled", fillcolor: "#1a202c", color: "#1a202c", fontcolor: "#ffffff" },
};

const LINES: Readonly<Record<Link["kind"], object>> = {
  serves: { color: "#1a202c", penwidth: 1.6 },
  calls: { color: "#2d3748" },
  mounts: { color: GREY, arrowhead: "none", style: "dotted" },
  allowed: { color: "#a0aec0", style: "dashed", arrowsize: 0.6 },
};

const LEGEND =
  "double border: keeps data · dashed border: runs to its end · arrow: is told the address · dashed arrow: may connect · dotted: mounts";

/** What Graphviz is to lay out. */
export function drawn({ parts, links, reads }: Graph, title: string): VizGraph {
  const namespaces = [...new Set(parts.flatMap(({ namespace }) => namespace ?? []))].sort();
  const node = (part: Part, colour: string) => ({
    name: part.id,
    attributes: {
      label: part.detail === "" ? part.name : `${part.name}\n${part.detail}`,
      color: colour,
      fillcolor: "#ffffff",
      ...SHAPES[part.kind],
    },
  });
  const stacks = [...new Set(reads.flatMap(({ stack, other }) => [stack, other]))];
  return {
    directed: true,
    graphAttributes: {
      rankdir: "LR",
      label: `${title}\n${LEGEND}`,
      labelloc: "t",
      fontname: "Helvetica",
      fontsize: 11,
      fontcolor: "#4a5568",
      bgcolor: "#ffffff",
      nodesep: 0.18,
      ranksep: 0.9,
      pad: 0.3,
    },
    nodeAttributes: { fontname: "Helvetica", fontsize: 11, fontcolor: "#1a202c", margin: "0.14,0.07", penwidth: 1.2 },
    edgeAttributes: { arrowsize: 0.7 },
    nodes: [
      ...parts.filter(({ namespace }) => namespace === undefined).map((part) => node(part, GREY)),
      ...stacks.map((stack) => ({
        name: `stack ${stack}`,
        attributes: { label: `stack ${stack}`, shape: "folder", style: "filled", fillcolor: "#f7fafc", color: GREY },
      })),
    ],
    edges: [
      ...links.map(({ from, to, kind }) => ({ tail: from, head: to, attributes: { ...LINES[kind] } })),
      ...reads.map(({ stack, other }) => ({
        tail: `stack ${stack}`,
        head: `stack ${other}`,
        attributes: { label: "reads the outputs of", fontname: "Helvetica", fontsize: 9, fontcolor: GREY, color: GREY },
      })),
    ],
    subgraphs: namespaces.map((namespace, index) => {
      const [border, behind] = COLOURS[index % COLOURS.length]!;
      return {
        name: `cluster ${namespace}`,
        graphAttributes: {
          label: namespace,
          labeljust: "l",
          fontname: "Helvetica-Bold",
          fontsize: 13,
          fontcolor: border,
          color: border,
          bgcolor: behind,
          style: "rounded",
          margin: 14,
        },
        nodes: parts.filter((part) => part.namespace === namespace).map((part) => node(part, border)),
      };
    }),
  };
}

/** The picture as SVG. Graphviz runs in this process, compiled to WebAssembly. */
export async function svgOf(graph: Graph, title: string): Promise<string> {
  const { instance } = await import("@viz-js/viz");
  return (await instance()).renderString(drawn(graph, title), { format: "svg" });
}
