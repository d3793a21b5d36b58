// Makes a browser's picture smaller without changing a pixel: no alpha, no row filters, the best deflate.
// PNG (Portable Network Graphics) Specification, Third Edition: 9 Filtering, 11.2 Critical chunks.

import { crc32, deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
const RGB = 2;
const RGBA = 6;

/** The same picture, smaller; pictures of another kind than a browser takes are given back as they are. */
export function smaller(png: Buffer): Buffer {
  const chunks = chunksOf(png);
  const head = chunks.find(({ type }) => type === "IHDR")?.data;
  if (!head || head[8] !== 8 || head[12] !== 0) return png;
  const channels = { [RGB]: 3, [RGBA]: 4 }[head[9] ?? 0];
  if (!channels) return png;
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)];
  const body = Buffer.concat(chunks.filter(({ type }) => type === "IDAT").map(({ data }) => data));
  const rows = unfiltered(inflateSync(body), width * channels, height, channels);
  const opaque = Buffer.alloc(height * (width * 3 + 1));
  for (let y = 0, to = 0; y < height; y += 1) {
    to += 1; // filter 0
    for (let x = 0; x < width; x += 1, to += 3) rows.copy(opaque, to, (y * width + x) * channels, (y * width + x) * channels + 3);
  }
  const plain = Buffer.from(head);
  plain[9] = RGB;
  return Buffer.concat([SIGNATURE, chunk("IHDR", plain), chunk("IDAT", deflateSync(opaque, { level: 9, memLevel: 9 })), chunk("IEND", Buffer.alloc(0))]);
}

function chunksOf(png: Buffer): { type: string; data: Buffer }[] {
  const found = [];
  for (let at = SIGNATURE.length; at < png.length; ) {
    const size = png.readUInt32BE(at);
    found.push({ type: png.toString("latin1", at + 4, at + 8), data: png.subarray(at + 8, at + 8 + size) });
    at += size + 12;
  }
  return found;
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(named) >>> 0, 4);
  return Buffer.concat([frame.subarray(0, 4), named, frame.subarray(4)]);
}

/** Takes the row filters off. */
function unfiltered(raw: Buffer, stride: number, height: number, channels: number): Buffer {
  const out = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (stride + 1)] ?? 0;
    for (let x = 0; x < stride; x += 1) {
      const at = y * stride + x;
      const left = x >= channels ? (out[at - channels] ?? 0) : 0;
      const up = y > 0 ? (out[at - stride] ?? 0) : 0;
      const corner = y > 0 && x >= channels ? (out[at - stride - channels] ?? 0) : 0;
      out[at] = (raw[y * (stride + 1) + 1 + x] ?? 0) + predicted(filter, left, up, corner);
    }
  }
  return out;
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  if (filter === 4) return paeth(left, up, corner);
  return 0;
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}
