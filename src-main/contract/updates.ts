/** Newer versions of the app: what the window is told of them. */

/**
 * Why this copy of the app does not bring a newer one by itself: it runs from its sources; it was built without the
 * address of newer versions; it was unpacked, so that nothing knows how to put another in its place.
 */
export type NoUpdates = 'source' | 'no-address' | 'unpacked';

/** What went wrong: the file is not the one that was announced; no answer; anything else. */
export type UpdateFault = 'not-genuine' | 'unreachable' | 'other';

export type UpdateState =
  | { readonly state: 'off'; readonly reason: NoUpdates }
  /** Nothing was asked yet. */
  | { readonly state: 'idle' }
  | { readonly state: 'checking' }
  | { readonly state: 'newest' }
  | { readonly state: 'available'; readonly version: string; readonly bytes?: number }
  | { readonly state: 'downloading'; readonly version: string; readonly fraction: number }
  /** Downloaded and found to be what was announced; put in place when the app ends. */
  | { readonly state: 'ready'; readonly version: string }
  | { readonly state: 'failed'; readonly fault: UpdateFault; readonly message: string };
