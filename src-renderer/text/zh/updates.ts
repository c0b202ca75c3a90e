import type { updates as english } from '../en/updates.ts';
import type { Chinese } from '../translation.ts';

export const updates: Chinese<typeof english> = {
  'updates.title': '更新',
  'updates.idle': '在您检查之前，不会向服务器发送任何请求。',
  'updates.check': '检查更新',
  'updates.checking': '正在检查…',
  'updates.newest': '这已是最新版本。',
  'updates.available': '有新版本 {version}。',
  'updates.availableSize': '有新版本 {version}（{size}）。',
  'updates.download': '下载',
  'updates.downloading': '正在下载版本 {version}',
  'updates.ready': '版本 {version} 已下载并通过校验。关闭应用时安装，训练运行期间绝不安装；系统可能会询问您的密码。',
  'updates.off.source': '此副本从源代码运行：请用 git 更新。',
  'updates.off.no-address': '此构建未设置新版本的地址：请从获取本应用的地方获取新版本。',
  'updates.off.unpacked': '此副本是解压的，并非安装的：请从获取本应用的地方获取新版本，解压后替换。',
  'updates.failed.not-genuine':
    '下载的文件与公布的不一致，已被丢弃，没有安装任何内容。请稍后再试；如果再次发生，请报告。',
  'updates.failed.unreachable': '新版本服务器没有响应：请检查网络连接后重试。（{message}）',
  'updates.failed.other': '更新未成功：{message}',
  'updates.atStart': '每次启动时检查',
  'updates.atStart.hint': '向应用的服务器发送一个请求。在您同意之前不会下载任何内容。',
  'updates.found': '有新版本 {version}',
  'updates.foundBody': '可在“关于 SARA Studio”中下载。',
  'updates.look': '查看',
};
