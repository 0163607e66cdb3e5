import * as pulumi from "@pulumi/pulumi";
import { urlsOf } from "../kubernetes/exposure";
import { API_PORT, WEB_PORT } from "./pod-options";
import type { Plan } from "./plan";
import { Component, givenEnvOf, keysOf, RETRIES, sourceOf, WORKER_ENV } from "./source-options";

type Variables = Record<string, pulumi.Input<string>>;

/** Host header of the probes, which the API always trusts: without one the kubelet sends the pod's address. */
export const PROBE_HOST = "localhost";

/** Variables that the owner gave; the worker has the API's, too. */
export function ownEnvOf({ options, laterEnv }: Plan, component: Component): Variables {
  const givers: Component[] = component === "worker" ? ["worker", "api"] : [component];
  const valueOf = (name: string) =>
    givers.map((giver) => laterEnv[giver][name] ?? options[giver].env[name]).find((value) => value !== undefined);
  return Object.fromEntries(
    Object.keys(givenEnvOf(options, component)).map((name) => {
      const value = valueOf(name);
      return [name, typeof value === "number" || typeof value === "boolean" ? String(value) : (value ?? "")];
    }),
  );
}

/** Host headers that the API answers to: its own names, those of its Ingress, and whatever its owner adds. */
export function allowedHostsOf(plan: Plan, given?: pulumi.Input<string>): pulumi.Output<string> {
  const { name, namespace, options } = plan;
  const service = `${name}-api`;
  const outside = options.ingress.enabled ? options.ingress.apiHosts.map(({ host }) => host) : [];
  return pulumi.all([namespace, given ?? ""]).apply(([place, more]) => {
    const inside = [service, `${service}.${place}`, `${service}.${place}.svc`, `${service}.${place}.svc.cluster.local`];
    const further = more.split(",").map((host) => host.trim());
    return [...new Set([PROBE_HOST, "127.0.0.1", ...inside, ...outside, ...further])].filter((host) => host !== "").join(",");
  });
}

/** In-cluster address of the API, under the name that it answers to. */
export const apiUrlOf = ({ name, options }: Plan): string => `http://${name}-api:${options.api.service.port}`;

/** Every variable of a component that is no secret. What its Secret holds is left out, so that none is there twice. */
export function envOf(plan: Plan, component: Component): Variables {
  const { options } = plan;
  const own = ownEnvOf(plan, component);
  const [publicUrl] = options.ingress.enabled ? urlsOf(options.ingress) : [];
  const derived: Variables = {
    PORT: `${component === "web" ? WEB_PORT : API_PORT}`,
    ...(publicUrl !== undefined && { APP_PUBLIC_URL: publicUrl }),
    ...(component === "web" && { HOSTNAME: "0.0.0.0", API_BASE_URL: apiUrlOf(plan) }),
    ...(component === "api" && options.worker.enabled && Object.fromEntries(RETRIES.map((name) => [name, "false"]))),
  };
  const forced: Variables = {
    ...(component === "worker" && Object.fromEntries(Object.entries(WORKER_ENV).map(([name, value]) => [name, String(value)]))),
    ...(component !== "web" && { ALLOWED_HOSTS: allowedHostsOf(plan, own["ALLOWED_HOSTS"]) }),
  };
  const secret = new Set(keysOf(sourceOf(options, component)));
  return Object.fromEntries(Object.entries({ ...derived, ...own, ...forced }).filter(([name]) => !secret.has(name)));
}
