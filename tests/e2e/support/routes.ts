import type { Page } from '@playwright/test';
import type { Bridge, RouteInput, RouteName, RouteOutput } from '../../../src-main/contract/routes.ts';
import type { Result } from '../../../src-main/contract/errors.ts';

/** Calls a route as the page does, through the preload's bridge. */
export async function callRoute<R extends RouteName>(
  page: Page,
  route: R,
  input: RouteInput<R>,
): Promise<Result<RouteOutput<R>>> {
  const answer = await page.evaluate(
    async ([name, value]) => {
      const { bridge } = window as unknown as { bridge: Bridge };
      return await bridge.invoke(name as RouteName, value);
    },
    [route, input] as const,
  );
  return answer;
}
