import { setMaxListeners } from "node:events";
import * as grpc from "@grpc/grpc-js";
import { Any } from "google-protobuf/google/protobuf/any_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb.js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb.js";
import { type IResourceProviderServer, ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import * as proto from "@pulumi/pulumi/proto/provider_pb.js";
import { Status } from "@pulumi/pulumi/proto/status_pb.js";
import "../../runtime/structs.cjs";
import type { Properties } from "./values.js";

const { INFO } = LogSeverity;

/** What the engine asks, whichever call it is; values hold its marks for secrets and for what is not known yet. */
export interface Request {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly inputs: Properties;
  readonly oldInputs: Properties;
  /** The last outputs. */
  readonly state: Properties;
  readonly preview: boolean;
  /** Seconds, from `customTimeouts`; 0 where none is set. */
  readonly timeout: number;
  readonly ignoreChanges: string[];
  readonly seed: Uint8Array;
  /** Ends with `pulumi cancel` or a second ctrl-C. */
  readonly signal: AbortSignal;
  /** Shows what is being waited for beside the resource, as long as it lasts. */
  readonly status: (message: string) => void;
}
export interface Difference {
  changes: Map<string, Change>;
  deleteBeforeReplace?: boolean;
}
export interface State {
  id: string;
  outputs: Properties;
  inputs?: Properties;
}
export interface Checked {
  inputs: Properties;
  failures?: { property: string; reason: string }[];
}

/** What a plugin does with resources. */
export interface Resources {
  check(request: Request): Promise<Checked>;
  diff(request: Request): Promise<Difference>;
  create(request: Request): Promise<State>;
  /** Undefined where there is no such object any more. */
  read(request: Request): Promise<State | undefined>;
  update(request: Request): Promise<Properties>;
  delete(request: Request): Promise<void>;
}
export interface Provider {
  version: string;
  /** The resources of a type. */
  of: (type: string) => Resources;
  diffConfig?: (olds: Properties, news: Properties) => Difference;
  configure?: (args: Properties) => void;
  construct?: (request: proto.ConstructRequest) => Promise<proto.ConstructResponse>;
}

/** The object exists, but is not as it should be: the engine keeps it in the state and mends it with the next update. */
export class NotReady extends Error {
  constructor(
    readonly reasons: string[],
    readonly state: State,
  ) {
    super(reasons.join("\n"));
  }
}

export const fromStruct = (value?: Struct): Properties => value?.toJavaScript() ?? {};
export const toStruct = (value: Properties): Struct => Struct.fromJavaScript(value);

const rpcError = (error: unknown): Partial<grpc.ServiceError> => {
  const details = error instanceof Error ? error.message : String(error);
  const metadata = new grpc.Metadata();
  if (error instanceof NotReady) {
    const { id, outputs, inputs } = error.state;
    const failed = new proto.ErrorResourceInitFailed().setId(id).setReasonsList(error.reasons).setProperties(toStruct(outputs));
    if (inputs) failed.setInputs(toStruct(inputs));
    const packed = new Any();
    packed.pack(failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const rich = new Status().setCode(grpc.status.UNKNOWN).setMessage(details).setDetailsList([packed]);
    metadata.add("grpc-status-details-bin", Buffer.from(rich.serializeBinary()));
  }
  return { code: grpc.status.UNKNOWN, details, metadata };
};

const unary =
  <Message, Answer>(handle: (message: Message) => Answer | Promise<Answer>): grpc.handleUnaryCall<Message, Answer> =>
  (call, callback) => {
    Promise.resolve(call.request)
      .then(handle)
      .then(
        (answer) => callback(null, answer),
        (error: unknown) => callback(rpcError(error)),
      );
  };

/** In the order of the protocol's numbers. */
const CHANGES = ["add", "add-replace", "delete", "delete-replace", "update", "update-replace"] as const;
export type Change = (typeof CHANGES)[number];
const diffResponse = ({ changes, deleteBeforeReplace = false }: Difference): proto.DiffResponse => {
  const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges;
  const response = new proto.DiffResponse().setChanges(changes.size > 0 ? DIFF_SOME : DIFF_NONE);
  response.setHasdetaileddiff(true).setDeletebeforereplace(deleteBeforeReplace);
  for (const [path, change] of changes) {
    response.getDetaileddiffMap().set(path, new proto.PropertyDiff().setKind(CHANGES.indexOf(change)));
    if (change.endsWith("-replace")) response.addReplaces(path);
  }
  return response;
};
const checkResponse = ({ inputs, failures = [] }: Checked): proto.CheckResponse => {
  const failed = failures.map(({ property, reason }) => new proto.CheckFailure().setProperty(property).setReason(reason));
  return new proto.CheckResponse().setInputs(toStruct(inputs)).setFailuresList(failed);
};

/** What the engine's messages have, each some of it. */
type Message = { getUrn: () => string } & Partial<
  Pick<proto.DiffRequest, "getId" | "getNews" | "getOlds" | "getOldInputs" | "getIgnorechangesList"> &
    Pick<proto.CreateRequest, "getProperties" | "getTimeout" | "getPreview"> &
    Pick<proto.ReadRequest, "getInputs"> &
    Pick<proto.CheckRequest, "getRandomseed_asU8">
>;

/** Runs a plugin: the engine's address is the last argument, the port goes to stdout. */
export const serve = (provider: Provider): void => {
  const engine = new EngineClient(process.argv.at(-1) ?? "", grpc.credentials.createInsecure());
  const cancelled = new AbortController();
  setMaxListeners(0, cancelled.signal);
  const requestOf = (message: Message): Request => {
    const urn = message.getUrn();
    const [, , types = "", ...name] = urn.split("::");
    return {
      id: message.getId?.() ?? "",
      type: types.split("$").at(-1) ?? "",
      name: name.join("::"),
      // each is read when it is asked for: of an object that does not change, half is not
      get inputs() {
        return fromStruct(message.getNews?.());
      },
      get oldInputs() {
        const asked = message.getOldInputs ?? message.getInputs ?? message.getOlds; // a check's old values are inputs
        return fromStruct(asked?.call(message));
      },
      get state() {
        return fromStruct(message.getOlds?.() ?? message.getProperties?.());
      },
      preview: message.getPreview?.() ?? false,
      timeout: message.getTimeout?.() ?? 0,
      ignoreChanges: message.getIgnorechangesList?.() ?? [],
      seed: message.getRandomseed_asU8?.() ?? new Uint8Array(),
      signal: cancelled.signal,
      status: (text) => void engine.log(new LogRequest().setUrn(urn).setSeverity(INFO).setMessage(text).setEphemeral(true), () => {}),
    };
  };
  const on = <Asked extends Message, Answer>(run: (resources: Resources, request: Request) => Promise<Answer>) =>
    unary<Asked, Answer>((message) => {
      const request = requestOf(message);
      return run(provider.of(request.type), request);
    });
  const { configure, diffConfig, construct } = provider;
  const implementation: Partial<IResourceProviderServer> = {
    getPluginInfo: unary<Empty, PluginInfo>(() => new PluginInfo().setVersion(provider.version)),
    configure: unary<proto.ConfigureRequest, proto.ConfigureResponse>((message) => {
      configure?.(fromStruct(message.getArgs()));
      return new proto.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
    }),
    check: on<proto.CheckRequest, proto.CheckResponse>(async (resources, request) => checkResponse(await resources.check(request))),
    diff: on<proto.DiffRequest, proto.DiffResponse>(async (resources, request) => diffResponse(await resources.diff(request))),
    create: on<proto.CreateRequest, proto.CreateResponse>(async (resources, request) => {
      const { id, outputs } = await resources.create({ ...request, inputs: request.state });
      return new proto.CreateResponse().setId(id).setProperties(toStruct(outputs));
    }),
    read: on<proto.ReadRequest, proto.ReadResponse>(async (resources, request) => {
      const { id = "", outputs, inputs = {} } = (await resources.read(request)) ?? {};
      const response = new proto.ReadResponse().setId(id);
      return outputs ? response.setProperties(toStruct(outputs)).setInputs(toStruct(inputs)) : response;
    }),
    update: on<proto.UpdateRequest, proto.UpdateResponse>(async (resources, request) =>
      new proto.UpdateResponse().setProperties(toStruct(await resources.update(request))),
    ),
    delete: on<proto.DeleteRequest, Empty>(async (resources, request) => {
      await resources.delete(request);
      return new Empty();
    }),
    invoke: unary<proto.InvokeRequest, proto.InvokeResponse>((message) => {
      throw new Error(`the stand-in plugin has no function ${message.getTok()}: install the official plugin to call it`);
    }),
    cancel: unary<Empty, Empty>(() => {
      cancelled.abort(new Error("cancelled"));
      return new Empty();
    }),
    ...(construct && { construct: unary(construct) }),
    ...(diffConfig && {
      diffConfig: unary<proto.DiffRequest, proto.DiffResponse>((message) => {
        const { oldInputs, inputs } = requestOf(message);
        return diffResponse(diffConfig(oldInputs, inputs));
      }),
    }),
  };
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1 });
  server.addService(ResourceProviderService, implementation as grpc.UntypedServiceImplementation);
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    process.stdout.write(`${port}\n`);
  });
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || process.exit(), 1000); // the engine was killed
};
