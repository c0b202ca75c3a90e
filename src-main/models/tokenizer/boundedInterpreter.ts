/**
 * The template library's interpreter with bounds: a template comes with the model, from anywhere. Its loops must end,
 * and no value may grow beyond what a conversation needs, before it is made: a value that holds another one twice
 * doubles at every turn of a loop, and is written out in full by `tojson`.
 */
import { Interpreter, type Environment } from '@huggingface/jinja';

type Value = ReturnType<Interpreter['evaluate']>;
type Parameters_ = Parameters<Interpreter['evaluate']>;
type Node = NonNullable<Parameters_[0]>;

/**
 * Real templates take some hundred steps a message, and hold conversations. A row of data has at most 16 MB, of which
 * nearly all would have to be one turn to reach these.
 */
export const templateLimits = {
  steps: 100_000,
  /** More of them for every message of the conversation. */
  stepsOfMessage: 300,
  /** Steps that one turn of a loop counts for besides those in it: the library makes a scope and nine values for it. */
  stepsOfTurn: 5,
  rangeItems: 10_000,
  /** Squares of the lengths of all runs of blanks: one of ten thousand, or many of hundreds. */
  looksAtBlanks: 100_000_000,
  /** Characters and items of one value, with all that it holds. */
  weight: 4_000_000,
  /** Pieces that a text is cut into; each is an object of its own. */
  pieces: 20_000,
  /** Characters and items that all filters and methods work through; `tojson`, which looks at each, counts four times. */
  work: 64_000_000,
  /** Items looked at to know what values weigh. */
  looks: 5_000_000,
} as const;

/** A node whose value is known already. */
class Known {
  readonly type = 'Known';
  readonly value: Value;
  constructor(value: Value) {
    this.value = value;
  }
}

interface Call {
  readonly type: string;
  readonly callee?: Node;
  readonly object?: Node;
  readonly property?: Node & { readonly value?: unknown };
  readonly computed?: boolean;
  readonly operand?: Node;
  readonly filter?: Node & {
    readonly value?: unknown;
    readonly callee?: { readonly value?: unknown };
    readonly args?: readonly Node[];
  };
  readonly args?: readonly (Node & { readonly value?: unknown })[];
  readonly iterable?: Node & { readonly lhs?: Node };
}

export class BoundedInterpreter extends Interpreter {
  readonly #mostSteps: number;
  #steps = 0;
  #looks = 0;
  #work = 0;
  /** What loops go over. */
  readonly #iterables = new WeakSet<Node>();

  constructor(environment: Environment, messages: number) {
    super(environment);
    this.#mostSteps = templateLimits.steps + messages * templateLimits.stepsOfMessage;
  }

