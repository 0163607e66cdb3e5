import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DEPLOYER_RULES, PREVIEWER_RULES } from "../../components/platform/deployer-rules";
import { accessObjects } from "../../stacks/access";
import { remediesFor } from "../../stacks/forbidden";
import { Forbidden } from "../../stacks/identity";
import { at, refusals } from "./components/engine";
import { kinds, planned } from "./platform-given";
import { Platform } from "../../components/platform";

const READ = ["get", "list", "watch"];
const WRITE = ["create", "patch", "delete"];

/** Sources of what stacks of the systems are made of. */
const sources = [
  "components/backing",
  "components/dotdo",
  "components/fluxiondb",
  "components/kubernetes",
  "components/plinko",
  "components/starter",
  "stacks",
]
  .flatMap((folder) => readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8")))
  .join("\n");

const GROUPS: Readonly<Record<string, string>> = { core: "", networking: "networking.k8s.io" };
const pluralOf = (kind: string) => kind.toLowerCase().replace(/s$/, "se").replace(/y$/, "ie").concat("s");

describe("the role of a deployer", () => {
  const mayManage = (group: string, resource: string) =>
    DEPLOYER_RULES.some(
      (rule) => rule.group === group && rule.resources.includes(resource) && WRITE.every((verb) => rule.verbs.some((own) => own === verb)),
    );

  it("has every kind that the systems make", () => {
    const own = [...sources.matchAll(/k8s\.(\w+)\.v\d\w*\.([A-Z]\w+)\b/g)]
      .filter(([, , kind = ""]) => !kind.endsWith("Args"))
      .map(([, group = "", kind = ""]) => [GROUPS[group] ?? group, pluralOf(kind)] as const)
      .filter(([group]) => group !== "helm");
    const custom = [...sources.matchAll(/apiVersion: ["`]([^/"`]+)\/v\w+["`],\s+kind: "(\w+)"/g)].map(([, group = "", kind = ""]) => {
      const named = group === "${GATEWAY_API}" ? "gateway.networking.k8s.io" : group;
      return [named, pluralOf(kind)] as const;
    });
    const workloads = [...own, ...custom].filter(([, resource]) => !["pods", "daemonsets", "replicasets", "cronjobs"].includes(resource));
    const names = [...new Set(workloads.map((each) => each.join("/")))];
    assert.ok(names.length > 18, names.join());
    assert.deepEqual(
      names.filter((name) => !mayManage(name.split("/")[0] ?? "", name.split("/")[1] ?? "")),
      [],
    );
  });

  it("has nothing for all kinds or verbs, and nothing by which more could be had", () => {
    const rules = at(accessObjects("deployer", {}), "0.rules") as { apiGroups: string[]; resources: string[]; verbs: string[] }[];
    assert.equal(rules.length, DEPLOYER_RULES.length);
    const words = rules.flatMap(({ apiGroups, resources, verbs }) => [...apiGroups, ...resources, ...verbs]);
    for (const word of ["*", "bind", "escalate", "impersonate", "roles", "clusterroles", "rbac.authorization.k8s.io", "pods/exec"])
      assert.ok(!words.includes(word), word);
  });

  it("reads only, for a previewer, and no Secret", () => {
    assert.ok(PREVIEWER_RULES.length > 10);
    for (const { resources, verbs } of PREVIEWER_RULES) {
      assert.deepEqual(verbs, READ);
      for (const withheld of ["secrets", "pods/log", "pods/portforward"]) assert.ok(!resources.includes(withheld), resources.join());
    }
  });

  it("stands in docs/deployers.md, rule by rule", () => {
    const rows = readFileSync("docs/deployers.md", "utf8").split("\n");
    const expected = DEPLOYER_RULES.map(({ group, resources, verbs, why }) => {
      const cells = [group === "" ? "core" : `\`${group}\``, resources.map((name) => `\`${name}\``).join(", "), verbs.join(", "), why];
      return `| ${cells.join(" | ")} |`;
    });
    assert.deepEqual(
      rows.filter((row) => /^\| (core|`[\w.-]+`) /.test(row)),
      expected,
    );
  });
});

describe("who has it", () => {
  const subjects = {
    users: ["jane@example.com"],
    groups: ["platform-engineers"],
    serviceAccounts: [{ namespace: "ci", name: "deployer" }],
  };
  const bound = [
    { kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "jane@example.com" },
    { kind: "Group", apiGroup: "rbac.authorization.k8s.io", name: "platform-engineers" },
    { kind: "ServiceAccount", namespace: "ci", name: "deployer" },
  ];

  it("is bound to it, and nobody where nobody is named", () => {
    const [role, binding] = accessObjects("previewer", subjects);
    assert.deepEqual(at(binding, "subjects"), bound);
    assert.deepEqual(at(binding, "roleRef.name"), at(role, "metadata.name"));
    assert.equal(accessObjects("deployer", {}).length, 1);
  });

  it("is no name that stands for everybody", () => {
    for (const group of ["system:authenticated", "system:unauthenticated", "system:serviceaccounts", "", " a"])
      assert.throws(() => accessObjects("deployer", { groups: [group] }), /groups\.0: ".*" is no group: write its name/);
    assert.equal(accessObjects("deployer", { groups: ["system:serviceaccounts:ci"] }).length, 2);
    const everybody = () => new Platform("platform", { deployers: { users: ["system:anonymous"] } });
    assert.match(refusals(everybody).join(), /deployers\.users\.0: "system:anonymous" is no user/);
  });

  it("is said in the platform's options, which make the role and bind them", async function () {
    this.timeout("20s"); // the first one loads the Kubernetes SDK
    const { resources } = await planned({ deployers: subjects, previewers: {} });
    const roles = kinds(resources, "ClusterRole").sort((one, other) => one.name.localeCompare(other.name));
    assert.deepEqual(
      roles.map(({ name, inputs }) => [name, at(inputs, "metadata.name")]),
      [
        ["platform-deployer-role", "stackyard-deployer"],
        ["platform-previewer-role", "stackyard-previewer"],
      ],
    );
    assert.deepEqual(at(roles[0]?.inputs, "rules"), at(accessObjects("deployer", {}), "0.rules"));
    const [binding, ...others] = kinds(resources, "ClusterRoleBinding");
    assert.deepEqual([binding?.name, at(binding?.inputs, "subjects"), others], ["platform-deployer-binding", bound, []]);
    assert.deepEqual(kinds((await planned({})).resources, "ClusterRole"), []);
  });

  it("is told how to get it, whoever lacks it", () => {
    const forbidden = (user: string) =>
      remediesFor(new Forbidden(`namespaces "kube-system" is forbidden: User "${user}" cannot get resource`));
    assert.match(forbidden("jane").join(), /^npx stackyard rbac --user jane \| kubectl apply -f - /);
    assert.match(forbidden("it's jane").join(), /rbac --user 'it'\\''s jane' \|/);
    assert.match(forbidden("system:serviceaccount:ci:deployer").join(), /rbac --service-account ci\/deployer \|/);
    assert.deepEqual(remediesFor(new Error("GET /version was answered with 500")), []);
  });
});
