import * as grpc from "@grpc/grpc-js";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb.js";
import { execa } from "execa";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { checkout } from "../../sandbox/paths";
import { toStruct } from "../../sandbox/plugins/rpc";
import type { Resource } from "./resources";

/** What a rule of the pack says of a resource. */
export interface Violation {
  readonly rule: string;
  readonly urn: string;
  readonly message: string;
}

/** A policy pack in a process of its own, as the engine runs one. */
export interface Pack {
  /** Seconds from the start of the process until it has said its port. */
  readonly started: number;
  /** Judges each resource alone, then the whole stack, as the engine has it. */
  readonly judge: (questions: Questions) => Promise<Violation[]>;
  readonly stop: () => Promise<void>;
}

/** Nobody listens there: the pack is given the address of the engine, which it only writes its log to. */
const ENGINE = "127.0.0.1:1";

/**
 * Starts the pack as the engine does, each rule at its own level and with its default values.
 *
 * @throws Error with what the pack has said where it ends before it has a port
 */
export async function startPack(): Promise<Pack> {
  const folder = join(checkout(), "policy");
  const begin = performance.now();
  const run = execa(join(folder, "launcher", "pulumi-analyzer-policy"), [ENGINE, "."], {
    cwd: folder,
    // as the engine sets them
    env: {
      PULUMI_PROJECT: "stackyard",
      PULUMI_STACK: "dev",
      PULUMI_DRY_RUN: "true",
      PULUMI_NODEJS_PROJECT: "stackyard",
      PULUMI_NODEJS_STACK: "dev",
    },
    detached: true,
    cleanup: false,
    reject: false,
  });
  const group = run.pid;
  if (group === undefined) throw new Error("the launcher of the policy pack cannot be started");
  const stop = async () => {
    process.kill(-group, "SIGKILL");
    await run;
  };
  const lines = createInterface(run.stdout);
  const [port] = (await Promise.race([once(lines, "line"), run.then(({ stderr }) => Promise.reject(new Error(stderr)))])) as [string];
  const started = (performance.now() - begin) / 1000;
  const client = new AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), { "grpc.max_receive_message_length": -1 });
  try {
    await configure(client);
    return {
      started,
      judge: (questions) => judge(client, questions),
      stop: async () => {
        client.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** One call, as a promise. */
const call = <Answer>(ask: (answer: (error: grpc.ServiceError | null, value?: Answer) => void) => unknown): Promise<Answer> =>
  new Promise((resolve, reject) => ask((error, value) => (error ? reject(error) : resolve(value as Answer))));

async function configure(client: AnalyzerClient): Promise<void> {
  const info = await call<proto.AnalyzerInfo>((answer) => client.getAnalyzerInfo(new Empty(), answer));
  const request = new proto.ConfigureAnalyzerRequest();
  for (const policy of info.getPoliciesList()) {
    const schema = policy.getConfigschema()?.getProperties()?.toJavaScript() ?? {};
    const defaults = Object.entries(schema).flatMap(([name, value]) => {
      const given = (value as { readonly default?: string } | null)?.default;
      return given === undefined ? [] : [[name, given] as const];
    });
    const config = new proto.PolicyConfig().setEnforcementlevel(policy.getEnforcementlevel());
    config.setProperties(Struct.fromJavaScript(Object.fromEntries(defaults)));
    request.getPolicyconfigMap().set(policy.getName(), config);
  }
  await call<Empty>((answer) => client.configure(request, answer));
}

const ruleOf = (message: string) => /^([a-z0-9-]+): /m.exec(message)?.[1] ?? message;

/** What the pack is asked of a stack, as bytes: making them is the engine's work, and no part of what judging costs. */
export interface Questions {
  readonly alone: readonly { readonly urn: string; readonly bytes: Buffer }[];
  readonly stack: Buffer;
}

/** Each resource alone, in this order, and the whole stack. */
export function questionsOf(resources: readonly Resource[]): Questions {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const providerOf = ({ provider }: Resource) => {
    const resource = provider === undefined ? undefined : byUrn.get(provider);
    return resource && filled(new proto.AnalyzerProviderResource(), resource);
  };
  const alone = resources.map((resource) => {
    const request = filled(new proto.AnalyzeRequest(), resource).setOptions(optionsOf(resource)).setProvider(providerOf(resource));
    return { urn: resource.urn, bytes: Buffer.from(request.serializeBinary()) };
  });
  const all = resources.map((resource) =>
    filled(new proto.AnalyzerResource(), resource)
      .setOptions(optionsOf(resource))
      .setProvider(providerOf(resource))
      .setParent(resource.parent ?? "")
      .setDependenciesList([...(resource.dependencies ?? [])]),
  );
  return { alone, stack: Buffer.from(new proto.AnalyzeStackRequest().setResourcesList(all).serializeBinary()) };
}

async function judge(client: AnalyzerClient, { alone, stack }: Questions): Promise<Violation[]> {
  const ask = async (method: "Analyze" | "AnalyzeStack", bytes: Buffer, of = ""): Promise<Violation[]> => {
    const answer = await call<proto.AnalyzeResponse>((answered) =>
      client.makeUnaryRequest(
        `/pulumirpc.Analyzer/${method}`,
        (given: Buffer) => given,
        (answer) => proto.AnalyzeResponse.deserializeBinary(answer),
        bytes,
        answered,
      ),
    );
    return answer
      .getDiagnosticsList()
      .map((diagnostic) => ({ rule: ruleOf(diagnostic.getMessage()), urn: of || diagnostic.getUrn(), message: diagnostic.getMessage() }));
  };
  // all at once, as a file gives them to the peers: what it takes to wait for one answer after the other is not the pack's
  const found = await Promise.all(alone.map(({ urn, bytes }) => ask("Analyze", bytes, urn)));
  return [...found.flat(), ...(await ask("AnalyzeStack", stack))];
}

type Described = proto.AnalyzeRequest | proto.AnalyzerResource | proto.AnalyzerProviderResource;

function filled<Message extends Described>(message: Message, { urn, type, name, properties }: Resource): Message {
  message.setUrn(urn);
  message.setType(type);
  message.setName(name);
  message.setProperties(toStruct(properties));
  return message;
}

const optionsOf = ({ parent = "" }: Resource) => new proto.AnalyzerResourceOptions().setParent(parent);
