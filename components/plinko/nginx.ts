/** nginx configurations of CDN and wallet (contract 3.5), whole files. Both run as any user: what nginx writes is below one folder. */

export interface Common {
  /** What to listen on, such as `8080`. */
  readonly listen: string;
  /** Folder that nginx may write into. */
  readonly scratch: string;
}

const main = ({ scratch }: Common, http: string): string => `worker_processes 2;
error_log /dev/stderr warn;
pid ${scratch}/nginx.pid;
events {
  worker_connections 1024;
}
http {
  default_type application/octet-stream;
  access_log /dev/stdout;
  server_tokens off;
  sendfile on;
  tcp_nopush on;
  absolute_redirect off;
${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `  ${name}_temp_path ${scratch}/${name};`).join("\n")}
${http}
}
`;

/** Headers of every answer. They stand where no inner block adds a header of its own, for that would drop these. */
const cors = (methods: string): string =>
  [
    ["Access-Control-Allow-Origin", "*"],
    ["Access-Control-Allow-Methods", methods],
    ["Access-Control-Allow-Headers", "Origin, X-Requested-With, Content-Type, Accept, Range"],
    ["Access-Control-Expose-Headers", "Content-Length, Content-Range, Accept-Ranges"],
    ["Access-Control-Max-Age", "3600"],
  ]
    .map(([name, value]) => `    add_header ${name} "${value}" always;`)
    .join("\n");

const PREFLIGHT = `if ($request_method = OPTIONS) {
      return 204;
    }`;

export interface CdnNginx extends Common {
  /** Folder with hint.bin, address-mapping.bin and deltas. */
  readonly data: string;
  /** Seconds for which clients may keep what they got. */
  readonly cacheMaxAge: number;
  readonly gzip: { readonly enabled: boolean; readonly level: number };
}

/**
 * Serves the public files and nothing else of the volume.
 *
 * A compressed answer has no ranges: what is asked for in ranges is not compressed. The list of deltas grows, so nobody keeps it.
 */
export const cdnNginxOf = (options: CdnNginx): string => {
  const { listen, data, cacheMaxAge, gzip } = options;
  const file = (location: string): string => `    location ${location} {
      root ${data};
      expires ${cacheMaxAge}s;
      if ($http_range) {
        gzip off;
      }
    }`;
  return main(
    options,
    `  gzip ${gzip.enabled ? "on" : "off"};
  gzip_vary on;
  gzip_proxied any;
  gzip_comp_level ${gzip.level};
  gzip_types application/octet-stream application/json;
  server {
    listen ${listen};
${cors("GET, HEAD, OPTIONS")}
    ${PREFLIGHT}
    location = /health {
      access_log off;
      default_type text/plain;
      return 200 "healthy\\n";
    }
${file("= /hint.bin")}
${file("= /address-mapping.bin")}
    location = /deltas/ {
      root ${data};
      autoindex on;
      autoindex_format json;
      expires -1;
    }
${file('~ "^/deltas/delta-[0-9]{6}[.]bin$"')}
    location / {
      return 404;
    }
  }`,
  );
};

export interface WalletNginx extends Common {
  /** Folder with the wallet's files. */
  readonly files: string;
  /** File with nginx's list of content types. */
  readonly mimeTypes: string;
  /** File with nginx's \`resolver\`. */
  readonly resolver: string;
  /** Full host name and port of the PIR server. */
  readonly pirServer: string;
  readonly cdn: string;
  /** Largest request body, as nginx writes sizes. */
  readonly bodySize: string;
  /** Seconds for which an upstream may be silent. */
  readonly timeoutSeconds: number;
}

/**
 * Serves the wallet, and leads /api/ and /cdn/ to the Services.
 *
 * The Services' names are looked up when they are asked for, not when nginx starts: it starts without them, and follows one that gets another address.
 */
export const walletNginxOf = (options: WalletNginx): string => {
  const { listen, files, mimeTypes, resolver, pirServer, cdn, bodySize, timeoutSeconds } = options;
  const upstream = (prefix: string, host: string, methods: string): string => `    location /${prefix}/ {
${cors(methods).replace(/^/gm, "  ")}
      ${PREFLIGHT.replace(/\n/g, "\n  ")}
      proxy_hide_header Access-Control-Allow-Origin;
      proxy_hide_header Access-Control-Allow-Methods;
      proxy_hide_header Access-Control-Allow-Headers;
      proxy_hide_header Access-Control-Expose-Headers;
      proxy_hide_header Access-Control-Max-Age;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_buffering off;
      proxy_read_timeout ${timeoutSeconds}s;
      proxy_send_timeout ${timeoutSeconds}s;
      set $upstream ${host};
      rewrite ^/${prefix}(/.*)$ $1 break;
      proxy_pass http://$upstream;
    }`;
  return main(
    options,
    `  include ${mimeTypes};
  include ${resolver};
  gzip on;
  gzip_vary on;
  gzip_min_length 1024;
  gzip_types text/css application/javascript text/javascript application/json;
  client_max_body_size ${bodySize};
  server {
    listen ${listen};
    root ${files};
${upstream("api", pirServer, "GET, POST, OPTIONS")}
${upstream("cdn", cdn, "GET, HEAD, OPTIONS")}
    location / {
      add_header Cache-Control no-store always;
      try_files $uri $uri/ /index.html;
    }
  }`,
  );
};
