import { describe, expect, test } from "vitest";
import { beyondRange, digitsOfSum, isAbove, leftMoney, money, moneyRange, neededMoney, parseMoney, priceMoney, roundMoney } from "../../src/format/money";
import { bytes, windowSize } from "../../src/format/numbers";
import { plainly } from "../../src/format/order";
import { looksSecret, shownTail } from "../../src/format/secrets";
import { age, ago, clock, dayAndTime, delay, exactTime, fullDay, isToday, left, logTime, shortDay, took, wholeMoment, withTimes } from "../../src/format/time";
import { m } from "../../src/messages";
import { locale } from "../../src/messages/locale";

describe("money", () => {
  test.each([
    [[6_060, 9_960], ["$0.006060", "$0.009960", "$0.016020"]],
    [[6_100, 9_900], ["$0.0061", "$0.0099", "$0.0160"]],
    [[1_200_000, 2_300_000], ["$1.20", "$2.30", "$3.50"]],
    [[1_204_000, 2_304_000], ["$1.2040", "$2.3040", "$3.5080"]],
    [[4_000, 2_300_000], ["$0.0040", "$2.3000", "$2.3040"]],
    [[12, 6_100], ["$0.000012", "$0.006100", "$0.006112"]],
    [[0, 0], ["$0", "$0", "$0"]],
  ])("%j add up as they are written below each other", (parts, shown) => {
    const sum = parts.reduce((all, part) => all + part, 0);
    const digits = digitsOfSum(parts, sum);
    expect([...parts, sum].map((micro) => money(micro, digits))).toEqual(shown);
  });

  test.each([
    [0, "$0"],
    [49_300, "$0.0493"],
    [1_421_165, "$1.42"],
    [1, "$0.000001"],
    [49, "$0.000049"],
    [999_999, "$1.0000"],
    [-13_860, "−$0.0139"],
    [1_234_500_000, "$1,234.50"],
  ])("%i micro-dollars read %s", (micro, shown) => expect(money(micro)).toBe(shown));

  test("every place is there when it is asked for", () => {
    expect(money(13_860, 6)).toBe("$0.013860");
    expect(money(0, 2)).toBe("$0.00");
    expect(money(9_007_199_254_740_991, 6)).toBe("$9,007,199,254.740991");
  });

  test("a round sum has no places", () => {
    expect(roundMoney(20_000_000)).toBe("$20");
    expect(roundMoney(1_500_000)).toBe("$1.50");
    expect(roundMoney(125_000)).toBe("$0.125");
  });

  test.each([[89_100, "$0.08"], [90_000, "$0.09"], [12_345_678, "$12.34"], [9_999, "$0.0099"], [99, "$0.000099"], [10_000, "$0.01"], [100, "$0.0001"], [4_200, "$0.0042"], [0, "$0.00"], [-15_000, "−$0.02"]])("of %i micro-dollars %s is left", (micro, told) => {
    expect(leftMoney(micro)).toBe(told);
  });

  test.each([
    [150_000, 0, "$0.15", "$0.00"],
    [4_200, 900, "$0.0042", "$0.0009"],
    [20, 12, "$0.000020", "$0.000012"],
    [204_200, 89_100, "$0.205", "$0.08"],
    [12_340_000, 12_336_000, "$12.34", "$12.33"],
    [9_901, 9_900, "$0.0100", "$0.0099"],
    [150_010, 150_000, "$0.151", "$0.15"],
  ])("of %i micro-dollars that are needed and %i that are left neither is told in its favour", (needed, left, ...told) => {
    expect([neededMoney(needed), leftMoney(left)]).toEqual(told);
  });

  test("a range names the dollar once", () => {
    expect(moneyRange(21_000, 34_000)).toBe("$0.021 – 0.034");
    expect(moneyRange(0, 0)).toBe("$0");
    expect(moneyRange(21_000, 21_100)).toBe("$0.021");
  });

  test.each([
    [136, 25_540, 65_900, "$0.0001", "$0.026 – 0.066", "−$0.0259"],
    [71_234, 25_540, 65_900, "$0.0712", "$0.026 – 0.066", "$0.0052"],
    [136, 2_504_999, 3_100_000, "$0.0001", "$2.50 – 3.10", "−$2.4999"],
    [25_499, 25_540, 65_900, "$0.0255", "$0.026 – 0.066", "−$0.0005"],
    [65_960, 25_540, 65_960, "$0.0660", "$0.026 – 0.066", "$0.00"],
    [40_000, 25_540, 65_900, "$0.0400", "$0.026 – 0.066", "$0.00"],
  ])("what lies beyond an estimate adds up with the figures beside it: %d of %d to %d", (sum, low, high, shown, range, beyond) => {
    expect([money(sum), moneyRange(low, high), priceMoney(beyondRange(sum, low, high))]).toEqual([shown, range, beyond]);
  });

  test.each([
    ["20", 20_000_000],
    ["$0.50", 500_000],
    ["7.5", 7_500_000],
    ["1,000", 1_000_000_000],
    ["$10,000", 10_000_000_000],
    ["1,000,000.50", 1_000_000_500_000],
    ["10,5", null],
    ["1,50", null],
    ["0,500", null],
    ["1,0000", null],
    ["1000,000", null],
    ["1,000,00", null],
    ["0.000001", 1],
    [".5", 500_000],
    ["$ .05", 50_000],
    ["5.", 5_000_000],
    [".", null],
    ["$.", null],
    ["", null],
    ["-3", null],
    ["1.0000001", null],
    ["1e3", null],
  ])("“%s” is read as %s", (typed, micro) => expect(parseMoney(typed)).toBe(micro));

  test.each([
    ["99999999999999999999", true],
    ["$1,000,000,000,000", true],
    ["1,000,000.01", true],
    ["1000000", false],
    [".5", false],
    ["", false],
    ["much", false],
    ["99999999,9", false],
  ])("“%s” is more than a million: %s", (typed, above) => expect(isAbove(typed, 1_000_000_000_000)).toBe(above));

  test("what is written is read back, for 2,000 sums", () => {
    for (let step = 0; step < 2_000; step += 1) {
      const micro = (step * 7_919_113) % 900_000_000;
      expect(parseMoney(money(micro, 6)), `${micro}`).toBe(micro);
    }
  });
});

