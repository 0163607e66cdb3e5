import * as pulumi from "@pulumi/pulumi";
import { clientLabelsOf, outsideUrlOf } from "./objects";
import type { Plan } from "./plan";

/** Where a tenant's database is and how it is reached: the same by single objects and by its chart. */
export function addressesOf(plan: Plan) {
  const { metadata, options } = plan;
  return {
    url: pulumi.interpolate`ws://${metadata.name}.${metadata.namespace}.svc:${options.service.port}`,
    outsideUrl: pulumi.output(outsideUrlOf(plan)),
    namespace: pulumi.output(metadata.namespace),
    service: pulumi.output(metadata.name),
    clientLabels: clientLabelsOf(options.user),
  };
}
