import * as grpc from "@grpc/grpc-js";
import { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { version } from "@pulumi/kubernetes-cert-manager/package.json";
import * as proto from "@pulumi/pulumi/proto/provider_pb.js";
import { ResourceMonitorClient } from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import * as resource from "@pulumi/pulumi/proto/resource_pb.js";
import { fromStruct, serve, toStruct } from "../rpc.js";
import { isObject, plainProperties, type Properties, unknown } from "../values.js";

const componentType = "kubernetes-cert-manager:index:CertManager";
const chart = "cert-manager";
const repo = "https://charts.jetstack.io";

/** The inputs of the release: what `helmOptions` say, and all else as values of the chart. */
const releaseOf = ({ helmOptions, ...values }: Properties): Properties => {
  const options = isObject(helmOptions) ? helmOptions : {};
  const [given, place] = [options.values, options.repositoryOpts].map((each) => (isObject(each) ? each : {}));
  return { chart, ...options, repositoryOpts: { repo, ...place }, values: { ...given, ...values } };
};

const construct = async (request: proto.ConstructRequest): Promise<proto.ConstructResponse> => {
  const monitor = new ResourceMonitorClient(request.getMonitorendpoint(), grpc.credentials.createInsecure());
  const register = (make: (asked: resource.RegisterResourceRequest) => void) =>
    new Promise<resource.RegisterResourceResponse>((resolve, reject) => {
      const asked = new resource.RegisterResourceRequest().setAcceptsecrets(true).setSupportspartialvalues(true);
      asked.setDependenciesList([
        ...new Set([
          ...request.getDependenciesList(),
          ...[...request.getInputdependenciesMap().entries()].flatMap(([, urns]) => urns.getUrnsList()),
        ]),
      ]);
      make(asked);
      monitor.registerResource(asked, (error, response) => (error ? reject(error) : resolve(response)));
    });
  const component = await register((asked) => {
    asked.setType(componentType).setName(request.getName()).setParent(request.getParent()).setObject(new Struct());
    asked.setAliasesList(request.getAliasesList()).setProtect(request.getProtect() ?? false);
    for (const [name, provider] of request.getProvidersMap().entries()) asked.getProvidersMap().set(name, provider);
  });
  const release = await register((asked) => {
    asked.setType("kubernetes:helm.sh/v3:Release").setName(`${request.getName()}-helm`).setParent(component.getUrn()).setCustom(true);
    asked.setProvider(request.getProvidersMap().get("kubernetes") ?? "");
    asked.setObject(toStruct(releaseOf(fromStruct(request.getInputs()))));
  });
  const { status = unknown } = plainProperties(fromStruct(release.getObject()));
  const outputs = new resource.RegisterResourceOutputsRequest().setUrn(component.getUrn()).setOutputs(toStruct({ status }));
  await new Promise<void>((resolve, reject) => monitor.registerResourceOutputs(outputs, (error) => (error ? reject(error) : resolve())));
  monitor.close();
  return new proto.ConstructResponse().setUrn(component.getUrn()).setState(toStruct({ status }));
};

const of = (type: string): never => {
  throw new Error(`the stand-in plugin has the component ${componentType}, no ${type}`);
};
serve({ version, of, construct });
