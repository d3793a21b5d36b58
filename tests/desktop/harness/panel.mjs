// A panel of three priced seats on two wires, their providers and prices set as a person would.

import { CAREFUL, startFake } from "./fakes.mjs";

/** Keys nobody else uses, so that they can be searched for. */
export const KEYS = { openai: "sk-fake-7f3c91d2e8b64a05", anthropic: "sk-ant-fake-52ab19c7d0e34f68" };

/** Micro-dollars for a million tokens. */
const PRICE = { input: 3_000_000, output: 15_000_000, cache_read: null, cache_write: null };

/** @typedef {import("./fakes.mjs").Fake} Fake */
/** @typedef {{ openai: Fake, anthropic: Fake, stop: () => Promise<void> }} Panel */

/** Starts the two providers. @returns {Promise<Panel>} */
export async function startPanel() {
  const [openai, anthropic] = await Promise.all([
    startFake("openai", { auth: { key: KEYS.openai }, otherwise: CAREFUL }),
    startFake("anthropic", { auth: { key: KEYS.anthropic }, otherwise: CAREFUL }),
  ]);
  return {
    openai,
    anthropic,
    async stop() {
      await Promise.all([openai.stop(), anthropic.stop()]);
    },
  };
}

/**
 * Adds providers, models and prices, and makes the three the default panel.
 * @param {import("./window.mjs").Window} window
 * @param {Panel} panel
 */
export async function seat(window, panel) {
  const providers = /** @type {const} */ ([
    ["alder", "openai-compatible", panel.openai.baseUrl, KEYS.openai, ["atlas", "birch"]],
    ["cedar-lab", "anthropic", panel.anthropic.baseUrl, KEYS.anthropic, ["cedar"]],
  ]);
  for (const [name, kind, base_url, key, models] of providers) {
    await window.rpc("add_provider", { name, kind, base_url, key, add_known_models: false });
    for (const model of models) {
      await window.rpc("add_model", { provider: name, provider_model: model, id: model });
      await window.rpc("set_price", { id: model, price: PRICE });
    }
  }
  await window.rpc("set_default_panel", { buckets: [["atlas"], ["birch"], ["cedar"]] });
}