  override evaluate(...[statement, environment]: Parameters_): Value {
    if (statement instanceof Known) return statement.value;
    this.#count(1);
    const { type, iterable } = (statement ?? {}) as Partial<Call>;
    if (type === 'For' && iterable !== undefined) this.#iterables.add(iterable.lhs ?? iterable);
    const value = super.evaluate(this.#bounded(statement, environment) as Parameters_[0], environment);
    if (statement !== undefined && this.#iterables.has(statement))
      this.#count(turnsOf(value) * templateLimits.stepsOfTurn);
    this.#weigh(value);
    return value;
  }

  /** @throws Error when the template has taken more steps than it may */
  #count(steps: number): void {
    this.#steps += steps;
    if (this.#steps > this.#mostSteps) throw new Error(`it takes more than ${this.#mostSteps} steps`);
  }

  /** The same node with what it works on evaluated, after a look at what would come of it. */
  #bounded(statement: Parameters_[0], environment: Parameters_[1]): unknown {
    const node = statement as Call | undefined;
    if (node?.type === 'FilterExpression' && node.operand !== undefined) {
      const operand = this.evaluate(node.operand, environment);
      const { filter } = node;
      const name = filter?.callee?.value ?? filter?.value;
      const args = (filter?.args ?? []).map((argument) => this.#argument(argument, environment));
      this.#assertSmall(String(name), operand, args.map(valueOf));
      const known = filter?.args === undefined ? filter : changed(filter, { args });
      return changed(node, { operand: new Known(operand), filter: known });
    }
    const { callee } = node ?? {};
    const member = callee as Call | undefined;
    if (node?.type === 'CallExpression' && member?.type === 'MemberExpression' && member.object !== undefined) {
      const object = this.evaluate(member.object, environment);
      const args = (node.args ?? []).map((argument) => this.#argument(argument, environment));
      if (member.computed !== true) this.#assertSmall(String(member.property?.value), object, args.map(valueOf));
      return changed(node, { callee: changed(member, { object: new Known(object) }), args });
    }
    return statement;
  }

  /** Keyword and spread arguments keep their form; the value of a keyword is known. */
  #argument(argument: Node & { readonly value?: unknown }, environment: Parameters_[1]): unknown {
    if (argument.type === 'SpreadExpression') return argument;
    if (argument.type !== 'KeywordArgumentExpression') return new Known(this.evaluate(argument, environment));
    return changed(argument, { value: new Known(this.evaluate(argument.value as Node, environment)) });
  }

  /** @throws Error when a filter or method would make more than a template may */
  #assertSmall(name: string, on: Value, args: readonly unknown[]): void {
    const weight = this.#weigh(on);
    this.#work += name === 'tojson' ? 4 * weight : weight;
    if (this.#work > templateLimits.work) throw new Error('it works through too much text');
    const [first, second] = args;
    const text: unknown = on.value;
    const numbers = args.filter((value) => typeof value === 'number').map(Math.abs);
    switch (name) {
      case 'tojson':
      case 'indent':
      case 'center':
      case 'ljust':
      case 'rjust':
        return assertWeight(weight * (1 + Math.max(0, ...numbers)));
      case 'join':
        return assertWeight(weight * (1 + (typeof first === 'string' ? first.length : 0)));
      case 'replace': {
        if (typeof text !== 'string' || typeof first !== 'string' || typeof second !== 'string') return;
        const times = first === '' ? text.length + 1 : text.split(first, templateLimits.weight).length;
        return assertWeight(text.length + times * second.length);
      }
      case 'list':
      case 'split': {
        if (typeof text !== 'string') return;
        const pieces = name === 'list' ? text.length : text.split(typeof first === 'string' ? first : ' ').length;
        if (pieces > templateLimits.pieces)
          throw new Error(`it cuts a text into more than ${templateLimits.pieces} pieces`);
        return;
      }
      default:
        return;
    }
  }

  /** @throws Error when a value holds more than a template may make */
  #weigh(root: Value): number {
    if (typeof root.value === 'string') return (assertWeight(root.value.length), root.value.length);
    if (typeof root.value !== 'object' || root.value === null) return 1;
    let weight = 0;
    const waiting: Value[] = [root];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      this.#looks += 1;
      if (this.#looks > templateLimits.looks) throw new Error('its values are too large for what it does with them');
      const { value } = next as { readonly value: unknown };
      weight += typeof value === 'string' ? 1 + value.length : 1;
      assertWeight(weight);
      if (Array.isArray(value)) for (const item of value as Value[]) waiting.push(item);
      else if (value instanceof Map) for (const item of value.values() as Iterable<Value>) waiting.push(item);
    }
    return weight;
  }
}

function turnsOf({ value }: { readonly value: unknown }): number {
  if (Array.isArray(value)) return value.length;
  return value instanceof Map ? value.size : 0;
}

/** A copy of a node with other parts. */
function changed<T extends object>(node: T, parts: object): T {
  const copy = Object.create(Object.getPrototypeOf(node) as object) as T;
  return Object.assign(copy, node, parts);
}

function valueOf(argument: unknown): unknown {
  const node = argument as { readonly value?: unknown } | Known;
  const inner = node instanceof Known ? node.value : node.value instanceof Known ? node.value.value : undefined;
  return inner?.value;
}

function assertWeight(weight: number): void {
  if (weight > templateLimits.weight)
    throw new Error(`it makes a value of more than ${templateLimits.weight} characters`);
}
