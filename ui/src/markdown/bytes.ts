/**
 * Positions of a served text in its three counts: bytes (what the wire speaks), UTF-16 units (what strings
 * speak), and units after line ends became `\n` (what the Markdown lexer speaks).
 */
export class SourceMap {
  /** The text the lexer sees. */
  readonly text: string;
  #counted: Uint32Array | undefined;

  constructor(readonly source: string) {
    this.text = source.replace(/\r\n|\r/g, "\n");
  }

  // Byte offset of each unit of `text`, and one more for its end. Counted when first asked for: a text that
  // streams in is drawn sixty times a second and nobody asks.
  get #bytes(): Uint32Array {
    return (this.#counted ??= byteOffsets(this.source, this.text.length));
  }

  /** The byte at which a unit of `text` begins. */
  byteAt(unit: number): number {
    return this.#bytes[Math.min(unit, this.text.length)] ?? 0;
  }

  /** The first unit of `text` that begins at or after a byte. */
  unitAt(byte: number): number {
    let [low, high] = [0, this.text.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#bytes[middle] ?? 0) < byte) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The served characters between two bytes. */
  slice(start: number, end: number): string {
    return this.text.slice(this.unitAt(start), this.unitAt(end));
  }
}

function byteOffsets(source: string, length: number): Uint32Array {
  const offsets = new Uint32Array(length + 1);
  let [unit, byte] = [0, 0];
  for (let index = 0; index < source.length; index += 1) {
    offsets[unit] = byte;
    unit += 1;
    const code = source.charCodeAt(index);
    if (code === 0x0d && source.charCodeAt(index + 1) === 0x0a) {
      index += 1;
      byte += 2;
    } else if (isPair(source, index, code)) {
      // Both halves stand at the character's first byte, so that no mark can split it.
      offsets[unit] = byte;
      unit += 1;
      index += 1;
      byte += 4;
    } else {
      byte += code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
    }
  }
  offsets[length] = byte;
  return offsets;
}

function isPair(source: string, index: number, code: number): boolean {
  if (code < 0xd800 || code > 0xdbff) return false;
  const next = source.charCodeAt(index + 1);
  return next >= 0xdc00 && next <= 0xdfff;
}
