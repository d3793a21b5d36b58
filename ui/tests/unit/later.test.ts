import { expect, test, vi } from "vitest";
import { later, loadAhead } from "../../src/features/frame/later";

test("what a key opens is read at the first sign of somebody, once", () => {
  const [palette, keys] = [vi.spyOn(later, "palette"), vi.spyOn(later, "keys")];
  document.body.innerHTML = "<p>words</p>";
  const words = document.querySelector("p");
  words?.addEventListener("pointerover", loadAhead);
  expect(palette).not.toHaveBeenCalled();
  words?.dispatchEvent(new Event("pointerover"));
  words?.dispatchEvent(new Event("pointerover"));
  expect(palette).toHaveBeenCalledTimes(1);
  expect(keys).toHaveBeenCalledTimes(1);
});

test("a screen is read when the pointer comes to a link that leads there", () => {
  const wallet = vi.spyOn(later, "wallet");
  document.body.innerHTML = '<a href="#/wallet">Wallet</a><a href="#/hall">Hall</a>';
  for (const link of document.querySelectorAll("a")) {
    link.addEventListener("pointerover", loadAhead);
    link.dispatchEvent(new Event("pointerover"));
  }
  expect(wallet).toHaveBeenCalledTimes(1);
});
