import type { ErrorTexts } from '../errorText.ts';

/** What each error means and what to do about it; the English wording is that of the table of codes. */
export const chineseErrors: ErrorTexts = {
  USAGE: { means: '命令或选项未知、缺失或超出范围。', remedy: '用 --help 运行该命令。' },
  FILE_NOT_FOUND: { means: '文件或文件夹不存在。', remedy: '请检查路径。' },
  FILE_UNREADABLE: { means: '文件或文件夹存在，但无法读取。', remedy: '请检查它的权限和所在的磁盘。' },
  SAFETENSORS_INVALID: { means: 'safetensors 文件的格式不正确。', remedy: '请重新下载或保存该文件。' },
  GGUF_INVALID: { means: 'GGUF 文件的格式不正确。', remedy: '请重新下载或转换该文件。' },
  CONFIG_INVALID: { means: '模型的 config.json 或分词器文件无效。', remedy: '请从模型的来源重新获取该文件。' },
  FAMILY_UNSUPPORTED: {
    means: '不支持训练这种架构的模型。',
    remedy: '请选择受支持架构的模型；这个模型的奇异值谱仍然可以分析。',
  },
  TENSOR_MISSING: {
    means: '模型文件中缺少该架构需要的张量。',
    remedy: '请检查下载是否完整，以及 config.json 是否属于这个模型。',
  },
  TENSOR_INVALID: { means: '张量的形状或类型不对，或含有非有限的值。', remedy: '请从来源重新获取模型文件。' },
  TOKENIZER_INVALID: { means: '分词器无效、不受支持，或与模型不匹配。', remedy: '请使用属于该模型的分词器文件。' },
  TEMPLATE_INVALID: { means: '无法渲染聊天模板。', remedy: '请为数据选择另一个模板。' },
  DATA_INVALID: { means: '数据文件中有无法使用的行。', remedy: '请修正所指出的行，或跳过它们。' },
  DATA_MAPPING: { means: '数据文件的列不符合任何已知的布局。', remedy: '请指明哪一列是提示、哪一列是回答。' },
  NOTHING_TO_LEARN: { means: '数据中没有计入损失的词元。', remedy: '请提供带有回答的行，或增大序列长度。' },
  END_NOT_LEARNT: {
    means: '数据中没有任何回答以计入损失的结束词元收尾，模型将永远学不会停止。',
    remedy: '如果回答被截断，请增大序列长度；或选择会结束每个回答的聊天模板。',
  },
  SETTINGS_INVALID: { means: '训练的某项设置超出范围，或与另一项矛盾。', remedy: '请更改所指出的设置。' },
  RUN_INVALID: { means: '训练文件夹已损坏，或不是训练文件夹。', remedy: '请选择另一次训练，或从更早的检查点继续。' },
  RUN_BUSY: { means: '另一个进程正在使用这次训练。', remedy: '请等它结束，或将它停止。' },
  CHECKPOINT_DAMAGED: { means: '检查点与其校验和不符。', remedy: '请从上一个检查点继续。' },
  TARGET_EXISTS: { means: '输出文件夹已存在且不为空。', remedy: '请选择另一个文件夹。' },
  NOT_MERGEABLE: {
    means: '适配器取决于输入，无法精确合并。',
    remedy: '请导出原生适配器，或接受冻结门控的合并。',
  },
  NON_FINITE: {
    means: '损失或梯度变为无穷大或非数值；训练停在最后的良好状态。',
    remedy: '请降低学习率，再从最后的检查点继续。',
  },
  VERIFICATION_FAILED: { means: '写出的文件不能重现内存中的模型。', remedy: '请再次导出；如果再次发生，请检查磁盘。' },
  DOWNLOAD_FAILED: { means: '从所有来源的下载都没有完成。', remedy: '请检查网络连接后重新开始；下载会接着进行。' },
  HUB_REFUSED: {
    means: 'Hugging Face Hub 拒绝了请求。',
    remedy: '请检查令牌、它的写入权限以及仓库名称。',
  },
  UPLOAD_FAILED: { means: '上传没有完成。', remedy: '请检查网络连接后重新开始；已送达的文件不会再次发送。' },
  TARGET_UNREACHABLE: {
    means: '无法连接到集群的控制面板。',
    remedy: '请检查它的地址、隧道和网络；集群上正在进行的工作会继续。',
  },
  TARGET_REFUSED: { means: '集群的控制面板拒绝了请求。', remedy: '请检查令牌以及消息中指出的内容。' },
  TARGET_UNFIT: {
    means: '集群缺少训练所需的某样东西。',
    remedy: '请按消息所说的排除问题；sara targets test 会显示每个节点。',
  },
  TRIAL_FAILED: {
    means: '集群上的一次训练无法完成。',
    remedy: '请排除消息中指出的问题后重新开始：它会从最后的检查点继续。',
  },
  DISK_FULL: { means: '磁盘上没有足够的可用空间。', remedy: '请释放空间，或选择另一个文件夹。' },
  NOT_WRITABLE: { means: '无法写入文件夹。', remedy: '请选择另一个文件夹，或更改它的权限。' },
  BACKEND_MISSING: {
    means: '缺少 TensorFlow 或其插件，或无法加载。',
    remedy: '请运行 npm run setup 并阅读它的最后一行。',
  },
  OUT_OF_MEMORY: { means: '内存不足。', remedy: '请减小批大小或序列长度，或打开激活检查点。' },
  ENGINE_STOPPED: { means: '引擎进程意外结束。', remedy: '请重新开始任务；训练会从最后的检查点继续。' },
  ENGINE_BUSY: { means: '引擎正在执行另一个任务。', remedy: '请等它结束，或将它停止。' },
  CANCELLED: { means: '任务已取消。', remedy: '需要时可以重新开始。' },
  FORBIDDEN: { means: '路径或请求超出了窗口可以使用的范围。', remedy: '请在对话框中选择文件或文件夹。' },
  INTERNAL: { means: 'SARA Studio 内部出错。', remedy: '请保存诊断信息并报告。' },
};
