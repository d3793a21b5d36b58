/** The one locale of dates and numbers; texts stand beside it in this folder. */
export const locale = "en-GB";
