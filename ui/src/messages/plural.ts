import { count } from "../format/numbers";

/** So many of something, such as `1 reply` and `12 replies`. */
export const plural = (n: number, one: string, many: string) => `${count(n)} ${n === 1 ? one : many}`;
