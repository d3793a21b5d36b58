// The conformance suite sends no key. This stands before the server and adds one to every request.

import { createServer, request, type IncomingHttpHeaders, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

export class Keyed {
  private constructor(private readonly server: Server) {}

  /** Before the listener at `origin`, with this key. */
  static async before(origin: string, key: string): Promise<Keyed> {
    const server = createServer((asked, answer) => {
      const headers = throughTheDoor(asked.headers, new URL(origin).host, address(server));
      const onward = request(`${origin}${asked.url ?? "/"}`, { method: asked.method, headers: { ...headers, authorization: `Bearer ${key}` } });
      onward.on("response", (came) => {
        answer.writeHead(came.statusCode ?? 502, came.headers);
        answer.flushHeaders();
        came.pipe(answer);
      });
      onward.on("error", () => answer.destroy());
      answer.on("close", () => onward.destroy());
      asked.pipe(onward);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new Keyed(server);
  }

  get origin(): string {
    return `http://${address(this.server)}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

function address(server: Server): string {
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Where this address is named the server's is put; a foreign name goes through, to be refused. */
function throughTheDoor(headers: IncomingHttpHeaders, theirs: string, ours: string): IncomingHttpHeaders {
  const port = (of: string): string => of.slice(of.indexOf(":") + 1);
  const renamed = (name?: string): string | undefined => name?.replace(new RegExp(`(127\\.0\\.0\\.1|localhost):${port(ours)}$`), theirs);
  return { ...headers, host: renamed(headers.host), ...(headers.origin && { origin: renamed(headers.origin) }) };
}
