/** Names of the Electron channels between preload and main; both sides come from one build. */
export const channels = {
  /** invoke(route, input) → Result */
  invoke: 'sara:invoke',
  /** main → window: one name with one or more payloads, in order */
  events: 'sara:events',
  /** invoke(path) → path: a file dropped on the window */
  dropped: 'sara:dropped',
} as const;
