import { runtime } from "@pulumi/pulumi";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { strict as assert } from "node:assert";
import type { PolicySection } from "../../policy/options";
import { policiesOf } from "../../policy/pack";
import { eachContainer } from "../../policy/pods";
import { fillIn } from "../../policy/remediation";
import { objectRule, type Rule } from "../../policy/rule";
import { RULES } from "../../policy/rules";
import { PolicySettings } from "../../policy/settings";

type Props = Record<string, unknown>;
interface Remediation {
  readonly policyName: string;
  readonly properties: Props;
}
interface Response {
  getRemediationsList(): { getPolicyname(): string; getProperties(): { toJavaScript(): Props } }[];
}
type Call = (call: { request: unknown }, callback: (error: Error | null, response: Response) => void) => void;

/** What the engine calls; the pack's, which its types leave out. */
const { makeRemediateRpcFun } = require("@pulumi/policy/server") as {
  makeRemediateRpcFun: (name: string, version: string, level: string, policies: unknown) => Call;
};
const { AnalyzeRequest, AnalyzerResourceOptions } = require("@pulumi/pulumi/proto/analyzer_pb") as {
  AnalyzeRequest: new () => Readonly<Record<"setType" | "setUrn" | "setName", (text: string) => void>> & {
    setProperties(props: Struct): void;
    setOptions(options: object): void;
  };
  AnalyzerResourceOptions: new () => object;
};

const SECRET = "4dabf18193072939515e22adb298388d";
const secret = (value: unknown) => ({ [SECRET]: "1b47061264138c4ac30d75fd1eb44270", value });

const noEscalation = objectRule({
  id: "no-escalation",
  family: "containers",
  severity: "high",
  reason: "A reason that is long enough.",
  remedy: "A remedy that is long enough.",
  source: "test",
  check: (object, report) =>
    eachContainer(object, ({ container, path, name }) => {
      if (container.securityContext?.allowPrivilegeEscalation !== false) report({ container: name, field: path, problem: "is not false" });
    }),
  remediate: (object) =>
    eachContainer(object, ({ container }) => {
      fillIn(container, ["securityContext", "allowPrivilegeEscalation"], false);
      Object.assign(container, { image: "evil" }); // nothing that is said may change
    }),
});

const pod = (...containers: object[]): Props => ({ metadata: { name: "a", namespace: "b" }, spec: { containers } });

/** What the engine is answered about a pod. */
async function remedies(
  props: Props,
  rules: object = { "no-escalation": "remediate" },
  more: object = {},
  all: readonly Rule[] = [noEscalation],
): Promise<Remediation[]> {
  const request = new AnalyzeRequest();
  request.setType("kubernetes:core/v1:Pod");
  request.setUrn("urn:pulumi:test::stackyard::kubernetes:core/v1:Pod::pod");
  request.setName("pod");
  request.setOptions(new AnalyzerResourceOptions());
  request.setProperties(Struct.fromJavaScript(props as Record<string, JavaScriptValue>));
  const policies = policiesOf(all, new PolicySettings({ rules, ...more } as PolicySection));
  const call = makeRemediateRpcFun("stackyard", "1.0.0", "mandatory", policies);
  const response = await new Promise<Response>((resolve, reject) =>
    call({ request }, (error, answer) => (error ? reject(error) : resolve(answer))),
  );
  return response.getRemediationsList().map((one) => ({ policyName: one.getPolicyname(), properties: one.getProperties().toJavaScript() }));
}
const one = { name: "one", image: "good" };

describe("remediation", () => {
  it("puts the safe default where nothing is said, in each container, and changes nothing else", async () => {
    const [first, ...more] = await remedies(pod(one, { name: "two", securityContext: { runAsNonRoot: true } }));
    assert.deepEqual(more, []);
    assert.equal(first?.policyName, "objects-remedies");
    assert.deepEqual(
      first?.properties,
      pod(
        { ...one, securityContext: { allowPrivilegeEscalation: false } },
        // an image that was never said comes of the rule's own doing
        { name: "two", image: "evil", securityContext: { runAsNonRoot: true, allowPrivilegeEscalation: false } },
      ),
    );
  });

  it("leaves a value that is said, which is judged after it", async () => {
    const [answer] = await remedies(pod({ ...one, securityContext: { allowPrivilegeEscalation: true } }));
    assert.equal(answer, undefined);
  });

  it("keeps secrets secret, also where something is put beside them", async () => {
    const variable = { name: "KEY", value: secret("hunter2") };
    const spec = secret({ containers: [{ ...one, env: [variable] }] });
    const [answer] = await remedies({ metadata: { name: "a", namespace: "b" }, spec });
    const containers = [{ ...one, env: [variable], securityContext: { allowPrivilegeEscalation: false } }];
    assert.deepEqual(answer?.properties["spec"], secret({ containers }));
  });

  it("fills in what is known beside what is not yet", async () => {
    const [answer] = await remedies(pod({ ...one, securityContext: runtime.unknownValue }, one));
    assert.deepEqual(
      answer?.properties,
      pod({ ...one, securityContext: runtime.unknownValue }, { ...one, securityContext: { allowPrivilegeEscalation: false } }),
    );
  });

  it("says nothing where the rule holds, has another level, or is excepted", async () => {
    const held = pod({ ...one, securityContext: { allowPrivilegeEscalation: false } });
    assert.deepEqual(await remedies(held), []);
    for (const level of ["mandatory", "advisory"]) assert.deepEqual(await remedies(pod(one), { "no-escalation": level }), []);
    const exceptions = [{ rule: "no-escalation", resource: "pod", reason: "a reason to have", until: "2999-01-01" }];
    assert.deepEqual(await remedies(pod(one), undefined, { exceptions }), []);
  });

  const ofPack = RULES.filter((rule) => "remediate" in rule);
  const levels = Object.fromEntries(ofPack.map(({ id }) => [id, "remediate"]));

  it("of the pack's own rules: no escalation, the runtime's profile, and no token of the namespace's account", async () => {
    assert.deepEqual(Object.keys(levels).sort(), ["no-privilege-escalation", "no-service-account-token", "seccomp-profile"]);
    const answers = await remedies(pod({ name: "one" }), levels, {}, ofPack);
    assert.deepEqual(answers.at(-1)?.properties["spec"], {
      automountServiceAccountToken: false,
      securityContext: { seccompProfile: { type: "RuntimeDefault" } },
      containers: [{ name: "one", securityContext: { allowPrivilegeEscalation: false } }],
    });
  });

  it("leaves the token of an account that is named, and a profile that a container has", async () => {
    const own = { name: "one", securityContext: { allowPrivilegeEscalation: false, seccompProfile: { type: "Localhost" } } };
    const given = { metadata: { name: "a", namespace: "b" }, spec: { serviceAccountName: "own", containers: [own] } };
    assert.deepEqual(await remedies(given, levels, {}, ofPack), []);
  });
});
