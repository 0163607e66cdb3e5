// What Pulumi sends of a resource is a Struct of protobuf, of which google-protobuf makes an object for each value before it reads or writes plain ones:
// two thirds of the time that the policy pack took. Here plain values are written at once, and read once they are asked for: much of what comes is not.
const { BinaryReader } = require("google-protobuf");
const { Struct } = require("google-protobuf/google/protobuf/struct_pb");

const PLAIN = Symbol("plain values");
const UNREAD = Symbol("bytes");
const { fromJavaScript, serializeBinaryToWriter } = Struct;
const { toJavaScript, getFieldsMap } = Struct.prototype;

/** Reads a message field by field; each reader takes its value into the object that stands for the message. */
const message = (readers) => (target, reader) => {
  while (reader.nextField() && !reader.isEndGroup()) {
    const read = readers[reader.getFieldNumber()];
    if (read) read(target, reader);
    else reader.skipField();
  }
  return target;
};

// field numbers are those of google/protobuf/struct.proto
const readValue = message({
  1: (value, reader) => {
    reader.readEnum();
    value.is = null;
  },
  2: (value, reader) => void (value.is = reader.readDouble()),
  3: (value, reader) => void (value.is = reader.readString()),
  4: (value, reader) => void (value.is = reader.readBool()),
  5: (value, reader) => reader.readMessage((value.is = {}), (fields, inner) => readFields(fields, inner)),
  6: (value, reader) => reader.readMessage((value.is = []), (list, inner) => readList(list, inner)),
});
const valueOf = (reader) => {
  const value = {};
  reader.readMessage(value, readValue);
  return value;
};
const readList = message({ 1: (list, reader) => void list.push(valueOf(reader).is) });
const readEntry = message({
  1: (entry, reader) => void (entry.key = reader.readString()),
  2: (entry, reader) => void (entry.value = valueOf(reader).is),
});
const readFields = message({
  1: (fields, reader) => {
    const entry = { key: "", value: undefined };
    reader.readMessage(entry, readEntry);
    fields[entry.key] = entry.value;
  },
});

// as google-protobuf does, what is no value of JSON is refused
const writeValue = ({ is }, writer) => {
  if (is === null) return writer.writeEnum(1, 0);
  if (typeof is === "number") return writer.writeDouble(2, is);
  if (typeof is === "string") return writer.writeString(3, is);
  if (typeof is === "boolean") return writer.writeBool(4, is);
  if (Array.isArray(is)) return writer.writeMessage(6, is, writeList);
  if (typeof is === "object") return writer.writeMessage(5, is, writeFields);
  throw new Error(`Unexpected struct type: ${typeof is}`);
};
const writeList = (list, writer) => {
  for (const is of list) writer.writeMessage(1, { is }, writeValue);
};
const writeEntry = ([key, is], writer) => {
  writer.writeString(1, key);
  writer.writeMessage(2, { is }, writeValue);
};
const writeFields = (fields, writer) => {
  for (const key in fields) writer.writeMessage(1, [key, fields[key]], writeEntry);
};

/** The plain values of a Struct that has them, read or not. */
const plainOf = (struct) => {
  const bytes = struct[UNREAD];
  if (bytes !== undefined) {
    delete struct[UNREAD];
    struct[PLAIN] = readFields({}, new BinaryReader(bytes));
  }
  return struct[PLAIN];
};

Struct.fromJavaScript = (plain) => {
  const struct = new Struct();
  struct[PLAIN] = plain;
  return struct;
};
Struct.serializeBinaryToWriter = (struct, writer) => {
  const plain = plainOf(struct);
  if (plain === undefined) serializeBinaryToWriter(struct, writer);
  else writeFields(plain, writer);
};
Struct.deserializeBinaryFromReader = (struct, reader) => {
  const start = reader.getCursor();
  while (reader.nextField() && !reader.isEndGroup()) reader.skipField();
  struct[UNREAD] = reader.getBuffer().subarray(start, reader.getCursor());
  return struct;
};
Struct.prototype.toJavaScript = function () {
  return plainOf(this) ?? toJavaScript.call(this);
};
// what asks for the fields has them as google-protobuf does
Struct.prototype.getFieldsMap = function (...args) {
  const plain = plainOf(this);
  if (plain !== undefined) {
    delete this[PLAIN];
    const fields = getFieldsMap.call(this);
    fromJavaScript(plain)
      .getFieldsMap()
      .forEach((value, key) => fields.set(key, value));
  }
  return getFieldsMap.apply(this, args);
};
