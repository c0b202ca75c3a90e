export type View = 'home' | 'project' | 'runs' | 'studies' | 'sweeps' | 'chat' | 'inspect' | 'settings';

/** Which view the window shows. The step inside a project belongs to the project. */
export class Navigation {
  view = $state<View>('home');
  shortcutsOpen = $state(false);
  aboutOpen = $state(false);
  diagnosticsOpen = $state(false);

  go(view: View): void {
    this.view = view;
  }
}
