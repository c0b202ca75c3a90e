/**
 * Which regular expressions of a tokenizer.json may take forever on some text. JavaScript's engine tries all ways of
 * matching: where repetitions lie inside one another, or several follow one another, there are too many of them.
 */
import { isJsonObject } from '../jsonFile.ts';

/** Repetitions without bound in one branch; those of tokenizers in use have at most two. */
const repetitionsInBranch = 2;
/** How far a tokenizer's steps are nested. */
const deepest = 32;

/** Whether any expression of a tokenizer needs its time to be watched. */
export function hasRiskyExpression(part: unknown, depth = 0): boolean {
  if (depth > deepest) return true;
  if (Array.isArray(part)) return part.some((item) => hasRiskyExpression(item, depth + 1));
  if (!isJsonObject(part)) return false;
  const expression = part['Regex'];
  if (typeof expression === 'string' && isRisky(expression)) return true;
  return Object.values(part).some((item) => typeof item === 'object' && hasRiskyExpression(item, depth + 1));
}

interface Group {
  /** Repetitions without bound in the branch being read, and whether there is another branch or repetition inside. */
  repetitions: number;
  branches: boolean;
  varies: boolean;
}

/** Errs on the side of risk: an expression that is not understood is one. */
export function isRisky(expression: string): boolean {
  const open: Group[] = [];
  let group: Group = { repetitions: 0, branches: false, varies: false };
  let closed: Group | undefined;
  for (let at = 0; at < expression.length; at++) {
    const character = expression[at];
    const ended = closed;
    closed = undefined;
    if (character === '\\') {
      // What was matched before is matched again.
      if (/[1-9k]/.test(expression[at + 1] ?? '')) return true;
      at += 1;
    } else if (character === '[') at = endOfClass(expression, at);
    else if (character === '(') {
      open.push(group);
      group = { repetitions: 0, branches: false, varies: false };
    } else if (character === ')') {
      const outer = open.pop();
      if (outer === undefined) return true;
      outer.repetitions += group.repetitions;
      outer.varies ||= group.varies || group.branches;
      closed = group;
      group = outer;
    } else if (character === '|') {
      group.branches = true;
      group.repetitions = 0;
    } else {
      const repeated = repetition(expression, at);
      if (repeated === undefined) continue;
      group.varies = true;
      if (!repeated.bounded) {
        if (ended !== undefined && (ended.branches || ended.varies)) return true;
        group.repetitions += 1;
        if (group.repetitions > repetitionsInBranch) return true;
      }
      at = repeated.end;
    }
  }
  return open.length > 0;
}

/** Position of the bracket that closes a class. */
function endOfClass(expression: string, begin: number): number {
  for (let at = begin + 1; at < expression.length; at++) {
    if (expression[at] === '\\') at += 1;
    else if (expression[at] === ']' && at > begin + 1) return at;
  }
  return expression.length;
}

/** The repetition that stands here, and whether it is a few times only. */
function repetition(expression: string, at: number): { readonly bounded: boolean; readonly end: number } | undefined {
  const found = /^(?:[*+?]|\{(\d+)(,(\d*))?\})[?+]?/.exec(expression.slice(at, at + 40));
  if (found === null) return undefined;
  const [whole, least, range, most] = found;
  const end = at + whole.length - 1;
  if (whole.startsWith('?')) return { bounded: true, end };
  if (least === undefined) return { bounded: false, end };
  const times = range === undefined ? Number(least) : most === '' ? Infinity : Number(most);
  return { bounded: times <= 10, end };
}
