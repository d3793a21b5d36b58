// What a client of the bus reads, with the token where Husting takes it.

import { expect, test } from "vitest";

import { sseJson } from "../../src/features/agents/wiring";

test("a legacy client brings its token in the address, or in the header where none is taken there", () => {
  const server = (url: string) => (JSON.parse(sseJson(url, "hst_a_x")) as { mcpServers: { sos: object } }).mcpServers.sos;
  expect(server("http://127.0.0.1:6070/sse/<your-token>")).toEqual({ type: "sse", url: "http://127.0.0.1:6070/sse/hst_a_x" });
  expect(server("https://husting.example.org/sse")).toEqual({
    type: "sse",
    url: "https://husting.example.org/sse",
    headers: { Authorization: "Bearer hst_a_x" },
  });
});
