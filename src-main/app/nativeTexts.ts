/** What the native menus, dialogs and notifications say. The window's own texts are in src-renderer/text. */
import type { Language } from '../contract/language.ts';
import type { MenuCommand } from '../contract/menu.ts';

type Role =
  | 'undo'
  | 'redo'
  | 'cut'
  | 'copy'
  | 'paste'
  | 'selectAll'
  | 'reload'
  | 'zoomIn'
  | 'zoomOut'
  | 'resetZoom'
  | 'togglefullscreen'
  | 'toggleDevTools'
  | 'minimize'
  | 'close'
  | 'quit'
  | 'hide'
  | 'hideOthers'
  | 'unhide';
type Title = 'file' | 'edit' | 'view' | 'run' | 'window' | 'help' | 'recent' | 'recentModels' | 'recentData';

export interface NativeTexts {
  readonly commands: Readonly<Record<MenuCommand, string>>;
  readonly roles: Readonly<Record<Role, string>>;
  readonly titles: Readonly<Record<Title, string>>;
  readonly noRecent: string;
  readonly clearRecent: string;
  readonly logs: string;
  readonly licences: string;
  readonly dialogs: Readonly<
    Record<
      | 'modelFolder'
      | 'gguf'
      | 'weights'
      | 'dataFile'
      | 'dataFolder'
      | 'settings'
      | 'output'
      | 'saveHere'
      | 'ggufFiles'
      | 'weightFiles'
      | 'dataFiles'
      | 'settingsFiles'
      | 'allFiles',
      string
    >
  >;
  /** What a box of the system asks where the window cannot: the question, then the answers. */
  readonly close: { readonly question: string; readonly answers: readonly [stay: string, keep: string, quit: string] };
  readonly ended: Readonly<
    Record<'done' | 'failed', Readonly<Record<'training' | 'sweep' | 'study' | 'export' | 'other', string>>>
  >;
}

const en: NativeTexts = {
  commands: {
    'open-model': 'Open Model Folder…',
    'open-gguf': 'Open GGUF File…',
    'open-data': 'Open Data File…',
    'open-data-folder': 'Open Data Folder…',
    'import-settings': 'Import Settings…',
    'export-settings': 'Export Settings…',
    inspect: 'Inspect File…',
    home: 'Home',
    project: 'Project',
    runs: 'Runs',
    studies: 'Studies',
    sweeps: 'Sweeps',
    chat: 'Chat',
    settings: 'Settings…',
    'step-model': 'Model',
    'step-data': 'Data',
    'step-ranks': 'Ranks',
    'step-train': 'Train',
    'step-export': 'Merge & Export',
    primary: 'Main Action of the View',
    pause: 'Pause Training',
    continue: 'Go On with Training',
    checkpoint: 'Save Checkpoint Now',
    stop: 'Stop and Keep',
    tour: 'Take the Tour',
    shortcuts: 'Keyboard Shortcuts',
    diagnostics: 'Save Diagnostics…',
    about: 'About SARA Studio',
  },
  roles: {
    undo: 'Undo',
    redo: 'Redo',
    cut: 'Cut',
    copy: 'Copy',
    paste: 'Paste',
    selectAll: 'Select All',
    reload: 'Reload Window',
    zoomIn: 'Zoom In',
    zoomOut: 'Zoom Out',
    resetZoom: 'Actual Size',
    togglefullscreen: 'Full Screen',
    toggleDevTools: 'Developer Tools',
    minimize: 'Minimize',
    close: 'Close Window',
    quit: 'Quit',
    hide: 'Hide SARA Studio',
    hideOthers: 'Hide Others',
    unhide: 'Show All',
  },
  titles: {
    file: 'File',
    edit: 'Edit',
    view: 'View',
    run: 'Run',
    window: 'Window',
    help: 'Help',
    recent: 'Open Recent',
    recentModels: 'Models',
    recentData: 'Data',
  },
  noRecent: 'Nothing Yet',
  clearRecent: 'Clear the List',
  logs: 'Show Log Files',
  licences: 'Show Licences',
  dialogs: {
    modelFolder: 'Open a model folder',
    gguf: 'Open a GGUF file',
    weights: 'Inspect a file of weights',
    dataFile: 'Open training data',
    dataFolder: 'Open a folder of training data',
    settings: 'Import the settings of a run',
    output: 'Choose a folder for the result',
    saveHere: 'Save here',
    ggufFiles: 'GGUF model',
    weightFiles: 'Weights',
    dataFiles: 'Data',
    settingsFiles: 'Settings of a run',
    allFiles: 'All files',
  },
  close: {
    question: 'A task is still running.',
    answers: ['Keep the app open', 'Stop training and keep it', 'Cancel and quit'],
  },
  ended: {
    done: {
      training: 'Training finished',
      sweep: 'Sweep finished',
      study: 'Study finished',
      export: 'Export finished',
      other: 'Done',
    },
    failed: {
      training: 'Training ended early',
      sweep: 'Sweep ended early',
      study: 'Study ended early',
      export: 'Export failed',
      other: 'Failed',
    },
  },
};

