// The ways to a dashboard: a token, TLS, an HTTP proxy, ssh. Where a token must never be is looked into.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import http, { request } from 'node:http';
import net from 'node:net';
import { delimiter, join } from 'node:path';
import { say } from '../../../src-main/setup/progress.mjs';
import { findProgram } from '../../../src-main/setup/run.mjs';
import { commandOf } from '../cluster.mjs';
import { openGate } from '../gate.mjs';
import { expect, model, until } from '../lab.mjs';
import { settings } from './sweep.mjs';

/** @param {import('../lab.mjs').Lab} lab */
export async function access(lab) {
  await throughTls(lab);
  await throughProxy(lab);
  await throughSsh(lab);
}

/** @param {import('../lab.mjs').Lab} lab */
async function throughTls(lab) {
  const { token } = lab;
  const [key, cert] = ['key', 'cert'].map((name) => join(lab.place, `${name}.pem`));
  const subject = ['-subj', '/CN=lab', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${key}`, '-out', `${cert}`, ...subject];
  execFileSync('openssl', made, { stdio: 'ignore' });
  const tls = { key: readFileSync(`${key}`, 'utf8'), cert: readFileSync(`${cert}`, 'utf8') };
  const gate = await openGate(lab.cluster.dashboard, tls);
  try {
    const add = ['targets', 'add', 'safe', '--address', gate.address, '--storage', lab.storage];
    const test = ['targets', 'test', 'safe'];
    await lab.sara(...add);
    const stranger = await lab.start(test).ended;
    expect('a certificate that nobody vouches for is refused', stranger.code === 3, stranger);
    expect('with what to do', /is not trusted .*--certificate FILE/.test(stranger.stderr), stranger.stderr);
    expect('and nothing was asked of it', gate.exchanges.length === 0);
    await lab.sara(...add, '--certificate', `${cert}`);
    for (const [given, words] of /** @type {[NodeJS.ProcessEnv, RegExp][]} */ ([
      [{ SARA_TARGET_TOKEN: '' }, /asks for a token/],
      [{ SARA_TARGET_TOKEN: 'wrong' }, /refused the token/],
    ])) {
      const { code, stderr } = await lab.start(test, given).ended;
      expect(`a dashboard that ${words.source} says so`, code === 3 && words.test(stderr), stderr);
    }
    const config = lab.file('safe.json', settings({ steps: 40, evaluateEvery: 20 }));
    const out = join(lab.place, 'safe');
    const words = ['train', model, '--config', config, '--out', out, '--target', 'safe'];
    const running = lab.start(words);
    let looks = 0;
    const seen = new Set();
    const look = setInterval(() => {
      looks += 1;
      for (const id of readdirSync('/proc')) if (/^\d+$/.test(id) && commandOf(id).includes(token)) seen.add(id);
    }, 500);
    const { code, stdout, stderr } = await running.ended;
    clearInterval(look);
    expect('with token and certificate a run comes home', code === 0 && existsSync(out), stderr);
    expect(`in ${looks} looks no command line held the token`, looks > 3 && seen.size === 0);
    const asked = gate.exchanges.filter(({ headers }) => headers.includes(token)).length;
    expect('every request carried it in its header', asked > 10);
    const told = gate.exchanges.map(({ method, path, body, sent }) => `${method} ${path} ${body} ${sent}`).join('\n');
    const headers = { authorization: `Bearer ${token}` };
    const jobs = await fetch(`${lab.cluster.dashboard}/api/jobs/`, { headers });
    const all = [told, stdout, stderr, await jobs.text()].join('\n');
    expect('no address, body, job or output holds it', all.includes('safe') && !all.includes(token));
    // The sessions of workers are read while they are written.
    const places = [join(lab.place, 'home'), out, `${out} on safe`, lab.storage, lab.cluster.session];
    const files = places.flatMap((place) => filesBelow(place));
    const leaking = files.filter((file) => contentOf(file).includes(token));
    expect(
      `none of ${files.length} files at home, in the storage and in Ray’s logs holds it`,
      leaking.length === 0,
      leaking,
    );
  } finally {
    gate.close();
  }
}

/** @param {import('../lab.mjs').Lab} lab */
async function throughProxy(lab) {
  const counts = { forwarded: 0, tunnelled: 0 };
  const proxy = http.createServer((incoming, outgoing) => {
    counts.forwarded += 1;
    const { method, headers } = incoming;
    const forward = request(new URL(incoming.url ?? ''), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forward.on('error', () => outgoing.destroy());
    incoming.pipe(forward);
  });
  proxy.on('connect', ({ url }, near) => {
    counts.tunnelled += 1;
    const far = net.connect(Number(new URL(`http://${url}`).port), '127.0.0.1', () => {
      near.write('HTTP/1.1 200 Connection established\r\n\r\n');
      far.pipe(near).pipe(far);
    });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ])
      one?.on('error', () => other?.destroy());
  });
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', () => resolve(undefined)));
  const place = proxy.address();
  const port = typeof place === 'object' && place !== null ? place.port : 0;
  try {
    const way = ['--address', lab.gate.address, '--storage', lab.storage, '--proxy', `http://127.0.0.1:${port}`];
    await lab.sara('targets', 'add', 'proxied', ...way);
    const before = lab.gate.exchanges.length;
    const out = join(lab.place, 'proxied');
    const config = lab.file('proxied.json', settings({ steps: 2, evaluateEvery: 1 }));
    await lab.sara('train', model, '--config', config, '--out', out, '--target', 'proxied');
    const asked = lab.gate.exchanges.slice(before);
    const tails = asked.filter(({ method }) => method === 'TAIL').length;
    expect('through a proxy a run comes home', existsSync(join(out, 'run.json')));
    expect('every request went through it', counts.forwarded === asked.length - tails, counts);
    expect('and its output as it comes', tails > 0 && counts.tunnelled === tails, counts);
  } finally {
    proxy.closeAllConnections();
    proxy.close();
  }
}

