/**
 * What a pod does before it stops: it serves on until no edge sends new requests (`minSeconds`), then until its last connection
 * is closed, at most `maxSeconds` in all. WebSockets so live out their time, and a pod without any is gone in seconds.
 *
 * It reads the kernel's list of connections, for which the image's shell and grep are enough.
 */
export function drainScript(
  port: number,
  { minSeconds, maxSeconds }: { readonly minSeconds: number; readonly maxSeconds: number },
): string {
  const local = port.toString(16).toUpperCase().padStart(4, "0");
  const established = `:${local} [0-9A-F]*:[0-9A-F]* 01 `;
  return [
    `end=$(($(date +%s) + ${maxSeconds}))`,
    `sleep ${minSeconds}`,
    `while [ "$(date +%s)" -lt "$end" ] && cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -q '${established}'; do sleep 1; done`,
  ].join("\n");
}
