export const compress = {
  'compress.tab': 'Compress',
  'compress.lead':
    'What was learnt often needs a lower rank than it was trained with. Each adapter is cut where its own singular values reach a share of their energy, and the loss is measured again.',
  'compress.measure': 'Measure what a cut costs',
  'compress.cost': 'The held-out loss is measured {count} times. Nothing is changed.',
  'compress.measuring': 'Cutting and measuring at {count} shares of energy…',
  'compress.failed': 'The cuts could not be measured',
  'compress.map': 'Rank after the cut',
  'compress.slider': 'Share of energy that is kept',
  'compress.energy': '{energy} of the energy',
  'compress.cell': '{name}: rank {rank} instead of {before}, {kept} of its energy',
  'compress.size': 'Adapter',
  'compress.loss': 'Held-out loss',
  'compress.change': '{before} → {after}',
  'compress.keep': 'Keep {energy} as a new run',
  'compress.kept': 'Kept: the new run is in Runs.',
  'compress.keepFailed': 'The cut adapter could not be kept',
} as const;
