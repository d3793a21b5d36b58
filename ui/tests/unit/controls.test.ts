import { afterEach, describe, expect, test } from "vitest";
import { controlsOn } from "../../src/keys/controls";

function screenOf(html: string): HTMLElement {
  document.body.innerHTML = `<main id="screen">${html}</main>`;
  return document.getElementById("screen")!;
}

const found = (html: string) => controlsOn(screenOf(html)).map(({ name, of }) => (of ? `${name} | ${of}` : name));

afterEach(() => {
  document.body.innerHTML = "";
});

describe("what can be pressed on a screen", () => {
  test("is named as it is read out, without what is drawn for the eye", () => {
    expect(found(`<button>Test <span aria-hidden="true">Ctrl T</span></button><button aria-label="Close">×</button>`)).toEqual(["Test", "Close"]);
    expect(found(`<p id="n">Own names</p><button role="switch" aria-labelledby="n"></button>`)).toEqual(["Own names"]);
    expect(found(`<label><input type="checkbox"> Only <b>requests</b></label>`)).toEqual(["Only requests"]);
  });
  test("says whose it is: its row's, or its section's", () => {
    expect(found(`<table><tr><th scope="row">Mistral <i>mistral</i></th><td><button>Test</button></td></tr></table>`)).toEqual(["Test | Mistral mistral"]);
    expect(found(`<section aria-labelledby="h"><h2 id="h">Ledger</h2><button>Check now</button></section>`)).toEqual(["Check now | Ledger"]);
  });
  test("leaves out what does nothing now, and what is found otherwise", () => {
    expect(found(`<button disabled>A</button><button aria-disabled="true">B</button><div aria-hidden="true"><button>C</button></div><div inert><button>D</button></div>`)).toEqual([]);
    expect(found(`<button aria-haspopup="menu">More</button><button class="said">A claim</button><button><q class="said">Words</q></button><h1><button>A title</button></h1>`)).toEqual([]);
    expect(found(`<button></button>`)).toEqual([]);
  });
  test("is pressed, and has the focus then", () => {
    const [control] = controlsOn(screenOf(`<button onclick="this.dataset.pressed = 'yes'">Do it</button>`));
    control?.press();
    const button = document.querySelector("button")!;
    expect([button.dataset.pressed, document.activeElement]).toEqual(["yes", button]);
  });
});
