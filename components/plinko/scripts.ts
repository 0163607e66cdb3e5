import { Data, VOLUME } from "./data";

/**
 * What runs before and after the programs, in a POSIX shell with `od` and `wget` (busybox has all). Values come as arguments, so that each script is one
 * constant text; sizes are whole numbers of bytes.
 *
 * The programs write in place and take seconds to minutes for it, so that a file that exists says nothing. A generation is whole when
 * its files have their exact sizes; hint.bin tells its own: a header of 32 bytes that holds chunk and set size, then as many entries
 * of 8 bytes (or 52: the generator's own idea of an entry).
 */
const WHOLE = `
sized() { [ -f "$1" ] && [ -n "$(find "$1" -size "$2"c)" ]; }
hinted() {
  set -- "$1" "$2" $(od -A n -t u8 -j 8 -N 16 "$1" 2>/dev/null)
  [ $# -eq 4 ] || return 1
  for entry in 8 52; do
    body=$(($3 * $4 * entry))
    [ "$body" -ge "$2" ] && sized "$1" $((body + 32)) && return 0
  done
  return 1
}
whole() {
  sized "$2/database.bin" "$3" && sized "$2/address-mapping.bin" "$4" || return 1
  [ "$1" = database ] || { hinted "$2/hint.bin" "$3" && [ -d "$2/deltas" ]; }
}`;

/** Waits for a generation. Arguments: kind, folder, bytes of database and mapping, seconds between looks. */
export const WAIT = `${WHOLE}
until whole "$1" "$2" "$3" "$4"; do
  echo "waiting for a whole $2"
  sleep "$5"
done`;

/** Waits until an Ethereum node answers. Arguments: its URL, seconds between looks. */
export const WAIT_RPC = `until wget -q -O /dev/null --header "Content-Type: application/json" --post-data '{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}' "$1"; do
  echo "waiting for $1"
  sleep "$2"
done`;

/**
 * Makes an empty folder for a generation to be written into; one that is whole already is not made again (the file \`skip\` says so). Of others the newest
 * three stay for pods that still read them and for a way back. Arguments: volume, kind, generation, bytes of database and mapping, generation of
 * the database that hints are for.
 */
export const PREPARE = `${WHOLE}
set -eu
cd "$1"
others() { ls -1dt "$1"-* 2>/dev/null | grep -vx "$2" | grep -v "$2[.]part" || true; }
others "$2" "$3" | grep -v '[.]part$' | tail -n +4 | while read -r old; do rm -rf "$old"; done
others "$2" "$3" | grep '[.]part$' | tail -n +4 | while read -r old; do rm -rf "$old"; done
rm -rf "$3.part"
mkdir "$3.part"
if whole "$2" "$3" "$4" "$5"; then
  touch "$3" "$3.part/skip"
  echo "$3 is whole already"
  exit 0
fi
rm -rf "$3"
if [ "$2" = serving ]; then
  mkdir "$3.part/deltas"
  for file in database.bin address-mapping.bin; do
    ln "$6/$file" "$3.part/$file" 2>/dev/null || cp "$6/$file" "$3.part/$file"
  done
fi`;

/** Runs the program that is given as arguments, unless there is nothing to do. */
export const GENERATE = `[ -e /data/skip ] || exec "$@"`;

/** Gives a generation its name if it is whole. Arguments: volume, kind, generation, bytes of database and mapping. */
export const PUBLISH = `${WHOLE}
set -eu
cd "$1"
if [ -e "$3.part/skip" ]; then
  rm -rf "$3.part"
  exit 0
fi
if ! whole "$2" "$3.part" "$4" "$5"; then
  echo "the program has ended, but its files are not whole: database.bin should have $4 bytes, address-mapping.bin $5, hint.bin what its header says" >&2
  ls -l "$3.part" >&2
  exit 1
fi
sync
mv "$3.part" "$3"
echo "$3 is whole"`;

/**
 * Copies the wallet's files to where its entry point may change them, and tells nginx the cluster's DNS servers.
 * Arguments: files, copy, resolv.conf, configuration for nginx.
 */
export const PREPARE_WALLET = `set -eu
cp -R "$1/." "$2/"
servers=
while read -r key address rest; do
  [ "$key" = nameserver ] || continue
  case $address in
    *:*) servers="$servers [$address]" ;;
    *) servers="$servers $address" ;;
  esac
done < "$3"
[ -n "$servers" ] || { echo "$3 names no nameserver" >&2; exit 1; }
echo "resolver$servers valid=10s;" > "$4"`;

/** A script with its arguments as a container's command; \`name\` is what errors begin with. */
export const shell = (script: string, name: string, ...values: (string | number)[]): string[] => [
  "/bin/sh",
  "-c",
  script,
  name,
  ...values.map(String),
];

export type Kind = "database" | "serving";

export const waitFor = (kind: Kind, data: Data, seconds = 10): string[] =>
  shell(WAIT, "wait", kind, `${VOLUME}/${data[kind]}`, data.databaseBytes, data.mappingBytes, seconds);

export const prepare = (kind: Kind, data: Data): string[] =>
  shell(PREPARE, "prepare", VOLUME, kind, data[kind], data.databaseBytes, data.mappingBytes, data.database);

export const publish = (kind: Kind, data: Data): string[] =>
  shell(PUBLISH, "publish", VOLUME, kind, data[kind], data.databaseBytes, data.mappingBytes);
