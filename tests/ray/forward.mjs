// Takes the place of ssh where there is no sshd: opens the port of `-L HERE:PORT:HOST:FAR` and forwards it.
import net from 'node:net';

const [, here = '', port = '0', host = '', far = '0'] =
  /^([\d.]+):(\d+):([\w.]+):(\d+)$/.exec(process.argv[process.argv.indexOf('-L') + 1] ?? '') ?? [];
const login = process.argv[process.argv.indexOf('-p') + 1];
if (login === '1') {
  process.stderr.write('connect to host port 1: Connection refused\n');
  process.exit(255);
}
net
  .createServer((near) => {
    const onward = net.connect(Number(far), host);
    near.pipe(onward).pipe(near);
    near.on('error', () => onward.destroy());
    onward.on('error', () => near.destroy());
  })
  .listen(Number(port), here);
