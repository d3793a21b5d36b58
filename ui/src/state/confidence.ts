/** A whole tag such as `[confidence: 0.7]`, with the space before it; a value outside 0 to 1 makes it prose. */
const TAG = /[ \t]{0,8}\[\s{0,8}confidence\s{0,8}[:=]\s{0,8}(?:0?\.\d{1,6}|0(?:\.\d{0,6})?|1(?:\.0{0,6})?|(?:100|\d{1,2})\s?%)\s{0,8}\]/gi;
/** The beginning of what may become one. */
const BEGUN = /[ \t]{0,8}\[\s{0,8}(?:c|co|con|conf|confi|confid|confide|confiden|confidenc|confidence\s{0,8}(?:[:=][\s\d.%]{0,16})?)?$/i;
/** Characters of the longest beginning. */
const LONGEST = 64;

/** Words as they will be served: what a seat says of its own confidence is a figure, not prose. */
export function untagged(arriving: string): string {
  if (!arriving.includes("[")) return arriving;
  const words = arriving.replace(TAG, "");
  return words.slice(0, -LONGEST) + words.slice(-LONGEST).replace(BEGUN, "");
}