test("clocks, spans and ages", () => {
  expect(clock(44_900)).toBe("0:44");
  expect(clock(3_720_000)).toBe("1:02:00");
  expect(took(412)).toBe("412 ms");
  expect(took(51_149)).toBe("51.1 s");
  expect(took(125_000)).toBe("2 min 5 s");
  expect([0, 912, 9_949, 9_950, 41_000, 999_499, 999_500, 1_340_000].map(delay)).toEqual(["0.0 ms", "0.9 ms", "9.9 ms", "10 ms", "41 ms", "999 ms", "1.00 s", "1.34 s"]);
  const noon = new Date("2026-11-20T12:00:00Z");
  expect(age(new Date("2026-11-20T11:59:49Z"), noon)).toBe("11 s");
  expect(age(new Date("2026-11-20T09:00:00Z"), noon)).toBe("3 h");
  const words = (told: string) => `${told} ago`;
  expect([ago(new Date("2026-11-20T09:00:00Z"), noon, words), ago(new Date("2026-11-18T09:00:00Z"), noon, words)]).toEqual(["3 h ago", "18 Nov"]);
  expect(age(new Date("2026-11-06T09:00:00Z"), noon)).toBe("6 Nov");
});

test("sizes on the disk by thousands, with a decimal where one figure alone would say little", () => {
  const sizes = [0, 1, 999, 1_000, 9_950, 98_304, 999_999, 1_204_224, 5_000_000_000_000_000];
  expect(sizes.map(bytes)).toEqual(["0 bytes", "1 byte", "999 bytes", "1 kB", "10 kB", "98 kB", "1,000 kB", "1.2 MB", "5,000 TB"]);
});

test("context windows as model cards write them", () => {
  expect([128_000, 200_000, 1_000_000, 1_050_000, 512].map(windowSize)).toEqual(["128 k", "200 k", "1 M", "1.1 M", "512"]);
});

test("a sentence has its times as they are read here, and nothing else of it changes", () => {
  const at = "2026-11-20T08:04:21.123Z";
  expect(withTimes(`loom runs since ${at}. Stop it.`)).toBe(`loom runs since ${dayAndTime(new Date(at))}. Stop it.`);
  expect(withTimes("On 2026-11-20 nothing ran.")).toBe("On 2026-11-20 nothing ran.");
});

