import { PolicyPack } from "@pulumi/policy";
import { policyOf } from "./rule";
import { RULES } from "./rules";

new PolicyPack("stackyard", { enforcementLevel: "mandatory", policies: RULES.map(policyOf) });
