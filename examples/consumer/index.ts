import * as pulumi from "@pulumi/pulumi";
import { outputsOf } from "stackyard/outputs";

// organization/stackyard/prod on a file or bucket backend, <your organization>/stackyard/prod on Pulumi Cloud
const name = new pulumi.Config().require("stack");
const prod = outputsOf(new pulumi.StackReference(name), ["dotdo"]);

/** What an application of yours needs to call dotdo; resources that take it wait until it was checked. */
export const DOTDO_URL = prod.then(({ dotdo }) => dotdo.url);
export const DOTDO_NAMESPACE = prod.then(({ dotdo }) => dotdo.namespace);

/** The key that dotdo's clients authenticate with: a secret, here as there. Nothing, where prod shares none. */
export const DOTDO_API_KEY = prod.then(({ secrets }) => secrets?.dotdo?.apiKey);
