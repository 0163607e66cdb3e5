import type { Alerting, Receiver } from "./alert-options";
import { NOBODY } from "./alert-options";

/** Folder under which the operator mounts the Secrets that Alertmanager may read, each as a folder of its keys. */
const SECRETS = "/etc/alertmanager/secrets";

/** A receiver as Alertmanager names it; every credential is a file (prometheus.io/docs/alerting/latest/configuration). */
interface ReceiverConfig {
  readonly name: string;
  readonly slack_configs?: readonly object[];
  readonly pagerduty_configs?: readonly object[];
  readonly webhook_configs?: readonly object[];
  readonly email_configs?: readonly object[];
}

interface RouteConfig {
  readonly receiver: string;
  readonly matchers: readonly string[];
  readonly continue?: boolean;
}

/** Alertmanager's own configuration, without a secret in it. What silences lesser alerts beside greater ones is the chart's. */
export interface AlertmanagerConfig {
  readonly route: {
    readonly receiver: string;
    readonly group_by: readonly string[];
    readonly group_wait: string;
    readonly group_interval: string;
    readonly repeat_interval: string;
    readonly routes: readonly RouteConfig[];
  };
  readonly receivers: readonly ReceiverConfig[];
}

/** Names of the secrets that a receiver uses, by the key that each has in the Secret. */
const namesIn = (receiver: string, { slack, pagerDuty, webhook, email }: Receiver): Record<string, string | undefined> => {
  const names = { ...slack?.secrets, ...pagerDuty?.secrets, ...webhook?.secrets, ...email?.secrets };
  return Object.fromEntries(Object.entries(names).map(([field, name]) => [`${receiver}.${field}`, name]));
};

/** Names of all secrets, by their keys in the one Secret. */
export const alertSecrets = ({ receivers }: Alerting): Record<string, string | undefined> =>
  Object.assign({}, ...Object.entries(receivers).map(([name, receiver]) => namesIn(name, receiver))) as Record<string, string | undefined>;

/** @param file path of a credential of this receiver */
function receiverOf(name: string, { slack, pagerDuty, webhook, email }: Receiver, file: (field: string) => string): ReceiverConfig {
  if (slack)
    return { name, slack_configs: [{ channel: slack.channel, api_url_file: file("webhookUrl"), send_resolved: slack.sendResolved }] };
  if (pagerDuty) {
    // an alert's severity where PagerDuty knows it, else the one that is configured
    const severity = `{{ if .CommonLabels.severity | match "^(critical|error|warning|info)$" }}{{ .CommonLabels.severity }}{{ else }}${pagerDuty.severity}{{ end }}`;
    return { name, pagerduty_configs: [{ routing_key_file: file("routingKey"), severity, send_resolved: pagerDuty.sendResolved }] };
  }
  if (webhook) return { name, webhook_configs: [{ url_file: file("url"), send_resolved: webhook.sendResolved }] };
  if (!email) return { name };
  const { to, from, smarthost, username, sendResolved } = email;
  const login = username === undefined ? {} : { auth_username: username, auth_password_file: file("password") };
  return { name, email_configs: [{ to, from, smarthost, ...login, require_tls: true, send_resolved: sendResolved }] };
}

const matcher = ([label, value]: readonly [string, string]): string => `${label} = "${value}"`;

/**
 * What Alertmanager is to do.
 *
 * @param secret name of the Secret that has the credentials
 */
export const alertmanagerOf = ({ receivers, receiver, routes, repeatInterval }: Alerting, secret: string): AlertmanagerConfig => ({
  route: {
    receiver,
    group_by: ["namespace", "alertname"],
    group_wait: "30s",
    group_interval: "5m",
    repeat_interval: repeatInterval,
    routes: [
      // it fires always, to show that alerts arrive
      { receiver: NOBODY, matchers: ['alertname = "Watchdog"'] },
      ...routes.map((route) => ({
        receiver: route.receiver,
        matchers: Object.entries(route.labels).map(matcher),
        continue: route.continue,
      })),
    ],
  },
  receivers: [
    { name: NOBODY },
    ...Object.entries(receivers).map(([name, options]) => receiverOf(name, options, (field) => `${SECRETS}/${secret}/${name}.${field}`)),
  ],
});
