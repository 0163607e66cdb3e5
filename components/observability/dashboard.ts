import { createHash } from "node:crypto";

/** One query of a panel, and how its series are called: `{{pod}}` stands for a label. */
interface Query {
  readonly expr: string;
  readonly legend: string;
}

/** One panel of a dashboard: lines over time, or the number that is now. Units are Grafana's own. */
export interface Panel {
  readonly title: string;
  readonly description: string;
  readonly kind: "timeseries" | "stat";
  readonly unit: "short" | "bytes" | "percentunit" | "cores" | "reqps" | "Bps";
  readonly queries: readonly Query[];
}

/** Matcher of the namespaces that are chosen at the head of the dashboard. */
export const CHOSEN = 'namespace=~"$namespace"';
/** Window of a rate, which Grafana fits to the scrape interval and the span that is shown. */
export const WINDOW = "$__rate_interval";

const COLUMNS = 24;
const SIZES = { stat: { w: 6, h: 4 }, timeseries: { w: 12, h: 8 } } as const;
/** Schema of Grafana 11, which later ones migrate by themselves. */
const SCHEMA = 39;
const DATASOURCE = { type: "prometheus", uid: "${datasource}" } as const;
const LABEL = "grafana_dashboard";

/** What Grafana's sidecar of kube-prometheus-stack finds a dashboard's ConfigMap by, in any namespace. */
export const DASHBOARD_LABELS: Record<string, string> = { [LABEL]: "1" };

/** Panels in rows from the left, in the order in which they are given. */
function placed(panels: readonly Panel[]) {
  let [x, y, height] = [0, 0, 0];
  return panels.map((panel) => {
    const { w, h } = SIZES[panel.kind];
    if (x + w > COLUMNS || (x > 0 && h !== height)) [x, y] = [0, y + height];
    const gridPos = { x, y, w, h };
    [x, height] = [x + w, h];
    return { panel, gridPos };
  });
}

const target = ({ expr, legend }: Query, index: number) => ({
  refId: String.fromCharCode(65 + index),
  datasource: DATASOURCE,
  expr,
  legendFormat: legend,
});

const panelOf = ({ panel, gridPos }: ReturnType<typeof placed>[number], index: number) => ({
  id: index + 1,
  type: panel.kind,
  title: panel.title,
  description: panel.description,
  gridPos,
  datasource: DATASOURCE,
  targets: panel.queries.map(target),
  fieldConfig: { defaults: { unit: panel.unit, min: 0 }, overrides: [] },
  options: panel.kind === "stat" ? { reduceOptions: { calcs: ["lastNotNull"] } } : { tooltip: { mode: "multi" } },
});

/**
 * A dashboard as Grafana reads it.
 *
 * @param foundBy series whose namespaces can be chosen
 */
export function dashboardOf(name: string, title: string, foundBy: string, panels: readonly Panel[]) {
  const query = `label_values(${foundBy}, namespace)`;
  return {
    // the same for ever: what links to it goes on
    uid: createHash("sha256").update(`stackyard/${name}`).digest("hex").slice(0, 16),
    title: `Stackyard / ${title}`,
    tags: ["stackyard", name],
    schemaVersion: SCHEMA,
    editable: false,
    refresh: "30s",
    time: { from: "now-6h", to: "now" },
    templating: {
      list: [
        { name: "datasource", type: "datasource", query: "prometheus", label: "Prometheus" },
        {
          name: "namespace",
          type: "query",
          label: "Namespace",
          datasource: DATASOURCE,
          query: { query, refId: "namespace" },
          refresh: 2,
          multi: true,
          includeAll: true,
          current: { text: "All", value: "$__all" },
        },
      ],
    },
    panels: placed(panels).map(panelOf),
  };
}
