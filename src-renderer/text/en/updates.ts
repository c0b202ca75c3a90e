export const updates = {
  'updates.title': 'Updates',
  'updates.idle': 'Nothing is asked of a server until you check.',
  'updates.check': 'Check for updates',
  'updates.checking': 'Checking…',
  'updates.newest': 'This is the newest version.',
  'updates.available': 'Version {version} is available.',
  'updates.availableSize': 'Version {version} is available ({size}).',
  'updates.download': 'Download',
  'updates.downloading': 'Downloading version {version}',
  'updates.ready':
    'Version {version} is downloaded and checked. It is installed when you close the app, never while a training runs; the system may ask for your password.',
  'updates.off.source': 'This copy runs from its sources: bring them up to date with git.',
  'updates.off.no-address': 'This build knows no address of newer versions: get them where you got this one.',
  'updates.off.unpacked':
    'This copy was unpacked, not installed: get newer versions where you got this one, and unpack them in its place.',
  'updates.failed.not-genuine':
    'The downloaded file is not the one that was announced, and was thrown away. Nothing was installed. Try again later; if it happens again, report it.',
  'updates.failed.unreachable':
    'The server of newer versions does not answer: check the connection and try again. ({message})',
  'updates.failed.other': 'The update did not work: {message}',
  'updates.atStart': 'Check at every start',
  'updates.atStart.hint': 'Sends one request to the server of the app. Nothing is downloaded before you say so.',
  'updates.found': 'Version {version} is available',
  'updates.foundBody': 'It can be downloaded in About SARA Studio.',
  'updates.look': 'Look',
} as const;
