import { declareValuePlugin, PluginKind } from "@stryker-mutator/api/plugin";

/** What a rule says of itself to people: no behaviour, and no test should repeat it. Without its name, or its family, nothing compiles. */
const PROSE = ["description", "reason", "remedy", "source", "severity", "id", "family"];

const prose = {
  shouldIgnore({ node, parent }) {
    const isProse = parent?.type === "ObjectProperty" && parent.value === node && PROSE.includes(parent.key.name);
    return isProse ? "prose" : undefined;
  },
};

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, "prose", prose)];