const zh: NativeTexts = {
  commands: {
    'open-model': '打开模型文件夹…',
    'open-gguf': '打开 GGUF 文件…',
    'open-data': '打开数据文件…',
    'open-data-folder': '打开数据文件夹…',
    'import-settings': '导入设置…',
    'export-settings': '导出设置…',
    inspect: '查看文件…',
    home: '主页',
    project: '项目',
    runs: '运行',
    studies: '研究',
    sweeps: '扫描',
    chat: '对话',
    settings: '设置…',
    'step-model': '模型',
    'step-data': '数据',
    'step-ranks': '秩',
    'step-train': '训练',
    'step-export': '合并与导出',
    primary: '当前页面的主要操作',
    pause: '暂停训练',
    continue: '继续训练',
    checkpoint: '立即保存检查点',
    stop: '停止并保留',
    tour: '开始导览',
    shortcuts: '键盘快捷键',
    diagnostics: '保存诊断信息…',
    about: '关于 SARA Studio',
  },
  roles: {
    undo: '撤销',
    redo: '重做',
    cut: '剪切',
    copy: '复制',
    paste: '粘贴',
    selectAll: '全选',
    reload: '重新载入窗口',
    zoomIn: '放大',
    zoomOut: '缩小',
    resetZoom: '实际大小',
    togglefullscreen: '全屏',
    toggleDevTools: '开发者工具',
    minimize: '最小化',
    close: '关闭窗口',
    quit: '退出',
    hide: '隐藏 SARA Studio',
    hideOthers: '隐藏其他',
    unhide: '全部显示',
  },
  titles: {
    file: '文件',
    edit: '编辑',
    view: '视图',
    run: '运行',
    window: '窗口',
    help: '帮助',
    recent: '最近打开',
    recentModels: '模型',
    recentData: '数据',
  },
  noRecent: '尚无内容',
  clearRecent: '清空列表',
  logs: '显示日志文件',
  licences: '查看许可证',
  dialogs: {
    modelFolder: '打开模型文件夹',
    gguf: '打开 GGUF 文件',
    weights: '查看权重文件',
    dataFile: '打开训练数据',
    dataFolder: '打开训练数据文件夹',
    settings: '导入运行的设置',
    output: '选择保存结果的文件夹',
    saveHere: '保存到这里',
    ggufFiles: 'GGUF 模型',
    weightFiles: '权重',
    dataFiles: '数据',
    settingsFiles: '运行的设置',
    allFiles: '所有文件',
  },
  close: {
    question: '有任务仍在运行。',
    answers: ['保持应用打开', '停止训练并保留', '取消并退出'],
  },
  ended: {
    done: { training: '训练完成', sweep: '扫描完成', study: '研究完成', export: '导出完成', other: '完成' },
    failed: {
      training: '训练提前结束',
      sweep: '扫描提前结束',
      study: '研究提前结束',
      export: '导出失败',
      other: '失败',
    },
  },
};

export const nativeTexts: Readonly<Record<Language, NativeTexts>> = { en, zh };
