import type {} from '../../../src-renderer/bridge/client.ts';
import type { Page } from '@playwright/test';
import type { RouteInput, RouteName, RouteOutput } from '../../../src-main/contract/routes.ts';
import type { Result } from '../../../src-main/contract/errors.ts';

/** Calls a route as the page does, through the preload's bridge. */
export async function callRoute<R extends RouteName>(
  page: Page,
  route: R,
  input: RouteInput<R>,
): Promise<Result<RouteOutput<R>>> {
  const answer: unknown = await page.evaluate(
    async ([name, value]) => {
      if (window.bridge === undefined) throw new Error('The page has no bridge.');
      return await window.bridge.invoke(name, value);
    },
    [route, input] as const,
  );
  return answer as Result<RouteOutput<R>>;
}
