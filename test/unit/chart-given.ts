import type { DotdoChartArgs } from "../../components/dotdo/chart";
import type { FluxionDbChartArgs } from "../../components/fluxiondb/chart";
import type { PlinkoChartArgs } from "../../components/plinko/chart";
import type { PlinkoInput } from "../../components/plinko/options";
import type { StarterChartArgs } from "../../components/starter/chart";

/** Arguments that the charts can express, with every part of the systems on. */

const image = { tag: "1.4.0" };
const chart = { path: "./chart" };

export const dotdo: DotdoChartArgs = {
  chart,
  image,
  secretValues: { tursoToken: "token-7f31" },
  ingress: { tls: [{ secretName: "do-tls", hosts: ["do.example.com"] }] },
};

export const fluxiondb: FluxionDbChartArgs = {
  chart,
  image,
  user: "alice",
  ram: "1Gi",
  apiKey: "key-91b2",
  startupProbe: { enabled: false },
  ingress: { enabled: true },
};

const noBudget = { podDisruptionBudget: { enabled: false } };
export const plinkoOptions: PlinkoInput = {
  namespace: { podSecurity: "baseline" },
  dbGenerator: { image },
  hintGenerator: { image },
  plinkoUpdateService: { image },
  plinkoPirServer: { image, ...noBudget },
  cdnMock: noBudget,
  rabbyWallet: { image, ...noBudget },
  networkPolicy: { enabled: false },
};
export const plinko: PlinkoChartArgs = { chart, ...plinkoOptions };

const DATABASE = "postgresql+asyncpg://app:pw-2f6c@db/app";
const env = {
  ENVIRONMENT: "dev",
  ALLOWED_HOSTS: "*",
  AUTH_KEY_STORAGE_BACKEND: "secret-manager",
};

export const starter: StarterChartArgs = {
  chart,
  api: { image: "registry.example.com/app-api:1.4.0", env, secrets: { DATABASE_URL: DATABASE } },
  web: { image: "registry.example.com/app-web:2.1.0" },
  worker: { enabled: true },
  externalSecrets: { enabled: false },
  migrations: { enabled: false },
  serviceAccount: { automount: true },
  securityContext: { readOnlyRootFilesystem: false },
  ingress: { hosts: [{ host: "app.example.com" }] },
};

export const starterExternal: StarterChartArgs = {
  ...starter,
  api: { image: "registry.example.com/app-api:1.4.0", env },
  externalSecrets: { secretStoreRef: { name: "platform-secrets" }, api: { data: { DATABASE_URL: "prod/database_url" } } },
};
