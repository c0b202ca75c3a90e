import { t } from '../../text/text.svelte.ts';

/** Why a name cannot be one of a repository; undefined when it can. The main process checks it again. */
export function repositoryFault(name: string): string | undefined {
  if (name === '') return undefined;
  const valid = /^[A-Za-z0-9][\w.-]*(\/[A-Za-z0-9][\w.-]*)?$/.test(name);
  return valid && name.length <= 96 && !/--|\.\.|[-.]$|\.git$/.test(name) ? undefined : t('publish.repo.fault');
}

/** Why a text cannot be a token of the hub. */
export function tokenFault(token: string): string | undefined {
  return /^hf_[A-Za-z0-9_-]+$/.test(token.trim()) ? undefined : t('publish.token.fault');
}
