import { PolicyPack } from "@pulumi/policy";
import { Config } from "@pulumi/pulumi";
import { PolicySection } from "./options";
import { policiesOf } from "./pack";
import { RULES } from "./rules";
import { PolicySettings } from "./settings";

// a section that is wrong is refused by the program, with everything else that is wrong; until then all rules are as they are
const { data } = PolicySection.safeParse(new Config("stackyard").getObject("policy") ?? {});
new PolicyPack("stackyard", { enforcementLevel: "mandatory", policies: policiesOf(RULES, new PolicySettings(data)) });
