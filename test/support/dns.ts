import { createSocket } from "node:dgram";
import { once } from "node:events";

export interface NameServer {
  readonly port: number;
  /** From now on the name has the address 127.0.0.1. */
  readonly add: (name: string) => void;
  readonly stop: () => void;
}

const NOT_FOUND = 3;

/** A name server on 127.0.0.1 that knows the names it is told, and no others. */
export async function startNameServer(): Promise<NameServer> {
  const names = new Set<string>();
  const socket = createSocket("udp4");
  socket.on("message", (query, { port, address }) => {
    const labels: string[] = [];
    let at = 12; // after the header comes the question: labels, type and class
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.toString("ascii", at + 1, at + 1 + length));
      at += 1 + length;
    }
    const wantsAddress = query.readUInt16BE(at + 1) === 1;
    const known = names.has(labels.join("."));
    const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 127, 0, 0, 1]);
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(0x8180 + (known ? 0 : NOT_FOUND), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(known && wantsAddress ? 1 : 0, 6);
    socket.send(Buffer.concat([header, query.subarray(12, at + 5), ...(known && wantsAddress ? [answer] : [])]), port, address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return { port: socket.address().port, add: (name) => void names.add(name), stop: () => void socket.close() };
}
