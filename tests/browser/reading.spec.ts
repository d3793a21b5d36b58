// The order in which a screen reader meets each main screen: landmarks, headings, tables, live regions.

import { test } from "./gallery/house.ts";
import { reach } from "./gallery/walk.ts";
import { faults, stops } from "./harness/reading.ts";
import { expect } from "./harness/test.ts";
import type { Screen } from "./gallery/screens.ts";

/** What stands around every screen. */
const BEFORE = ["navigation “Places”", "list “Open”", "main"];
/** The line that offers an undo, and the bar at the foot. */
const AFTER = ["status", "contentinfo “Status”"];

const SEATS = ["Rowan 2", "Alder mini", "Larch 4"];
const QUESTION = "Should we use Postgres or MongoDB for an event store?";

const SCREENS: Partial<Record<Screen, string[]>> = {
  "hall": [
    "heading 1 “Hall”",
    "region “Needs you”", "heading 2 “Needs you”",
    "region “Running”", "heading 2 “Running”",
    "region “Lately”", "heading 2 “Lately”",
    "region “Here 4 of 5”", "heading 2 “Here 4 of 5”",
    "complementary “Today”", "heading 2 “Today”", "heading 3 “November so far”",
  ],
  "agents": ["heading 1 “Agents”", "radiogroup “How agents are shown”", "table “Agents”"],
  "agent-overview": [
    "heading 1 “loom”", "tablist “Views of the agent”", "tabpanel “Overview”",
    "region “Charter”", "heading 2 “Charter”",
    "region “Token”", "heading 2 “Token”",
    "region “Wiring”", "heading 2 “Wiring”",
    "region “Squads”", "heading 2 “Squads”",
    "region “Scopes”", "heading 2 “Scopes”",
    "region “Denied”", "heading 2 “Denied”",
    "region “Audit”", "heading 2 “Audit”",
  ],
  "new": [
    "heading 1 “New deliberation”", "radiogroup “Start from”",
    "region “Reference”", "heading 2 “Reference”", "list “Reference”",
    "region “Seats”", "heading 2 “Seats”", "radiogroup “Which seats”",
    "complementary “Panel”", "heading 2 “Panel”", "list “Panel”",
  ],
  "session-claims": [
    `heading 1 “${QUESTION}”`, "tablist “Views of the session”", "radiogroup “Which round”", "tabpanel “Claims 10”",
    "region “Claims”", "group “The result in one line”", "grid “Claims”", "status",
    "complementary “Steering tray”", "heading 2 “Round 3”", "group “Estimate”", "status",
  ],
  "session-live": [
    `heading 1 “${QUESTION}”`, "tablist “Views of the session”", "radiogroup “Which round”", "tabpanel “Live”",
    "region “Live”", "group “The result in one line”", "list “Phases of the round”",
    ...SEATS.flatMap((seat) => [`article “${seat}’s answer”`, `heading 2 “${seat}”`, `region “${seat}’s answer”`, `region “Reacts: ${seat}”`, "heading 3 “Reacts”"]),
    "status",
  ],
  "wallet": [
    "heading 1 “Wallet”", "status",
    "region “Monthly spending limit”", "heading 2 “Monthly spending limit”",
    "region “November”", "heading 2 “November”",
    "region “Spent by”", "heading 3 “Model”", "heading 3 “Purpose”", "heading 3 “Session”",
    "region “Ledger”", "heading 2 “Ledger”", "status", "table “Ledger”",
  ],
};

test.use({ houseName: "filled", trace: "off" });

test("every main screen is met in its order, and nothing on it is without a name", async ({ page, house }) => {
  test.setTimeout(180_000);
  for (const [screen, order] of Object.entries(SCREENS) as [Screen, string[]][]) {
    await reach(page, house, screen);
    // What a screen reads of its own may come after it stands.
    await expect.poll(async () => (await stops(page)).map(month), { message: screen }).toEqual([...BEFORE, ...order, ...AFTER]);
    expect(await faults(page), screen).toEqual([]);
  }

  await test.step("the bus, and a message beside it", async () => {
    await reach(page, house, "bus-message");
    const met = await stops(page);
    for (const stop of ["heading 1 “Bus”", "tablist “Queues”", "search", "region “When messages were sent”", "list “Messages”", "region “Write as the operator”"]) expect(met, "the bus").toContain(stop);
    inOrder(met, ["heading 1 “Bus”", "tablist “Queues”", "search", "region “When messages were sent”", "list “Messages”", "region “Write as the operator”", "complementary “Message from porter to loom”", "list “What became of it”"]);
    expect(await faults(page), "the bus").toEqual([]);
  });

  await test.step("the settings, whose sections are its headings", async () => {
    await reach(page, house, "settings-providers");
    const met = await stops(page);
    inOrder(met, ["heading 1 “Settings”", "search", "navigation “Sections”", "region “Providers and keys”", "heading 2 “Providers and keys”", "region “Models and prices”", "heading 2 “Models and prices”"]);
    expect(await faults(page), "the settings").toEqual([]);
  });

  await test.step("rows and columns of a table are told with it", async () => {
    await reach(page, house, "agents");
    await expect(page.getByRole("table", { name: "Agents" })).toMatchAriaSnapshot(`
      - table "Agents":
        - rowgroup:
          - row:
            - columnheader "Agent"
            - columnheader "State"
            - columnheader "Unread"
    `);
  });
});

/** The month of the day on which this runs stands where November did. */
function month(stop: string): string {
  const name = new Intl.DateTimeFormat("en-US", { month: "long", timeZone: "UTC" }).format(new Date());
  return stop.replace(`“${name}`, "“November");
}

function inOrder(met: string[], wanted: string[]): void {
  expect(met.filter((stop) => wanted.includes(stop)), "in this order").toEqual(wanted);
}
