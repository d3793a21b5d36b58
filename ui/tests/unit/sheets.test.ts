import { render } from "@testing-library/svelte";
import { createRawSnippet } from "svelte";
import { expect, test, vi } from "vitest";
import SheetDialog from "../../src/components/SheetDialog.svelte";

const field = (name: string) => createRawSnippet(() => ({ render: () => `<div><a href="#help">Help</a><input data-autofocus aria-label="${name}" /></div>` }));
const focused = () => document.activeElement?.getAttribute("aria-label");

test("a sheet over another takes the keyboard to its own field", async () => {
  render(SheetDialog, { open: true, title: "Add a provider", children: field("Key"), onclose: () => undefined });
  await vi.waitFor(() => expect(focused()).toBe("Key"));
  render(SheetDialog, { open: true, title: "Where keys are kept", children: field("Passphrase"), onclose: () => undefined });
  await vi.waitFor(() => expect(focused()).toBe("Passphrase"));
});
