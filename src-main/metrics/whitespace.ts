/** What Python's str.split and \s take for white space, as a character class; JavaScript's \s differs in a few. */
export const pythonWhitespace =
  '[\\t-\\r\\u001c-\\u001f \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
