import type { StudyName } from '../contract/studies.ts';
import { ablation } from './ablation.ts';
import { heads, merged, queryValue } from './attentionSpectra.ts';
import { overview } from './overview.ts';
import { relation } from './relation.ts';
import { robustness } from './robustness.ts';
import { scaling } from './scaling.ts';
import type { StudyFunction } from './study.ts';
import { threshold } from './threshold.ts';

const studies: { readonly [Name in StudyName]: StudyFunction<Name> } = {
  overview,
  threshold,
  relation,
  heads,
  merged,
  QVmerged: queryValue,
  robustness,
  scaling,
  ablation,
};

/** The study of a name. */
export function studyNamed<Name extends StudyName>(name: Name): StudyFunction<Name> {
  return studies[name];
}
