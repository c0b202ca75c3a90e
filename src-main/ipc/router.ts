/**
 * The only way from the window into the main process: check who asks, check what is asked, check which paths it names,
 * call the handler. Answers are values with a code; nothing is thrown over the border.
 */
import type { z } from 'zod';
import type { Result } from '../contract/errors.ts';
import type { ParsedInput, RouteName, RouteOutput, RouteOutputs } from '../contract/routes.ts';
import { routeSchemas } from '../contract/routes.schema.ts';
import { AppError, toErrorShape } from '../util/appError.ts';
import { validate } from '../util/validate.ts';
import { pathsOf } from './routePaths.ts';

/** One function for every route; a missing one does not compile. */
export type Handlers = {
  readonly [R in keyof typeof routeSchemas & keyof RouteOutputs]: (
    input: ParsedInput<R>,
  ) => RouteOutput<R> | Promise<RouteOutput<R>>;
};

/** The frame a request came from. */
export interface Sender {
  readonly url: string;
  readonly isTopFrame: boolean;
}

export interface RouterOptions {
  /** Scheme and host of the window's own pages, e.g. `app://sara`. */
  readonly origin: string;
  readonly handlers: Handlers;
  /** Throws FORBIDDEN for a path that the window was not given. */
  readonly assertGranted: (path: string) => Promise<void>;
  readonly logError: (message: string) => void;
}

export type Router = (sender: Sender, route: unknown, input: unknown) => Promise<Result<unknown>>;

type AnyHandler = (input: unknown) => unknown;

export function createRouter(options: RouterOptions): Router {
  async function answer(sender: Sender, route: unknown, input: unknown): Promise<unknown> {
    if (!isTrusted(sender, options.origin)) {
      throw new AppError('FORBIDDEN', `A page of ${sender.url.slice(0, 200)} may not use the app.`);
    }
    if (!isRoute(route)) throw new AppError('FORBIDDEN', `The app has no route ${String(route).slice(0, 100)}.`);
    const schema: z.ZodType = routeSchemas[route];
    const parsed = validate(schema, input, 'The request');
    // The schema of this very route has just been applied; TypeScript cannot pair the maps by name.
    for (const path of (pathsOf[route] as (input: unknown) => readonly string[])(parsed)) {
      await options.assertGranted(path);
    }
    return (options.handlers[route] as AnyHandler)(parsed);
  }

  return async (sender, route, input) => {
    try {
      return { ok: true, data: await answer(sender, route, input) };
    } catch (error) {
      const name = String(route).slice(0, 100);
      if (!(error instanceof AppError))
        options.logError(`${name}: ${error instanceof Error ? error.stack : String(error)}`);
      else if (error.code === 'FORBIDDEN') options.logError(`${name} was refused: ${error.message}`);
      return { ok: false, error: toErrorShape(error) };
    }
  };
}

function isTrusted(sender: Sender, origin: string): boolean {
  return sender.isTopFrame && (sender.url === origin || sender.url.startsWith(`${origin}/`));
}

function isRoute(route: unknown): route is RouteName {
  return typeof route === 'string' && Object.hasOwn(routeSchemas, route);
}
