import { strict as assert } from "node:assert";
import { Platform, type PlatformArgs } from "../../components/platform";
import { at, named, refusals } from "./components/engine";
import { planned } from "./platform-given";

type Alertmanager = NonNullable<NonNullable<PlatformArgs["prometheus"]>["alertmanager"]>;

const receivers = {
  chat: { slack: { channel: "#alerts", secrets: { webhookUrl: "slack" } } },
  pager: { pagerDuty: { secrets: { routingKey: "pagerduty" } } },
  hook: { webhook: { sendResolved: false, secrets: { url: "hook" } } },
  mail: {
    email: {
      to: "ops@example.com",
      from: "alerts@example.com",
      smarthost: "smtp.example.com:587",
      username: "alerts",
      secrets: { password: "smtp" },
    },
  },
} as const;
const secretValues = { slack: "https://hooks.example.com/T1", pagerduty: "pd-2", hook: "https://hook.example.com/3", smtp: "pw-4" };
const alertmanager: Alertmanager = {
  receivers,
  receiver: "chat",
  routes: [{ labels: { severity: "critical", team: "data" }, receiver: "pager", continue: true }],
};

const valuesOf = async (given: Alertmanager) =>
  at(
    named((await planned({ prometheus: { alertmanager: given }, secretValues })).resources, "platform-kube-prometheus"),
    "values.alertmanager",
  );

describe("platform: alerts", function () {
  this.timeout("20s"); // the first plan loads the Kubernetes SDK

  it("are shown and not sent where nobody is named, and Alertmanager can be left out, as before", async () => {
    assert.deepEqual(await valuesOf(true), { enabled: true });
    assert.deepEqual(await valuesOf(false), { enabled: false });
  });

  it("go to each receiver with its credentials in files, which one Secret has", async () => {
    const { resources } = await planned({ prometheus: { alertmanager }, secretValues });
    const [secret] = resources.filter(({ name }) => name === "platform-alert-receivers");
    assert.deepEqual(at(secret?.values, "stringData"), {
      "chat.webhookUrl": secretValues.slack,
      "pager.routingKey": secretValues.pagerduty,
      "hook.url": secretValues.hook,
      "mail.password": secretValues.smtp,
    });
    const inClear = JSON.stringify(resources.map(({ inputs }) => inputs));
    for (const value of Object.values(secretValues)) assert.ok(!inClear.includes(value), value);

    const values = await valuesOf(alertmanager);
    assert.deepEqual(at(values, "alertmanagerSpec.secrets"), ["platform-alert-receivers-made"]);
    const file = (key: string) => `/etc/alertmanager/secrets/platform-alert-receivers-made/${key}`;
    const [nobody, chat, pager, hook, mail] = at(values, "config.receivers") as unknown[];
    assert.deepEqual(nobody, { name: "null" });
    assert.deepEqual(chat, {
      name: "chat",
      slack_configs: [{ channel: "#alerts", api_url_file: file("chat.webhookUrl"), send_resolved: true }],
    });
    assert.equal(at(pager, "pagerduty_configs.0.routing_key_file"), file("pager.routingKey"));
    assert.deepEqual(at(hook, "webhook_configs"), [{ url_file: file("hook.url"), send_resolved: false }]);
    assert.equal(at(mail, "email_configs.0.auth_password_file"), file("mail.password"));
    assert.equal(at(mail, "email_configs.0.require_tls"), true);
  });

  it("go to the first route that fits, else to the default receiver; the heartbeat to nobody", async () => {
    const route = at(await valuesOf(alertmanager), "config.route");
    assert.deepEqual([at(route, "receiver"), at(route, "repeat_interval")], ["chat", "12h"]);
    assert.deepEqual(at(route, "routes"), [
      { receiver: "null", matchers: ['alertname = "Watchdog"'] },
      { receiver: "pager", matchers: ['severity = "critical"', 'team = "data"'], continue: true },
    ]);
  });

  it("are refused a receiver that is not there, that says nothing, or that says two things", () => {
    const refused = (given: unknown) =>
      refusals(() => new Platform("platform", { prometheus: { alertmanager: given as Alertmanager }, secretValues }))[0];
    const { chat, mail } = receivers;
    assert.match(refused({ receivers: { chat }, receiver: "pager" }) ?? "", /receiver: "pager" is none of .* \(it has chat\)/);
    const routes = [{ labels: { severity: "critical" }, receiver: "pager" }];
    assert.match(refused({ receivers: { chat }, receiver: "chat", routes }) ?? "", /routes\.0\.receiver: "pager" is none of/);
    assert.match(refused({ receivers: { chat }, receiver: "chat", routes: [{ labels: {}, receiver: "chat" }] }) ?? "", /labels: is empty/);
    assert.match(refused({ receivers: { chat: {} }, receiver: "chat" }) ?? "", /is missing: write exactly one of slack, pagerDuty/);
    assert.match(refused({ receivers: { chat: { ...chat, ...mail } }, receiver: "chat" }) ?? "", /is one too many beside email/);
    assert.match(refused({ receivers: { null: chat }, receiver: "null" }) ?? "", /receivers\.null: is Alertmanager's own/);
    const anonymous = { email: { ...mail.email, username: undefined } };
    assert.match(
      refused({ receivers: { mail: anonymous }, receiver: "mail" }) ?? "",
      /email\.username: is missing: username and secrets\.password/,
    );
  });

  it("are not asked of an Alertmanager that is there already", () => {
    assert.match(
      refusals(() => new Platform("platform", { prometheus: { existing: true, alertmanager }, secretValues }))[0] ?? "",
      /^prometheus\.alertmanager: is not used where `existing` is true/,
    );
  });
});
