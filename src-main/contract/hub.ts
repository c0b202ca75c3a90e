/** Publishing on the Hugging Face hub, as the window sees it: never the token itself. Types only. */

export interface HubAccount {
  /** Address of the hub; the token goes nowhere else. */
  readonly endpoint: string;
  /** `saved`: kept by the system’s safe storage. `session`: in memory until the app ends. */
  readonly token: 'none' | 'saved' | 'session';
  /** Whether this system can keep it safely at all. */
  readonly canSave: boolean;
}

export interface PublishedFile {
  readonly name: string;
  readonly bytes: number;
  /** `present`: the hub had the same bytes already, so they were not sent again. */
  readonly how: 'sent' | 'present';
}

export interface PublishResult {
  readonly repo: string;
  /** Page of the repository. */
  readonly url: string;
  readonly commit: string;
  readonly private: boolean;
  readonly files: readonly PublishedFile[];
  /** Requests that had to be repeated. */
  readonly retries: number;
}
