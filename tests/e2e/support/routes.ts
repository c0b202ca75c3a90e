import type {} from '../../../src-renderer/bridge/client.ts';
import type { Page } from '@playwright/test';
import type { RouteInput, RouteName, RouteOutput } from '../../../src-main/contract/routes.ts';
import type { Result } from '../../../src-main/contract/errors.ts';

/** Calls a route as the page does, through the preload's bridge, and throws the error it answers with. */
export async function callRoute<R extends RouteName>(
  page: Page,
  route: R,
  input: RouteInput<R>,
): Promise<RouteOutput<R>> {
  const answer = await page.evaluate(
    async ([name, value]) => {
      if (window.bridge === undefined) throw new Error('The page has no bridge.');
      return await window.bridge.invoke(name, value);
    },
    [route, input] as const,
  );
  const result = answer as Result<RouteOutput<R>>;
  if (!result.ok) throw new Error(`${route}: ${result.error.code}: ${result.error.message}`);
  return result.data;
}

/** The result of the newest job of a kind. */
export async function resultOf<T>(window: Page, kind: string): Promise<T> {
  const jobs = await callRoute(window, 'jobs.list', {});
  const job = jobs.filter((candidate) => candidate.kind === kind).at(-1);
  if (job === undefined) throw new Error(`There was no ${kind}.`);
  return (await callRoute(window, 'jobs.snapshot', { jobId: job.id })).result as T;
}
