import type { KubeConfig, V1Pod } from "@kubernetes/client-node";
import { get as getHttp, type IncomingMessage, type RequestOptions } from "node:http";
import { get as getHttps } from "node:https";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { PassThrough } from "node:stream";
import type { PodRequest } from "./check";

const TIMEOUT_MS = 10_000;

/** Status of an answer, whose body nobody reads. */
const statusOf = (send: typeof getHttp, options: RequestOptions): Promise<number> =>
  new Promise((resolve, reject) => {
    const request = send({ ...options, agent: false, timeout: TIMEOUT_MS }, (response: IncomingMessage) => {
      response.destroy();
      resolve(response.statusCode ?? 0);
    });
    request.on("timeout", () => request.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    request.on("error", reject);
  });

/**
 * Status of what a container of a pod answers, through a port-forward of the API server.
 *
 * @throws Error that says what the kubelet says, or that nothing is answered within 10 s
 */
export async function answerOf(config: KubeConfig, { metadata }: V1Pod, { port, path, headers }: PodRequest): Promise<number> {
  const { PortForward } = await import("@kubernetes/client-node");
  const forward = new PortForward(config);
  let said = "";
  const carry = (socket: Socket) => {
    const errors = new PassThrough().on("data", (chunk: Buffer) => {
      said += chunk.toString();
      socket.destroy();
    });
    socket.on("error", () => {}); // the request says it
    forward.portForward(metadata?.namespace ?? "", metadata?.name ?? "", [port], socket, errors, socket).catch((error: unknown) => {
      said = error instanceof Error ? error.message : String(error);
      socket.destroy();
    });
  };
  const server = createServer(carry);
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  try {
    return await statusOf(getHttp, { host: "127.0.0.1", port: (server.address() as AddressInfo).port, path, headers });
  } catch (error) {
    throw said === "" ? error : new Error(said.trim(), { cause: error });
  } finally {
    server.close();
  }
}

/** Status of what is answered under an address to a GET of a URL. Whether its certificate is good is asked elsewhere, with the reason. */
export function reach(url: string, address: string): Promise<number> {
  const { protocol, hostname, port, pathname: path } = new URL(url);
  const options = { host: address, path, headers: { Host: hostname }, ...(port !== "" && { port }) };
  if (protocol === "http:") return statusOf(getHttp, options);
  return statusOf(getHttps, { ...options, servername: hostname, rejectUnauthorized: false } as RequestOptions);
}
