import { afterEach, expect, test } from "vitest";

import { monthFrom, monthUntil } from "../../src/features/wallet/month";

const zone = process.env["TZ"];

afterEach(() => {
  if (zone === undefined) delete process.env["TZ"];
  else process.env["TZ"] = zone;
});

test.each([
  ["UTC", 0],
  ["America/Phoenix", 7],
  ["Etc/GMT+12", 12],
  ["Asia/Tokyo", -9],
  ["Pacific/Kiritimati", -14],
])("the wallet's month bears one name in %s as in UTC", (there, hours) => {
  process.env["TZ"] = there;
  expect(new Date("2026-11-01T00:00:00Z").getTimezoneOffset(), "this test is there").toBe(hours * 60);
  expect([monthFrom("2026-11-01T00:00:00Z"), monthUntil("2026-12-01T00:00:00Z")]).toEqual(["November", "November"]);
  expect([monthFrom("2027-02-01T00:00:00Z"), monthUntil("2027-03-01T00:00:00Z")]).toEqual(["February", "February"]);
  expect([monthFrom("2026-12-01T00:00:00Z"), monthUntil("2027-01-01T00:00:00Z")]).toEqual(["December", "December"]);
});
