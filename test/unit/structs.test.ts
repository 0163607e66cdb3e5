import fc from "fast-check";
import { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { CheckRequest } from "@pulumi/pulumi/proto/provider_pb.js";
import "../../runtime/structs.cjs";

type Fields = Parameters<typeof Struct.fromJavaScript>[0];

/** A field's name, but for one that google-protobuf itself does not write. */
const name = (text: fc.Arbitrary<string>) => text.filter((name) => name !== "__proto__");

/** What Pulumi sends: objects of text, numbers, booleans, nothing, lists and objects. */
const fields = fc.dictionary(
  name(fc.string({ unit: "binary" })),
  fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: "binary" }),
      fc.double({ noNaN: true }),
      fc.boolean(),
      fc.constant(null),
      tie("list"),
      tie("object"),
    ),
    list: fc.array(tie("value"), { maxLength: 5 }),
    object: fc.dictionary(name(fc.string()), tie("value"), { maxKeys: 5, noNullPrototype: true }),
  })).value,
  { noNullPrototype: true },
);

describe("Structs of protobuf that are read and written as plain values", () => {
  const read = (given: object) => Struct.deserializeBinary(Struct.fromJavaScript(given as Fields).serializeBinary());

  it("are what was written, however often they are asked", () => {
    fc.assert(
      fc.property(fields, (given) => {
        const struct = read(given);
        assert.deepEqual(struct.toJavaScript(), given);
        assert.deepEqual(struct.toJavaScript(), given);
      }),
    );
  });

  it("are written as google-protobuf reads them", () => {
    const given = fc.sample(fields, 200).map((each) => JSON.parse(JSON.stringify(each)) as Fields);
    const written = given.map((each) => Buffer.from(Struct.fromJavaScript(each).serializeBinary()).toString("base64"));
    const code = `
      const { Struct } = require("google-protobuf/google/protobuf/struct_pb");
      const written = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
      console.log(JSON.stringify(written.map((each) => Struct.deserializeBinary(Buffer.from(each, "base64")).toJavaScript())));`;
    const read = execFileSync(process.execPath, ["-e", code], { encoding: "utf8", input: JSON.stringify(written) });
    assert.deepEqual(JSON.parse(read), given);
  });

  it("are refused where they hold what is no value of JSON", () => {
    assert.throws(
      () => Struct.fromJavaScript({ replicas: undefined } as unknown as Fields).serializeBinary(),
      /Unexpected struct type: undefined/,
    );
  });

  it("are written again as they were, and have their fields", () => {
    fc.assert(
      fc.property(fields, (given) => {
        const again = Struct.deserializeBinary(read(given).serializeBinary());
        assert.deepEqual(again.toJavaScript(), given);
        assert.deepEqual([...read(given).getFieldsMap().keys()].sort(), Object.keys(given).sort());
      }),
    );
  });

  it("are read out of a message that has several, and out of the middle of one", () => {
    fc.assert(
      fc.property(fields, fields, (olds, news) => {
        const [old, next] = [olds, news].map((each) => Struct.fromJavaScript(each as Fields));
        const bytes = new CheckRequest().setUrn("urn").setOlds(old).setNews(next).setName("name").serializeBinary();
        const request = CheckRequest.deserializeBinary(bytes);
        assert.deepEqual([request.getOlds()?.toJavaScript(), request.getNews()?.toJavaScript()], [olds, news]);
        assert.deepEqual([request.getUrn(), request.getName()], ["urn", "name"]);
        assert.deepEqual(CheckRequest.deserializeBinary(bytes).serializeBinary(), bytes);
      }),
    );
  });

  it("can be made and changed as before", () => {
    const struct = read({ replicas: 1 });
    struct.getFieldsMap().del("replicas");
    assert.deepEqual(struct.toJavaScript(), {});
    assert.deepEqual(Struct.fromJavaScript({ replicas: 2 }).toJavaScript(), { replicas: 2 });
  });
});
