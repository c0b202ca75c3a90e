import type {
  Bridge,
  RouteInput,
  RouteName,
  RouteOutput,
  WindowEventName,
  WindowEvents,
} from '../../src-main/contract/routes.ts';
import { AppFailure, isErrorShape } from './appFailure.ts';

declare global {
  interface Window {
    readonly bridge?: Bridge;
  }
}

/** What the window asks of the main process. */
export interface Client {
  /** Asks one route. Rejects with {@link AppFailure}, always with a code of the table. */
  call<R extends RouteName>(route: R, input: RouteInput<R>): Promise<RouteOutput<R>>;
  /** Listens to pushed events; gives back the function that ends it. */
  on<N extends WindowEventName>(name: N, listener: (payload: WindowEvents[N]) => void): () => void;
  /** Path of a dropped file, granted to the window; empty when it is not a file. */
  pathOfDroppedFile(file: File): Promise<string>;
}

/** A client over a bridge: the preload's, or a test's. */
export function createClient(bridge: Bridge): Client {
  return {
    async call(route, input) {
      // Reactive proxies cannot be cloned into another process; requests are plain JSON, so a round trip is exact.
      return unwrap(route, await bridge.invoke(route, JSON.parse(JSON.stringify(input))));
    },
    on: (name, listener) => bridge.subscribe(name, listener),
    pathOfDroppedFile: async (file) => bridge.pathOfDroppedFile(file),
  };
}

function unwrap<R extends RouteName>(route: R, answer: unknown): RouteOutput<R> {
  if (typeof answer === 'object' && answer !== null && 'ok' in answer) {
    if (answer.ok === true && 'data' in answer) return answer.data as RouteOutput<R>;
    if ('error' in answer && isErrorShape(answer.error)) throw new AppFailure(answer.error);
  }
  throw new AppFailure({ code: 'INTERNAL', message: `The answer to ${route} has an unknown form.` });
}
