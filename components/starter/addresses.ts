import * as pulumi from "@pulumi/pulumi";
import { urlsOf } from "../kubernetes/exposure";
import type { Plan } from "./plan";

/** Where the starter is and how it is reached: the same by single objects and by its chart. */
export function addressesOf({ name, namespace, options }: Plan) {
  const { api, web, ingress } = options;
  const address = (service: string, port: number) => pulumi.interpolate`http://${service}.${namespace}.svc:${port}`;
  return {
    url: address(`${name}-web`, web.service.port),
    apiUrl: address(`${name}-api`, api.service.port),
    hostUrls: pulumi.output(ingress.enabled ? urlsOf(ingress) : []),
    apiHostUrls: pulumi.output(ingress.enabled ? urlsOf({ hosts: ingress.apiHosts, tls: ingress.apiTls }) : []),
    namespace: pulumi.output(namespace),
    webService: pulumi.output(`${name}-web`),
    apiService: pulumi.output(`${name}-api`),
  };
}
