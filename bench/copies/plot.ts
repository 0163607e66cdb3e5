import type { Spec } from "vega";
import { spreadOf, wall, type CopiesResults } from "./results";
import { RUNS, type Run } from "./subjects";
import { TITLES } from "./tables";

/** Colours that also those tell apart who see few (Okabe and Ito, 2008). */
const COLOURS = ["#d55e00", "#e69f00", "#f0e442", "#cc79a7", "#0072b2", "#009e73", "#56b4e9"];
const GREY = "#57606a";
const PANEL = { width: 220, height: 170 };

/** One point of a line: a run of a subject at a number of copies. */
interface Point {
  readonly run: Run;
  readonly title: string;
  readonly copies: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

const pointsOf = ({ sizes }: CopiesResults): Point[] =>
  sizes.flatMap(({ copies, subjects }) =>
    subjects.flatMap(({ title, runs }) =>
      RUNS.flatMap((run) => {
        const measured = runs[run];
        return measured ? [{ run, title: title.replaceAll("`", ""), copies, ...spreadOf(measured, wall) }] : [];
      }),
    ),
  );

/** A picture of how the seconds of each run grow with the number of copies, as SVG: a panel a run, a line a subject, both scales logarithmic. */
export async function plotOf(results: CopiesResults): Promise<string> {
  const { parse, View } = await import("vega"); // an ES module alone
  const points = pointsOf(results);
  const titles = [...new Set(points.map(({ title }) => title))];
  const copies = results.sizes.map((size) => size.copies);
  const scales = [
    { name: "x", type: "log", range: [0, PANEL.width], domain: [Math.min(...copies), Math.max(...copies, Math.min(...copies) + 1)] },
    { name: "y", type: "log", range: [PANEL.height, 0], domain: { data: "panel", fields: ["min", "max"] }, nice: true },
  ];
  const at = { x: { scale: "x", field: "copies" }, stroke: { scale: "colour", field: "title" } };
  const axis = { labelColor: GREY, titleColor: GREY, domainColor: GREY, tickColor: GREY, titleFontWeight: "normal" };
  const spec = {
    $schema: "https://vega.github.io/schema/vega/v6.json",
    background: "white",
    padding: 12,
    config: { text: { font: "sans-serif" }, axis: { labelFont: "sans-serif", titleFont: "sans-serif" } },
    data: [{ name: "points", values: points }],
    scales: [{ name: "colour", type: "ordinal", domain: titles, range: COLOURS }],
    legends: [{ stroke: "colour", orient: "bottom", columns: 2, symbolType: "stroke", symbolStrokeWidth: 2, labelLimit: 400 }],
    layout: { columns: 2, padding: { row: 24, column: 24 }, bounds: "full", align: "each" },
    marks: RUNS.map((run) => ({
      type: "group",
      title: { text: TITLES[run], anchor: "start", font: "sans-serif" },
      encode: { enter: { width: { value: PANEL.width }, height: { value: PANEL.height } } },
      data: [{ name: "panel", source: "points", transform: [{ type: "filter", expr: `datum.run === ${JSON.stringify(run)}` }] }],
      scales,
      axes: [
        { ...axis, scale: "x", orient: "bottom", values: copies, title: "copies" },
        { ...axis, scale: "y", orient: "left", grid: true, gridColor: "#eaeef2", format: "~g", tickCount: 4, title: "seconds" },
      ],
      marks: [
        {
          type: "group",
          from: { facet: { name: "line", data: "panel", groupby: "title" } },
          marks: [
            {
              type: "rule",
              from: { data: "line" },
              encode: { enter: { ...at, y: { scale: "y", field: "min" }, y2: { scale: "y", field: "max" } } },
            },
            {
              type: "line",
              from: { data: "line" },
              encode: { enter: { ...at, y: { scale: "y", field: "median" }, strokeWidth: { value: 2 } } },
            },
            {
              type: "symbol",
              from: { data: "line" },
              encode: {
                enter: {
                  ...at,
                  y: { scale: "y", field: "median" },
                  fill: { value: "white" },
                  size: { value: 28 },
                  strokeWidth: { value: 2 },
                },
              },
            },
          ],
        },
      ],
    })),
  } as unknown as Spec;
  return `${await new View(parse(spec), { renderer: "none" }).toSVG()}\n`;
}
