// An agent that speaks through the official client library, in whichever protocol version it is told to.

import { expect } from "@playwright/test";
import { Client, StreamableHTTPClientTransport, type CallToolResult, type ProgressCallback } from "@modelcontextprotocol/client";

/** The two that are most met in the field, and the newest that the library knows. */
export const VERSIONS = ["2025-06-18", "2025-11-25", "2026-07-28"] as const;
export type Version = (typeof VERSIONS)[number];

/** What a project of the configuration sets. */
export interface Settings {
  version: Version;
}

/** A JSON object whose members a test looks at. */
export type Body = Record<string, any>;

/** A tool's error as an agent reads it. */
export interface Refusal {
  code: string;
  sentence: string;
  body: Body;
}

const PATIENCE = 90;

export class Agent {
  private constructor(readonly client: Client) {}

  /** Opens with this key, or without one. */
  static async open(url: string, key: string | null, version: Version): Promise<Agent> {
    const client = new Client({ name: "husting-tests", version: "1" }, negotiating(version));
    const requestInit = key === null ? {} : { headers: { authorization: `Bearer ${key}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
    return new Agent(client);
  }

  async close(): Promise<void> {
    await this.client.close();
  }

  /** A tool's result, whatever it is. */
  async result(name: string, args: Body = {}, onprogress?: ProgressCallback): Promise<CallToolResult> {
    const timeout = (PATIENCE + 20) * 1000;
    return this.client.callTool({ name, arguments: args }, { timeout, ...(onprogress && { onprogress }) });
  }

  /** What a tool returns, as structured content. */
  async call(name: string, args: Body = {}, onprogress?: ProgressCallback): Promise<Body> {
    const result = await this.result(name, args, onprogress);
    expect(result.isError, textOf(result)).toBeFalsy();
    return result.structuredContent as Body;
  }

  /** The error that a tool must return: code and sentence in the first line, the body as JSON in the second and as
   * structured content. */
  async refused(name: string, args: Body = {}): Promise<Refusal> {
    const result = await this.result(name, args);
    expect(result.isError, `${name} took ${JSON.stringify(args)}`).toBe(true);
    const [first = "", second = "", ...more] = textOf(result).split("\n");
    expect(more).toEqual([]);
    const [, code = "", sentence = ""] = /^([a-z_]+): (.+)$/.exec(first) ?? [];
    const body = JSON.parse(second) as Body;
    expect(result.structuredContent).toEqual(body);
    return { code, sentence, body };
  }

  /** A new deliberation's ack. */
  async ask(prompt: string, more: Body = {}): Promise<Body> {
    return this.call("create_deliberation", { prompt, ...more });
  }

  /** The state of an acknowledged round once it is terminal. */
  async wait({ session_id, round_id }: Body): Promise<Body> {
    return this.call("wait_for_round", { session_id, round_id, timeout_seconds: PATIENCE });
  }

  /** The whole session. */
  async read({ session_id }: Body): Promise<Body> {
    return this.call("get_session", { session_id });
  }

  /** A deliberation of one finished round. */
  async finished(prompt: string, more: Body = {}): Promise<{ ack: Body; session: Body }> {
    const ack = await this.ask(prompt, more);
    await this.wait(ack);
    return { ack, session: await this.read(ack) };
  }
}

export function textOf(result: CallToolResult): string {
  expect(result.content).toHaveLength(1);
  const [content] = result.content;
  return content?.type === "text" ? content.text : "";
}

/** Options of a client that speaks this version alone. */
export function negotiating(version: string): ConstructorParameters<typeof Client>[1] {
  return version === "2026-07-28" ? { versionNegotiation: { mode: { pin: version } } } : { supportedProtocolVersions: [version] };
}
