/** A whole tag such as `[confidence: 0.7]`, with the space before it; a value outside 0 to 1 makes it prose. */
const TAG = /[ \t]*\[\s*confidence\s*[:=]\s*(?:0?\.\d{1,6}|0(?:\.\d{0,6})?|1(?:\.0{0,6})?|(?:100|\d{1,2})\s*%)\s*\]/gi;
/** The beginning of what may become one. */
const BEGUN = /[ \t]*\[\s*(?:c|co|con|conf|confi|confid|confide|confiden|confidenc|confidence\s*(?:[:=][\s\d.%]*)?)?$/i;

/** Words as they will be served: what a seat says of its own confidence is a figure, not prose (spec 4.1). */
export function untagged(arriving: string): string {
  return arriving.includes("[") ? arriving.replace(TAG, "").replace(BEGUN, "") : arriving;
}
