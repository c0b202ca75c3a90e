/** What the handlers work with; made once in main.ts. */
import type { ParsedInput, RouteOutput } from '../contract/routes.ts';
import type { Settings } from '../contract/settings.schema.ts';
import type { SpeedState } from '../contract/speed.ts';
import type { EngineHost } from '../host/engineHost.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { RunQueue } from '../jobs/runQueue.ts';
import type { UpdateState } from '../contract/updates.ts';
import type { LogLevel } from '../host/protocol.ts';
import type { HubTokens } from '../workspace/hubTokens.ts';
import type { Targets } from '../workspace/targets.ts';
import type { Workspace } from '../workspace/workspace.ts';

/** What only Electron can do. */
export interface Desktop {
  info(): RouteOutput<'app.info'>;
  chooseModel(kind: ParsedInput<'dialog.openModel'>['kind']): Promise<string | undefined>;
  chooseData(kind: ParsedInput<'dialog.openData'>['kind']): Promise<string | undefined>;
  /** A file with a run's settings. */
  chooseSettings(): Promise<string | undefined>;
  /** A folder that is empty or yet to be made. */
  chooseOutput(suggestedName: string): Promise<string | undefined>;
  openFolder(path: string): Promise<boolean>;
  openLink(url: string): Promise<boolean>;
  /** Moves a file or folder to the system's trash. @throws AppError NOT_WRITABLE where there is none */
  moveToTrash(path: string): Promise<void>;
  /** Lets windows and menus follow the settings. */
  applySettings(settings: Settings): void;
  /** Lets the menu offer these of the commands that do not always make sense. */
  enableCommands(commands: ParsedInput<'menu.enable'>['commands']): void;
  /** Closes the window as decided; false when it stays. */
  close(decision: ParsedInput<'window.close'>['decision']): boolean;
}

/** Newer versions of the app. */
export interface UpdateService {
  readonly state: UpdateState;
  check(): Promise<UpdateState>;
  download(): UpdateState;
  cancel(): UpdateState;
}

/** How fast this computer computes with how many threads. */
export interface SpeedService {
  readonly state: SpeedState;
  measure(): Promise<SpeedState>;
}

export interface Services {
  readonly engine: EngineHost;
  readonly jobs: Jobs;
  readonly queue: RunQueue;
  readonly workspace: Workspace;
  readonly desktop: Desktop;
  readonly updates: UpdateService;
  readonly speed: SpeedService;
  readonly hub: HubTokens;
  readonly targets: Targets;
  /** Lets the window name a path from now on, and gives its absolute form. */
  readonly grant: (path: string) => Promise<string>;
  readonly log: (level: LogLevel, message: string) => void;
  readonly logFolder: string;
  readonly licenceFolder: string;
  /** Where the program itself lies. */
  readonly programFolder: string;
  readonly now: () => Date;
  readonly onDemoReport: (report: ParsedInput<'demo.report'>) => void;
  /** The file that the system asked the app to open, once. */
  readonly takeOpenedFile: () => string | undefined;
}
