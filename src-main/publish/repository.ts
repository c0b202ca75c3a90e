import { createRepo, HubApiError, modelInfo, whoAmI } from '@huggingface/hub';
import { AppError } from '../util/appError.ts';

export interface HubAccess {
  readonly endpoint: string;
  readonly token: string;
  readonly fetch: typeof globalThis.fetch;
}

/** The name with its namespace: the owner of the token where none is given. */
export async function fullName({ endpoint, token, fetch }: HubAccess, repo: string): Promise<string> {
  if (repo.includes('/')) return repo;
  const { name } = await whoAmI({ accessToken: token, hubUrl: endpoint, fetch });
  return `${name}/${repo}`;
}

/**
 * Makes the repository, or takes the one that is there.
 * @returns whether it is private
 * @throws AppError SETTINGS_INVALID when it is there and public, but was to be private
 */
export async function ensureRepository(access: HubAccess, repo: string, wantPrivate: boolean): Promise<boolean> {
  const common = { accessToken: access.token, hubUrl: access.endpoint, fetch: access.fetch };
  try {
    await createRepo({ ...common, repo, visibility: wantPrivate ? 'private' : 'public' });
    return wantPrivate;
  } catch (error) {
    if (!(error instanceof HubApiError) || error.statusCode !== 409) throw error;
  }
  const { private: isPrivate } = await modelInfo({ ...common, name: repo });
  if (wantPrivate && !isPrivate) {
    throw new AppError(
      'SETTINGS_INVALID',
      `${repo} exists on the hub and is public; choose another name, or publish it as public.`,
    );
  }
  return isPrivate;
}
