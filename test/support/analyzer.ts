import * as grpc from "@grpc/grpc-js";
import type { Policies } from "@pulumi/policy";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb.js";
import { execa } from "execa";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb.js";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { urnOf, type Fixture } from "../policy/case";

/** What the pack tells the engine of a resource, or of the stack. */
export interface Diagnostic {
  readonly policy: string;
  readonly level: "mandatory" | "advisory" | "other";
  readonly message: string;
  /** Pulumi's name of the resource; nothing of the stack as a whole. */
  readonly resource?: string;
}

/** The pack as the engine asks it. */
export interface Analyzer {
  /** Of one resource, before anything is touched. */
  analyze(fixture: Fixture): Promise<Diagnostic[]>;
  /** Of all of them, at the end. */
  analyzeStack(fixtures: readonly Fixture[]): Promise<Diagnostic[]>;
}

type Callback<T> = (error: grpc.ServiceError | null, response: T) => void;
type Handler<Request> = (call: { readonly request: Request }, callback: Callback<proto.AnalyzeResponse>) => void;

const asked = <Request>(ask: (request: Request, callback: Callback<proto.AnalyzeResponse>) => unknown, request: Request) =>
  new Promise<Diagnostic[]>((resolve, reject) => {
    ask(request, (error, response) => (error ? reject(error) : resolve(response.getDiagnosticsList().map(diagnosticOf))));
  });

const LEVELS = new Map<number, Diagnostic["level"]>([
  [proto.EnforcementLevel.MANDATORY, "mandatory"],
  [proto.EnforcementLevel.ADVISORY, "advisory"],
]);

function diagnosticOf(diagnostic: proto.AnalyzeDiagnostic): Diagnostic {
  const resource = diagnostic.getUrn().split("::").at(3);
  return {
    policy: diagnostic.getPolicyname(),
    level: LEVELS.get(diagnostic.getEnforcementlevel()) ?? "other",
    message: diagnostic.getMessage(),
    ...(resource === undefined ? {} : { resource }),
  };
}

const structOf = (props: Fixture["props"]) => Struct.fromJavaScript(props as Record<string, JavaScriptValue>);
const optionsOf = ({ protect = false }: Fixture) => new proto.AnalyzerResourceOptions().setProtect(protect);

const requestOf = (fixture: Fixture) =>
  new proto.AnalyzeRequest()
    .setType(fixture.type)
    .setName(fixture.name)
    .setUrn(urnOf(fixture))
    .setProperties(structOf(fixture.props))
    .setOptions(optionsOf(fixture));

const stackOf = (fixtures: readonly Fixture[]) =>
  new proto.AnalyzeStackRequest().setResourcesList(
    fixtures.map((fixture) =>
      new proto.AnalyzerResource()
        .setType(fixture.type)
        .setName(fixture.name)
        .setUrn(urnOf(fixture))
        .setProperties(structOf(fixture.props))
        .setOptions(optionsOf(fixture)),
    ),
  );

/** The same handlers as the pack's process has, without one. */
export function analyzerOf(policies: Policies): Analyzer {
  const { makeAnalyzeRpcFun, makeAnalyzeStackRpcFun } = require("@pulumi/policy/server") as {
    makeAnalyzeRpcFun: (...args: [string, string, string, Policies]) => Handler<proto.AnalyzeRequest>;
    makeAnalyzeStackRpcFun: (...args: [string, string, string, Policies]) => Handler<proto.AnalyzeStackRequest>;
  };
  const one = makeAnalyzeRpcFun("stackyard", "0.1.0", "mandatory", policies);
  const all = makeAnalyzeStackRpcFun("stackyard", "0.1.0", "mandatory", policies);
  return {
    analyze: (fixture) => asked((request, callback) => one({ request }, callback), requestOf(fixture)),
    analyzeStack: (fixtures) => asked((request, callback) => all({ request }, callback), stackOf(fixtures)),
  };
}

/** Starts the pack's process as the engine does, with the config of a stack. */
export async function startPack(config: Record<string, unknown> = {}): Promise<Analyzer & { close(): Promise<void> }> {
  const texts = Object.fromEntries(Object.entries(config).map(([key, value]) => [key, JSON.stringify(value)]));
  const pack = execa(resolve("policy/launcher/pulumi-analyzer-policy"), ["127.0.0.1:0", "policy"], {
    env: { PULUMI_CONFIG: JSON.stringify(texts), PULUMI_NODEJS_PROJECT: "stackyard", PULUMI_NODEJS_STACK: "test" },
    stdin: "ignore",
    reject: false,
  });
  const port = await new Promise<string>((said, reject) => {
    createInterface(pack.stdout).once("line", said);
    void pack.then(({ stderr }) => reject(new Error(`the pack has not started: ${stderr}`)));
  });
  const client = new AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  return {
    analyze: (fixture) => asked((request, callback) => client.analyze(request, callback), requestOf(fixture)),
    analyzeStack: (fixtures) => asked((request, callback) => client.analyzeStack(request, callback), stackOf(fixtures)),
    async close() {
      client.close();
      pack.kill();
      await pack;
    },
  };
}
