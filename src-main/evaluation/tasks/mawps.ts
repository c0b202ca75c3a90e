/** AddSub, MultiArith and SingleEq are parts of MAWPS (Koncel-Kedziorski et al. 2016). */
export const partOfMawps =
  'The questions are part of MAWPS, which math_10k.json of LLM-Adapters holds: a model trained on that file has seen them.';
