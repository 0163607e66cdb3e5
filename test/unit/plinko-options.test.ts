import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PlinkoInput } from "../../components/plinko/options";
import { millicores } from "../../sizing/cpu";
import { landsIn, optionsOf } from "./plinko-effects";
import { MAIN, POD, PROGRAM, seen, variable } from "./plinko-seen";
import { at } from "./components/engine";

describe("options of Plinko", () => {
  describe("give each workload the resources of the seed's table", () => {
    for (const [where, requests, limits] of [
      [`eth ${MAIN}`, ["1000m", "2Gi"], ["2000m", "4Gi"]],
      [`db ${PROGRAM}`, ["500m", "1Gi"], ["1000m", "2Gi"]],
      [`hint ${PROGRAM}`, ["1000m", "2Gi"], ["2000m", "4Gi"]],
      [`update ${MAIN}`, ["250m", "512Mi"], ["500m", "1Gi"]],
      [`pir ${MAIN}`, ["500m", "1Gi"], ["1000m", "2Gi"]],
      [`cdn ${MAIN}`, ["100m", "128Mi"], ["250m", "256Mi"]],
      [`wallet ${MAIN}`, ["100m", "128Mi"], ["250m", "256Mi"]],
    ] as const) {
      it(where.split(" ")[0] ?? "", () => {
        const amounts = (kind: string) => {
          const { cpu, memory } = seen(`${where}.resources.${kind}`) as { cpu: string; memory: string };
          return [`${millicores(cpu)}m`, memory];
        };
        assert.deepEqual([amounts("requests"), amounts("limits")], [requests, limits]);
      });
    }
  });

  it("scale within the seed's bounds", () => {
    for (const [name, bounds] of Object.entries({ pir: [2, 20], cdn: [2, 10], wallet: [2, 5] })) {
      const { minReplicas, maxReplicas } = seen(`${name}Autoscaler spec`) as { minReplicas: number; maxReplicas: number };
      assert.deepEqual([minReplicas, maxReplicas], bounds, name);
    }
    const metrics = (name: string) =>
      (seen(`${name}Autoscaler spec.metrics`) as object[]).map((metric) => [
        at(metric, "containerResource.name"),
        at(metric, "containerResource.target.averageUtilization"),
      ]);
    assert.deepEqual(metrics("pir"), [
      ["cpu", 70],
      ["memory", 80],
    ]);
    assert.deepEqual([metrics("cdn"), metrics("wallet")], [[["cpu", 70]], [["cpu", 70]]]);
  });

  it("are probed as contract 3.2 has it", () => {
    const timing = (where: string) => {
      const probe = seen(where) as Record<string, number>;
      return [
        at(probe, "httpGet.path"),
        probe["initialDelaySeconds"],
        probe["periodSeconds"],
        probe["timeoutSeconds"],
        probe["failureThreshold"],
      ];
    };
    for (const name of ["update", "pir"]) {
      assert.deepEqual(timing(`${name} ${MAIN}.livenessProbe`), ["/health", 30, 10, 5, 3]);
      assert.deepEqual(timing(`${name} ${MAIN}.readinessProbe`), ["/health", 20, 5, 5, 3]);
    }
    for (const [name, path] of Object.entries({ cdn: "/health", wallet: "/" })) {
      assert.deepEqual(timing(`${name} ${MAIN}.livenessProbe`), [path, 10, 10, 5, 3]);
      assert.deepEqual(timing(`${name} ${MAIN}.readinessProbe`), [path, 5, 5, 5, 3]);
    }
    assert.deepEqual(seen(`eth ${MAIN}.readinessProbe.tcpSocket`), { port: "rpc" });
  });

  describe("reach the objects", () => {
    const effects: [what: string, options: PlinkoInput, where: string, value: unknown][] = [
      ["fullnameOverride", { fullnameOverride: "pp" }, "pirService metadata.name", "pp-pir-server"],
      ["namespace.name", { namespace: { name: "private" } }, "pir metadata.namespace", "private"],
      ["namespace.labels", { namespace: { labels: { team: "x" } } }, "namespace metadata.labels.team", "x"],
      ["labels", { labels: { team: "x" } }, "pir metadata.labels.team", "x"],
      ["labels, of a Job itself", { labels: { team: "x" } }, "db metadata.labels.team", "x"],
      ["labels, not of a Job's pods", { labels: { team: "x" } }, "db spec.template.metadata.labels.team", undefined],
      ["podAnnotations", { podAnnotations: { note: "x" } }, "cdn spec.template.metadata.annotations.note", "x"],
      ["imagePullSecrets", { imagePullSecrets: ["pull"] }, `db ${POD}.imagePullSecrets`, [{ name: "pull" }]],
      ["nodeSelector", { nodeSelector: { disk: "ssd" } }, `update ${POD}.nodeSelector`, { disk: "ssd" }],
      ["tolerations", { tolerations: [{ key: "pir" }] }, `wallet ${POD}.tolerations`, [{ key: "pir" }]],
      ["global.storageClass", { global: { storageClass: "fast" } }, "claim spec.storageClassName", "fast"],
      ["persistence.size", { persistence: { size: "50Gi" } }, "claim spec.resources.requests.storage", "50Gi"],
      ["persistence.existingClaim", { persistence: { existingClaim: "mine" } }, "claim", null],
      ["ethMock.accounts", { ethMock: { accounts: 10 } }, `eth ${MAIN}.command.2`, "10"],
      ["ethMock.balance", { ethMock: { balance: 18 } }, `eth ${MAIN}.command.4`, "18"],
      ["ethMock.blockTime", { ethMock: { blockTime: 3 } }, `eth ${MAIN}.command.6`, "3"],
      ["ethMock.startupSeconds", { ethMock: { startupSeconds: 600 } }, `eth ${MAIN}.startupProbe.failureThreshold`, 60],
      ["ethMock.image", { ethMock: { image: { tag: "v9" } } }, `eth ${MAIN}.image`, "ghcr.io/foundry-rs/foundry:v9"],
      ["ethMock.service.port", { ethMock: { service: { port: 1234 } } }, "ethService spec.ports.0.port", 1234],
      ["dbGenerator.backoffLimit", { dbGenerator: { backoffLimit: 7 } }, "db spec.backoffLimit", 7],
      ["dbGenerator.activeDeadlineSeconds", { dbGenerator: { activeDeadlineSeconds: 60 } }, "db spec.activeDeadlineSeconds", 60],
      ["dbGenerator.command", { dbGenerator: { command: ["/x", "y"] } }, `db ${PROGRAM}.command.4`, "/x"],
      ["hintGenerator.backoffLimit", { hintGenerator: { backoffLimit: 7 } }, "hint spec.backoffLimit", 7],
      ["hintGenerator.activeDeadlineSeconds", { hintGenerator: { activeDeadlineSeconds: 60 } }, "hint spec.activeDeadlineSeconds", 60],
      ["hintGenerator.command", { hintGenerator: { command: ["/x", "y"] } }, `hint ${PROGRAM}.command.5`, "y"],
      [
        "plinkoUpdateService.startupProbe",
        { plinkoUpdateService: { startupProbe: { failureThreshold: 9 } } },
        `update ${MAIN}.startupProbe.failureThreshold`,
        9,
      ],
      [
        "plinkoUpdateService.service.annotations",
        { plinkoUpdateService: { service: { annotations: { a: "b" } } } },
        "updateService metadata.annotations.a",
        "b",
      ],
      ["plinkoPirServer.replicaCount", { plinkoPirServer: { replicaCount: 4, autoscaling: { enabled: false } } }, "pir spec.replicas", 4],
      ["plinkoPirServer.autoscaling, on", {}, "pir spec.replicas", undefined],
      [
        "plinkoPirServer.autoscaling.maxReplicas",
        { plinkoPirServer: { autoscaling: { maxReplicas: 30 } } },
        "pirAutoscaler spec.maxReplicas",
        30,
      ],
      [
        "plinkoPirServer.livenessProbe.enabled",
        { plinkoPirServer: { livenessProbe: { enabled: false } } },
        `pir ${MAIN}.livenessProbe`,
        undefined,
      ],
      [
        "rabbyWallet.podDisruptionBudget.minAvailable",
        { rabbyWallet: { replicaCount: 3, autoscaling: { minReplicas: 3 }, podDisruptionBudget: { minAvailable: 2 } } },
        "walletBudget spec.minAvailable",
        2,
      ],
      ["rabbyWallet.podDisruptionBudget.enabled", { rabbyWallet: { podDisruptionBudget: { enabled: false } } }, "walletBudget", null],
      [
        "rabbyWallet.service.port",
        { rabbyWallet: { service: { port: 8000 } } },
        "walletService spec.ports.0",
        { name: "http", port: 8000, targetPort: "http" },
      ],
      ["cdnMock.service.port", { cdnMock: { service: { port: 81 } } }, "cdnService spec.ports.0.port", 81],
      ["tools.image", { tools: { image: { tag: "1.36" } } }, `pir ${POD}.initContainers.0.image`, "docker.io/library/busybox:1.36"],
      ["security", { security: { runAsUser: 7 } }, `update ${POD}.securityContext.runAsUser`, 7],
      [
        "networkPolicy.ingress",
        { networkPolicy: { ingress: [{ peers: "anywhere", ports: [9] }] } },
        "pirPolicy spec.ingress.2.ports.0.port",
        9,
      ],
      ["ingress.className", { ingress: { className: "edge", controller: "nginx" } }, "ingress spec.ingressClassName", "edge"],
      ["ingress.annotations", { ingress: { annotations: { a: "b" } } }, "ingress metadata.annotations.a", "b"],
    ];
    for (const [what, options, where, value] of effects) it(what, () => assert.deepEqual(seen(where, options), value));

    it("namespace.podSecurity", () => {
      const labels = seen("namespace metadata.labels", { namespace: { podSecurity: "baseline" } }) as Record<string, string>;
      assert.equal(labels["pod-security.kubernetes.io/enforce"], "baseline");
    });

    it("cdnMock.cacheMaxAge and gzip, in nginx's configuration", () => {
      const data = seen("cdnConfig data", { cdnMock: { cacheMaxAge: 60, gzip: { level: 2 } } }) as Record<string, string>;
      const config = data["nginx.conf"];
      assert.match(String(config), /expires 60s;/);
      assert.match(String(config), /gzip_comp_level 2;/);
    });

    it("variables, under the names that the programs read", () => {
      assert.equal(variable(`db ${PROGRAM}`, "DB_SIZE"), "8388608");
      assert.equal(variable(`db ${PROGRAM}`, "CONCURRENT_WORKERS", { dbGenerator: { concurrency: 1000000 } }), "1000000");
      assert.equal(variable(`db ${PROGRAM}`, "RPC_URL", { ethMock: { service: { port: 1234 } } }), "http://plinko-eth-mock:1234");
      assert.equal(variable(`update ${MAIN}`, "RPC_URL"), "http://plinko-eth-mock:8545");
      assert.equal(
        variable(`wallet ${MAIN}`, "VITE_FALLBACK_RPC", { rabbyWallet: { fallbackRpc: "https://rpc.example.com" } }),
        "https://rpc.example.com",
      );
    });

    it("variables that today's images do not read, only where they are given", () => {
      const config = { chunkSize: 2896, cacheEnabled: true, cacheSizeMb: 64, blockPollInterval: 12 };
      const names = (options?: PlinkoInput) => (seen(`update ${MAIN}.env`, options) as { name: string }[]).map(({ name }) => name);
      assert.deepEqual(names(), ["RPC_URL", "DB_SIZE"]);
      assert.deepEqual(names({ config }).slice(2), ["CHUNK_SIZE", "CACHE_ENABLED", "CACHE_SIZE_MB", "BLOCK_POLL_INTERVAL"]);
      assert.equal(variable(`hint ${PROGRAM}`, "CHUNK_SIZE", { config }), "2896");
      const wallet = { rabbyWallet: { pirServerUrl: "/api", cdnUrl: "https://cdn.example.com" } };
      assert.equal(variable(`wallet ${MAIN}`, "VITE_PIR_SERVER_URL", wallet), "/api");
      assert.equal(variable(`wallet ${MAIN}`, "VITE_CDN_URL", wallet), "https://cdn.example.com");
    });
  });

  describe("each change an object, and are in docs/systems/plinko.md with their default and that object", () => {
    const unpadded = (text: string) => text.replace(/ +\|/g, " |").replace(/\| +/g, "| ");
    const page = unpadded(readFileSync(join(__dirname, "../../docs/systems/plinko.md"), "utf8"));
    for (const option of optionsOf()) {
      it(option.path, async () => {
        const value = option.default === undefined ? "" : `\`${JSON.stringify(option.default)}\``;
        const row = unpadded(`| \`${option.path}\` | ${value} | ${option.description} | ${await landsIn(option)} |`);
        assert.ok(page.includes(row), `the page lacks this row:\n${row}`);
      });
    }
  });
});
