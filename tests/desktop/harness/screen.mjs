// What the display itself shows, where the driver shows nothing any more.

import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** A picture of a larger display than any here. */
const MOST = 64 * 1024 * 1024;
/** A channel of a pixel that differs by more is seen to: edges of letters are smoothed anew with each drawing. */
const SEEN = 77;

/**
 * The display's pixels, each of four bytes, as the X window dump's format has them behind its header and colours.
 * @returns {Promise<Buffer>}
 */
export async function screen() {
  const { stdout } = await promisify(execFile)("xwd", ["-root", "-silent"], { encoding: "buffer", maxBuffer: MOST });
  const [header, colours] = [stdout.readUInt32BE(0), stdout.readUInt32BE(19 * 4)];
  return stdout.subarray(header + colours * 12);
}

/**
 * In how many pixels two pictures of one display are seen to differ.
 * @param {Buffer} one
 * @param {Buffer} other
 */
export function differing(one, other) {
  let count = 0;
  for (let pixel = 0; pixel < one.length; pixel += 4) {
    const isSeen = [0, 1, 2].some((channel) => Math.abs((one[pixel + channel] ?? 0) - (other[pixel + channel] ?? 0)) > SEEN);
    if (isSeen) count += 1;
  }
  return count;
}
