/** What the documentation says of a setting. */
export interface SettingDocumentation {
  readonly name: string;
  readonly description: string;
  /** Shown instead of a default that depends on other settings. */
  readonly defaultNote?: string;
}

const documented: SettingDocumentation[] = [];

/** Documents a property of the settings class; its initialiser is the default. */
export function Setting(description: string, defaultNote?: string): PropertyDecorator {
  return (_target, property) => {
    documented.push({ name: String(property), description, defaultNote });
  };
}

/** Every documented setting, in the order of declaration. */
export function documentedSettings(): readonly SettingDocumentation[] {
  return documented;
}