describe("a secret", () => {
  const rest = "a1b2c3d4e5f6g7h8";
  test.each(["hst_a_", "hst_t_", "hst_o_", "mmo_live_", "sk-", "sk-ant-", "ghp_", "github_pat_", "xoxb-", "AIza", "AKIA"])("that begins with %s is seen", (prefix) => expect(looksSecret(`claude --key ${prefix}${rest} -p x`)).toBe(true));
  test.each(["claude -p 'You are loom.'", "ask-for-the-manifests-please", "hst_a_…", "task-force-hamburg-depot"])("is not “%s”", (text) => expect(looksSecret(text)).toBe(false));
});

test("today is from its first minute to its last, and no other month's day of that number", () => {
  const noon = new Date(2026, 10, 20, 12);
  const moments = [new Date(2026, 10, 20), new Date(2026, 10, 20, 23, 59, 59), new Date(2026, 10, 19, 23, 59), new Date(2026, 10, 21), new Date(2026, 9, 20, 12), new Date(2025, 10, 20, 12)];
  expect(moments.map((at) => isToday(at, noon))).toEqual([true, true, false, false, false, false]);
});

test("days, months and clocks are those of the calendar, on every day of two years and past midnight", () => {
  const parts = (at: Date, asked: Intl.DateTimeFormatOptions) => Object.fromEntries(new Intl.DateTimeFormat(locale, asked).formatToParts(at).map(({ type, value }) => [type, value]));
  for (let day = 0; day < 731; day += 1) {
    // Some nineteen minutes later each day, so that every hour has its turn.
    const at = new Date(2027, 11, 31 + day, 0, day * 19, day % 60, (day * 7) % 1_000);
    const { weekday, day: date, month, hour, minute, second } = parts(at, { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
    const short = parts(at, { month: "short" }).month;
    expect(wholeMoment(at)).toBe(`${weekday} ${date} ${month}, ${hour}:${minute}`);
    expect(exactTime(at)).toBe(`${hour}:${minute}:${second}`);
    expect(logTime(at)).toBe(`${hour}:${minute}:${second}.${String(at.getMilliseconds()).padStart(3, "0")}`);
    expect(shortDay(at)).toBe(`${date} ${short}`);
    expect(dayAndTime(at)).toBe(`${date} ${short} ${hour}:${minute}`);
  }
});

test("of a key of a few characters no end is shown, nor dots in its place", () => {
  expect(shownTail("w4Kp")).toBe("…w4Kp");
  expect(shownTail("…")).toBe("");
  expect([m.convene.keyTail("w4Kp"), m.convene.keyTail("…")]).toEqual(["key …w4Kp", "key"]);
  expect(m.settings.providers.addressKeyHint("…")).toMatch(/, its key is sent to/);
});

test("a date without a time is the same day everywhere, and what is none stays as it is", () => {
  expect(fullDay("2026-03-01")).toBe("1 March 2026");
  expect(fullDay("2028-02-29")).toBe("29 February 2028");
  expect(fullDay("soon")).toBe("soon");
});

test("moments and ids stand in the order of their characters", () => {
  const moments = ["2026-11-24T09:00:00.5Z", "2026-11-03T23:00:00Z", "2025-12-31T10:00:00Z", "2026-11-24T09:00:00.25Z"];
  expect([...moments].sort(plainly)).toEqual(["2025-12-31T10:00:00Z", "2026-11-03T23:00:00Z", "2026-11-24T09:00:00.25Z", "2026-11-24T09:00:00.5Z"]);
  expect([...moments].sort((a, b) => plainly(b, a))).toEqual([...moments].sort(plainly).reverse());
  expect(plainly("a", "a")).toBe(0);
});

test.each([
  ["11:00:30", "60 min"],
  ["11:00:00", "60 min"],
  ["10:41:59", "41 min"],
  ["10:00:20", "1 min"],
  ["13:00:40", "3 h"],
  ["12:59:30", "3 h"],
])("what was given within a minute is no minute longer: until %s", (until, told) => {
  expect(left(new Date("2026-11-20T10:00:00Z"), new Date(`2026-11-20T${until}Z`))).toBe(told);
});
