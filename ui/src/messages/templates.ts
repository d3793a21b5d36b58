/** A way to begin: a question with its gaps and what suits it. */
export interface Template {
  id: string;
  label: string;
  question: string;
}

/** Questions to begin with, of the kinds that gain most by being put to several; the first is none. */
export const templates: Template[] = [
  { id: "blank", label: "Blank", question: "" },
  {
    id: "decision",
    label: "Contested decision",
    question:
      "We must choose between … and …\n\nWhat we know: …\nWhat it would cost to be wrong: …\n\nPick one. Name the single measurement that would change your mind.",
  },
  {
    id: "design-review",
    label: "Design review",
    question:
      "Review the attached design. It must hold under …\n\nFor each weakness say where in the document it stands, what breaks first, and the smallest change that mends it. Say what you would keep as it is.",
  },
  {
    id: "widen",
    label: "Widen the options",
    question:
      "We are about to … because …\n\nName options we have not considered, each with the strongest case for it and the first thing to try. Leave out what only differs in wording.",
  },
  {
    id: "red-team",
    label: "Red team",
    question:
      "Here is our plan: …\n\nAssume that it failed a year from now. Say how, in order of likelihood, what the first sign was, and what we could have done by then. Attack the strongest part too.",
  },
];