/**
 * Through a real sshd where there is one; else through a program that forwards a port as ssh does.
 * @param {import('../lab.mjs').Lab} lab
 */
async function throughSsh(lab) {
  const sshd = ['/usr/sbin/sshd', findProgram('sshd')].find((path) => path !== undefined && existsSync(path));
  const ssh = findProgram('ssh');
  const keygen = findProgram('ssh-keygen');
  const bin = join(lab.place, 'bin');
  mkdirSync(bin);
  const real = sshd !== undefined && ssh !== undefined && keygen !== undefined && process.getuid?.() === 0;
  const port = real ? await startSshd(lab, sshd, keygen) : undefined;
  const program = real
    ? `#!/bin/sh\nexec '${ssh}' -F '${join(lab.place, 'ssh', 'client')}' "$@"\n`
    : `#!/bin/sh\nexec '${process.execPath}' '${join(import.meta.dirname, '..', 'forward.mjs')}' "$@"\n`;
  writeFileSync(join(bin, 'ssh'), program);
  chmodSync(join(bin, 'ssh'), 0o755);
  const variables = { PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` };
  say(real ? `Through sshd on port ${port?.number}` : 'There is no sshd here: through a program that forwards a port');
  try {
    const host = `root@127.0.0.1:${port?.number ?? 22}`;
    // A storage that the desktop does not see: what comes home comes through the dashboard.
    const way = ['--address', lab.gate.address, '--storage', `file://${lab.storage}`, '--ssh', host];
    await lab.sara('targets', 'add', 'far', ...way);
    const { code, stdout, stderr } = await lab.start(['targets', 'test', 'far'], variables).ended;
    expect('through ssh a target is tested', code === 0 && JSON.parse(stdout).fit === true, stderr);
    const config = lab.file('far.json', settings({ steps: 2, evaluateEvery: 1, seed: 3 }));
    const out = join(lab.place, 'far');
    const words = ['train', model, '--config', config, '--out', out, '--target', 'far'];
    const run = await lab.start(words, variables).ended;
    expect('through ssh a run comes home', run.code === 0 && existsSync(join(out, 'run.json')), run.stderr);
    const left = () => readdirSync('/proc').filter((id) => /^\d+$/.test(id) && tunnelTo(id, lab.gate.port));
    await until('no tunnel is left', () => left().length === 0, 10);
    expect('the tunnels are closed with the commands', true);
    await lab.sara('targets', 'add', 'shut', ...way.slice(0, 4), '--ssh', 'root@127.0.0.1:1');
    const shut = await lab.start(['targets', 'test', 'shut'], variables).ended;
    expect(
      'a tunnel that does not open says why',
      shut.code === 4 && /does not open \(.+\)/.test(shut.stderr),
      shut.stderr,
    );
  } finally {
    port?.stop();
  }
}

/** @param {string} id @param {number} port */
const tunnelTo = (id, port) => new RegExp(`-L 127\\.0\\.0\\.1:\\d+:127\\.0\\.0\\.1:${port} `).test(commandOf(id));

/**
 * An sshd of our own: keys, port and everything it reads lie in the lab's folder.
 * @param {import('../lab.mjs').Lab} lab
 * @param {string} sshd
 * @param {string} keygen
 */
async function startSshd(lab, sshd, keygen) {
  const place = join(lab.place, 'ssh');
  mkdirSync(place, { mode: 0o700 });
  mkdirSync('/run/sshd', { recursive: true });
  for (const name of ['host', 'person']) {
    execFileSync(keygen, ['-q', '-t', 'ed25519', '-N', '', '-f', join(place, name)]);
  }
  const number = 42_000 + (process.pid % 10_000);
  const server = [
    ...[`Port ${number}`, 'ListenAddress 127.0.0.1', `HostKey ${join(place, 'host')}`],
    ...[`AuthorizedKeysFile ${join(place, 'person.pub')}`, 'StrictModes no', 'UsePAM no', 'PasswordAuthentication no'],
    ...['PermitRootLogin prohibit-password', `PidFile ${join(place, 'pid')}`],
  ];
  const client = [`IdentityFile ${join(place, 'person')}`, 'StrictHostKeyChecking no', 'UserKnownHostsFile /dev/null'];
  writeFileSync(join(place, 'server'), `${server.join('\n')}\n`);
  writeFileSync(join(place, 'client'), `${client.join('\n')}\nLogLevel ERROR\n`);
  const child = spawn(sshd, ['-D', '-e', '-f', join(place, 'server')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  await until('sshd listens', () => said.includes('listening'), 20);
  return { number, stop: () => child.kill() };
}

/** @param {string} place @returns {string[]} */
function filesBelow(place) {
  return readdirSync(place, { recursive: true, encoding: 'utf8' })
    .map((name) => join(place, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true);
}

/** Its text; none of a file that was taken away meanwhile. @param {string} file */
function contentOf(file) {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
