import * as z from "zod";
import { DnsLabel, Duration, flag, Labels, text } from "../kubernetes/options";
import { exactlyOne, SecretName } from "./part-options";

const resolved = flag(true, "Say also when an alert is over.");

const Slack = z
  .strictObject({
    channel: text(/^[#@]?[\w.-]+$/, 'channel: write it like "#alerts"').meta({ description: "Channel that alerts are written to." }),
    sendResolved: resolved,
    secrets: z.strictObject({ webhookUrl: SecretName }).meta({ description: "Address of the incoming webhook." }),
  })
  .meta({ description: "Slack." });

const PagerDuty = z
  .strictObject({
    severity: z
      .enum(["critical", "error", "warning", "info"])
      .default("error")
      .meta({ description: "Severity of the incidents, where an alert has none that PagerDuty knows." }),
    sendResolved: resolved,
    secrets: z.strictObject({ routingKey: SecretName }).meta({ description: "Integration key of the service (Events API v2)." }),
  })
  .meta({ description: "PagerDuty." });

const Webhook = z
  .strictObject({
    sendResolved: resolved,
    secrets: z.strictObject({ url: SecretName }).meta({ description: "Address that alerts are posted to." }),
  })
  .meta({ description: "Anything that takes Alertmanager's JSON." });

const address = (description: string) =>
  z.email({ error: ({ input }) => `${JSON.stringify(input)} is no email address: write it like ops@example.com` }).meta({ description });

const Email = z
  .strictObject({
    to: address("Address that alerts are sent to."),
    from: address("Address of the sender."),
    smarthost: text(/^[\w.-]+:\d+$/, "mail server: write host and port, smtp.example.com:587").meta({
      description: "Mail server with its port; it must speak TLS.",
    }),
    username: z.string().min(1).optional().meta({ description: "User at the mail server. Default: none, and no password." }),
    sendResolved: resolved,
    secrets: z.strictObject({ password: SecretName.optional() }).prefault({}).meta({ description: "Password at the mail server." }),
  })
  .superRefine(({ username, secrets }, context) => {
    if ((username === undefined) === (secrets.password === undefined)) return;
    const path = username === undefined ? ["username"] : ["secrets", "password"];
    context.addIssue({ code: "custom", path, message: "is missing: username and secrets.password go together" });
  })
  .meta({ description: "E-mail." });

const Receiver = z
  .strictObject({
    slack: Slack.optional(),
    pagerDuty: PagerDuty.optional(),
    webhook: Webhook.optional(),
    email: Email.optional(),
  })
  .superRefine(exactlyOne(["slack", "pagerDuty", "webhook", "email"]))
  .meta({ description: "One place that alerts are sent to." });
export type Receiver = z.output<typeof Receiver>;

const Route = z
  .strictObject({
    labels: Labels.meta({ description: "Labels that an alert must have, such as severity: critical." }),
    receiver: DnsLabel.meta({ description: "Receiver of these alerts." }),
    continue: flag(false, "Look at the routes that follow, too."),
  })
  .meta({ description: "Alerts that go elsewhere than to the default receiver; the first that fits is taken." });

/** Name of the receiver that sends nothing on: the heartbeat goes there, and it cannot be anybody else's. */
export const NOBODY = "null";

export const Alerting = z
  .strictObject({
    receivers: z.record(DnsLabel, Receiver).meta({ description: "Where alerts can be sent to, by a name of your own." }),
    receiver: DnsLabel.meta({ description: "Receiver of every alert that no route takes." }),
    routes: z.array(Route).default([]).meta({ description: "Alerts that go elsewhere." }),
    repeatInterval: Duration.default("12h").meta({ description: "How often an alert that goes on is sent again." }),
  })
  .superRefine(({ receivers, receiver, routes }, context) => {
    const wrong = (path: (string | number)[], message: string) => context.addIssue({ code: "custom", path, message });
    const names = Object.keys(receivers);
    const known = `it has ${names.join(", ") || "none"}`;
    if (names.includes(NOBODY)) wrong(["receivers", NOBODY], "is Alertmanager's own, which sends nothing on: give it another name");
    if (!names.includes(receiver))
      wrong(["receiver"], `"${receiver}" is none of alertmanager.receivers (${known}): name one that is there`);
    routes.forEach((route, index) => {
      if (!names.includes(route.receiver))
        wrong(["routes", index, "receiver"], `"${route.receiver}" is none of alertmanager.receivers (${known}): name one that is there`);
      if (Object.keys(route.labels).length === 0)
        wrong(["routes", index, "labels"], "is empty, so that it takes every alert: name labels, or make it the default receiver");
    });
  })
  .meta({ description: "Alertmanager, and whom it sends alerts to." });
export type Alerting = z.output<typeof Alerting>;
