/** Where a method keeps the rank rule, if it has one. Pure. */
import type { MethodConfig, RankRuleConfig } from '../../src-main/contract/methods.schema.ts';

/** The rule of a method whose ranks, or whose budget, follow from singular values; undefined for the others. */
export function ruleOf(method: MethodConfig | undefined): RankRuleConfig | undefined {
  if (method === undefined) return undefined;
  if ('threshold' in method) {
    const { threshold, measure, granularity, floor, cap } = method;
    return tidy({ threshold, measure, granularity, floor, cap });
  }
  return 'budget' in method ? method.budget : undefined;
}

/** The method with another rule; one without a rule is given back as it is. */
export function withRule<Config extends MethodConfig>(method: Config, rule: RankRuleConfig): Config {
  if ('threshold' in method) {
    const { floor: _floor, cap: _cap, ...rest } = method as Config & Partial<RankRuleConfig>;
    // The rule's own keys were replaced; everything else is the method's.
    return { ...rest, ...tidy(rule) } as Config;
  }
  return 'budget' in method && method.budget !== undefined ? { ...method, budget: tidy(rule) } : method;
}

/** Bounds that are not set are left out, so that equal rules are equal values. */
function tidy({ floor, cap, ...rule }: RankRuleConfig): RankRuleConfig {
  return { ...rule, ...(floor === undefined ? {} : { floor }), ...(cap === undefined ? {} : { cap }) };
}
