import path from 'node:path';
import { diagnosticsText, logLines } from '../../contract/diagnostics.ts';
import type { EngineReport } from '../../contract/results.ts';
import { toErrorShape } from '../../util/appError.ts';
import { logTail, privateNames, shownEnvironment } from '../../util/diagnosticsSources.ts';
import type { Handlers } from '../router.ts';
import type { Services } from '../services.ts';

/** How long the engine is waited for: it may be computing, or be the fault itself. */
const engineMilliseconds = 5_000;

/** The diagnostics file as the window shows and saves it. */
export function diagnosticsHandlers(
  { desktop, workspace, logFolder, programFolder, now }: Services,
  machine: () => Promise<EngineReport>,
): Pick<Handlers, 'app.diagnostics'> {
  return {
    'app.diagnostics': async () => {
      const { version, platform, electron, chrome, node } = desktop.info();
      const facts = {
        madeAt: now().toISOString(),
        appVersion: version,
        platform,
        versions: { electron, chrome, node },
        report: await answerOf(machine()),
        settings: workspace.settings,
        training: workspace.project.config,
        environment: shownEnvironment(process.env),
        log: await logTail(logFolder, logLines),
      };
      return { text: diagnosticsText(facts, privateNames(programFolder, path.dirname(logFolder))) };
    },
  };
}

async function answerOf(report: Promise<EngineReport>): Promise<EngineReport | string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('it was busy, or did not start.'), engineMilliseconds);
  });
  try {
    return await Promise.race([report, late]);
  } catch (error) {
    return toErrorShape(error).message;
  } finally {
    clearTimeout(timer);
  }
}
