import { describe, expect, it } from 'vitest';
import { engineEnvironment } from '../../../src-main/host/engineEnvironment.ts';

describe('engineEnvironment', () => {
  it('passes what the engine needs to find files, proxies and the GPU, and nothing else', () => {
    const environment = engineEnvironment(
      {
        PATH: '/bin',
        Path: 'C:\\Windows',
        https_proxy: 'http://proxy',
        CUDA_VISIBLE_DEVICES: '1',
        ELECTRON_RUN_AS_NODE: '1',
        NODE_OPTIONS: '--inspect',
        LD_PRELOAD: '/tmp/evil.so',
        SECRET_TOKEN: 'x',
      },
      0,
    );
    expect(environment).toMatchObject({ PATH: '/bin', Path: 'C:\\Windows', https_proxy: 'http://proxy' });
    expect(environment).toHaveProperty('CUDA_VISIBLE_DEVICES', '1');
    for (const name of ['ELECTRON_RUN_AS_NODE', 'NODE_OPTIONS', 'LD_PRELOAD', 'SECRET_TOKEN']) {
      expect(environment).not.toHaveProperty(name);
    }
  });

  it('sets TensorFlow’s defaults, which the person’s own variables override', () => {
    expect(engineEnvironment({}, 0)).toMatchObject({ TF_ENABLE_ONEDNN_OPTS: '1' });
    expect(engineEnvironment({ TF_ENABLE_ONEDNN_OPTS: '0' }, 0)).toMatchObject({ TF_ENABLE_ONEDNN_OPTS: '0' });
  });

  it('sets the threads of the settings, and leaves them alone at 0', () => {
    expect(engineEnvironment({ OMP_NUM_THREADS: '8' }, 3)).toMatchObject({
      OMP_NUM_THREADS: '3',
      TF_NUM_INTRAOP_THREADS: '3',
    });
    expect(engineEnvironment({}, 0)).not.toHaveProperty('OMP_NUM_THREADS');
  });
});
