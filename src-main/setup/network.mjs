// Asks whether a place can be reached before a long download is tried, so that an unreachable one costs seconds.
import { request as requestHttp } from 'node:http';
import { request } from 'node:https';

const probeMilliseconds = 4000;

/** @returns {URL | undefined} */
function proxy() {
  const names = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'];
  const value = names.map((name) => process.env[name]).find((text) => text !== undefined && text !== '');
  return value !== undefined && URL.canParse(value) ? new URL(value) : undefined;
}

/**
 * Whether a file can be had from its address. Through a proxy only the connection is tried.
 * @param {string} address https
 * @returns {Promise<string | undefined>} undefined when it can, else why not
 */
export function whyUnreachable(address) {
  const url = new URL(address);
  const through = proxy();
  return new Promise((resolve) => {
    const sent =
      through === undefined
        ? request(url, { method: 'HEAD', agent: false })
        : requestHttp({
            host: through.hostname,
            port: through.port === '' ? 80 : through.port,
            method: 'CONNECT',
            path: `${url.hostname}:443`,
            agent: false,
          });
    const timer = setTimeout(
      () => sent.destroy(new Error(`no answer in ${probeMilliseconds / 1000} s`)),
      probeMilliseconds,
    );
    /** @param {import('node:http').IncomingMessage} answer */
    const settle = (answer) => {
      clearTimeout(timer);
      sent.destroy();
      const status = answer.statusCode ?? 0;
      resolve(status >= 200 && status < 400 ? undefined : `${url.hostname} answered ${status}`);
    };
    sent.on('response', settle);
    sent.on('connect', settle);
    sent.on('error', (error) => {
      clearTimeout(timer);
      const code = 'code' in error ? String(error.code) : '';
      resolve(code === 'ENOTFOUND' ? `${url.hostname} is not known here` : `${url.hostname}: ${error.message}`);
    });
    sent.end();
  });
}

/** Whether official download places are left out, as in continuous integration. */
export function skipsOfficial() {
  const value = process.env['SARA_SKIP_OFFICIAL'];
  return value !== undefined && value !== '' && value !== '0';
}
